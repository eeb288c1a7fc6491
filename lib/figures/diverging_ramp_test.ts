import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { divergingRamp, inkOn } from "./diverging_ramp.ts";

Deno.test("ramp: every value gets the colour of the nearest legend value, none is cut off", () => {
  const value = fc.tuple(
    fc.double({ min: -9.99, max: 9.99, noNaN: true }),
    fc.integer({ min: -12, max: 9 }),
  ).map(([mantissa, exponent]) => mantissa * 10 ** exponent);
  fc.assert(fc.property(fc.array(value, { minLength: 1, maxLength: 12 }), (values) => {
    const { step, entries, colorOf, format } = divergingRamp(values, "RdBu");
    assertEquals(entries.length, 9);
    for (const drawn of values) {
      const { value: named } = entries.find(({ color }) => color === colorOf(drawn))!;
      assert(Math.abs(named - drawn) <= step * 0.5000001, `${drawn} is drawn as ${named}`);
    }
    // No wider than needed: the largest value gets a colour of the outer half.
    const largest = Math.max(...values.map(Math.abs));
    if (largest > 1e-9) assert(largest >= step * 2.5, `step ${step} for ${largest}`);
    const labels = entries.map((entry) => format(entry.value));
    assertEquals(
      labels.map((label) => Number(label.replace("−", "-"))),
      entries.map((e) => e.value),
    );
  }));
});

Deno.test("ramp: light in the middle, darker and of another hue on either side", () => {
  const channels = (color: string) => [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16));
  const light = (color: string) => channels(color).reduce((sum, value) => sum + value, 0);
  const expected = { PuOr: ["blue", "red"], RdBu: ["red", "blue"] } as const;
  for (const scheme of ["PuOr", "RdBu"] as const) {
    const colors = divergingRamp([1], scheme).entries.map(({ color }) => color);
    for (let i = 0; i < 4; i++) {
      assert(light(colors[i]) < light(colors[i + 1]), `${scheme} ${i}`);
      assert(light(colors[8 - i]) < light(colors[7 - i]), `${scheme} ${8 - i}`);
    }
    const hues = [colors[1], colors[7]].map((color) => {
      const [red, , blue] = channels(color);
      return red > blue ? "red" : "blue";
    });
    assertEquals(hues, [...expected[scheme]]);
  }
});

Deno.test("ramp: values print with as many decimals as the step has", () => {
  const { format } = divergingRamp([0.6], "PuOr");
  assertEquals([0.449, -0.449, 0, -0.001].map(format), ["0.45", "−0.45", "0.00", "0.00"]);
  assertEquals(divergingRamp([], "PuOr").format(-3), "−3");
});

Deno.test("ink on a colour has a contrast of at least 4.5 on every colour of the ramps", () => {
  const luminance = (color: string) => {
    const [r, g, b] = [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16) / 255)
      .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  for (const scheme of ["PuOr", "RdBu"] as const) {
    for (const { color } of divergingRamp([1], scheme).entries) {
      const [a, b] = [luminance(color), luminance(inkOn(color))];
      const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      assert(contrast >= 4.5, `${color}: ${contrast}`);
    }
  }
});
