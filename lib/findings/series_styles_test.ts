import { assert, assertEquals } from "@std/assert";
import { TEXT_STYLES } from "./attention/shift_figure.ts";
import { MODEL_STYLES, PHASE_STYLES } from "./series_styles.ts";
import { CHANGE_STYLES } from "./vision/figure.ts";

/** Colour vision deficiencies of full severity, on linear RGB (Machado, Oliveira, Fernandes 2009). */
const VISIONS: Record<string, number[][]> = {
  normal: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
};

/** CIE L*a*b* (D65) of a colour as somebody with that vision sees it. */
function labOf(color: string, vision: number[][]): number[] {
  const linear = [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16) / 255)
    .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  const seen = vision.map((row) =>
    Math.min(1, Math.max(0, row.reduce((sum, weight, i) => sum + weight * linear[i], 0)))
  );
  const toXyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]];
  const white = [0.9505, 1, 1.089];
  const [x, y, z] = toXyz.map((row, i) => {
    const value = row.reduce((sum, weight, j) => sum + weight * seen[j], 0) / white[i];
    return value > 216 / 24389 ? Math.cbrt(value) : (value * 24389 / 27 + 16) / 116;
  });
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

for (const [name, styles] of Object.entries({ CHANGE_STYLES, MODEL_STYLES, TEXT_STYLES })) {
  Deno.test(`${name}: colours, markers and dashes each tell the lines apart`, () => {
    const all = Object.values(styles);
    assertEquals(new Set(all.map(({ marker }) => marker)).size, all.length);
    assertEquals(
      new Set(all.map((style) => "dash" in style ? style.dash : undefined)).size,
      all.length,
    );
    for (const [vision, matrix] of Object.entries(VISIONS)) {
      for (const [i, a] of all.entries()) {
        for (const b of all.slice(i + 1)) {
          const [p, q] = [labOf(a.color, matrix), labOf(b.color, matrix)];
          const distance = Math.hypot(...p.map((value, k) => value - q[k]));
          // About ten times what is just noticed.
          assert(distance > 20, `${a.label} and ${b.label}, ${vision}: ${distance}`);
        }
      }
    }
  });
}

Deno.test("IN and RL look as their phases do, Base is grey", () => {
  for (const phase of ["IN", "RL"] as const) {
    const { color, marker, dash } = PHASE_STYLES[phase];
    assertEquals({ ...MODEL_STYLES[phase] }.color, color);
    assertEquals([MODEL_STYLES[phase].marker, MODEL_STYLES[phase].dash], [marker, dash]);
  }
  const { color } = MODEL_STYLES.Base;
  assertEquals(new Set([color.slice(1, 3), color.slice(3, 5), color.slice(5)]).size, 1);
});
