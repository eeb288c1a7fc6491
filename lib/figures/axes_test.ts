import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { integerTicks, linearScale, logScale, powerOfTen } from "./axes.ts";

const magnitude = fc.tuple(
  fc.double({ min: 1, max: 9.99, noNaN: true }),
  fc.integer({ min: -12, max: 12 }),
)
  .map(([mantissa, exponent]) => Number(`${mantissa}e${exponent}`));

Deno.test("axes hold their data, have 2 to 9 ticks inside, and labels that differ and say the tick", () => {
  fc.assert(fc.property(fc.array(magnitude, { minLength: 1, maxLength: 20 }), (values) => {
    // Some data are equal but for rounding.
    if (values.length % 5 === 0) values = values.map((_, i) => values[0] * (1 + i * 2e-16));
    if (values.length % 5 === 1) values = values.map((_, i) => values[0] * (1 + i * 1e-5));

    const scales = [
      linearScale(values, { zero: true }),
      linearScale(values, { zero: false }),
      linearScale(values.map((value) => -value), { zero: false }),
      logScale(values),
    ];
    for (const [i, { domain, ticks, format, unit }] of scales.entries()) {
      const [low, high] = domain;
      for (const value of values) {
        const drawn = i === 2 ? -value : value;
        assert(drawn >= low && drawn <= high, `${drawn} is outside ${domain}`);
      }
      assert(ticks.length >= 2 && ticks.length <= 9, `ticks ${ticks}`);
      assert(ticks.every((tick) => tick >= low && tick <= high), `ticks ${ticks} of ${domain}`);
      const labels = ticks.map(format);
      assertEquals(new Set(labels).size, ticks.length, `${labels}`);
      const factor = readLabel(unit.replace(/[ ()]/g, "") || "1");
      for (const [j, tick] of ticks.entries()) {
        const read = readLabel(labels[j]) * factor;
        assert(Math.abs(read - tick) <= 1e-6 * Math.abs(tick), `${labels[j]}${unit} for ${tick}`);
        assert(labels[j].length <= 7, `label ${labels[j]} is long`);
      }
    }
  }));
});

/** The number that a label such as "−0.5", "10⁻³", "2×10⁴" or "×10⁵" says. */
function readLabel(label: string): number {
  const plain = label.replace("−", "-")
    .replace(
      /[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+/,
      (digits) =>
        "e" + [...digits].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹".indexOf(digit)).join("").replace("-1", "-"),
    )
    .replace("10e", "1e");
  return plain.includes("×")
    ? Number(plain.replace(/^(.*)×1e/, (_, m) => `${m || 1}e`))
    : Number(plain);
}

Deno.test("axes of no data or of zeros are still axes", () => {
  for (const values of [[], [0], [0, 0]]) {
    assertEquals(linearScale(values, { zero: true }).domain[0], 0);
    assertEquals(linearScale(values, { zero: true }).domain[1] > 0.9, true);
    assert(logScale(values).domain[0] > 0);
  }
  assertEquals(logScale([0, -3, 5]).domain, logScale([5]).domain);
});

Deno.test("ticks of a layer axis are whole numbers", () => {
  assertEquals(integerTicks(0.5, 1.5, 10), [1]);
  assertEquals(integerTicks(-6.5, 12.5, 8), [-5, 0, 5, 10]);
  assertEquals(integerTicks(0.5, 3.5, 16), [1, 2, 3]);
});

Deno.test("powers of ten in superscript", () => {
  assertEquals([-12, -3, 0, 45].map(powerOfTen), ["10⁻¹²", "10⁻³", "10⁰", "10⁴⁵"]);
});
