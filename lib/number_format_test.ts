import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { byteText, decimalText, numberFormat, percentText, signedText } from "./number_format.ts";

Deno.test("a real minus, a sign for a change, and none for what rounds to zero", () => {
  assertEquals([3, -3, -0.04, 0.04].map((value) => decimalText(value, 1)), [
    "3.0",
    "−3.0",
    "0.0",
    "0.0",
  ]);
  assertEquals([3, -3, -0.04, 0.04].map((value) => signedText(value, 1)), [
    "+3.0",
    "−3.0",
    "0.0",
    "0.0",
  ]);
  assertEquals([percentText(0.7204), percentText(1, 0)], ["72.0 %", "100 %"]);
  assertEquals([byteText(34.2e6), byteText(16.6e9)], ["34.2 MB", "16.6 GB"]);
});

Deno.test("number format: whole numbers, decimals, scientific", () => {
  const cases: [number[], string[]][] = [
    [[1, -20, 0], ["1", "−20", "0"]],
    [[0.5717, 0.05], ["0.5717", "0.0500"]],
    [[1234.5, 2], ["1234.5", "2.0"]],
    [[0.34, 0.29, 1, 0.07], ["0.34", "0.29", "1.00", "0.07"]],
    [[0.5, -0.125], ["0.500", "−0.125"]],
    [[100, 0.0021], ["100.0000", "0.0021"]],
    [[5e-7, 1e-3], ["5.000e−7", "1.000e−3"]],
    [[15e6, 0], ["15000000", "0"]],
    [[15e6 + 0.5, 0], ["1.500e7", "0"]],
    [[NaN, -Infinity, 1], ["NaN", "−inf", "1"]],
    [[-0], ["0"]],
    [[], []],
  ];
  for (const [values, texts] of cases) assertEquals(values.map(numberFormat(values)), texts);
});

Deno.test("number format: two digits at least of every number of a column", () => {
  const number = fc.double({ min: 1e-9, max: 1e12, noNaN: true });
  fc.assert(fc.property(fc.array(number, { minLength: 1 }), (values) => {
    const format = numberFormat(values);
    // Two significant digits: off by at most half of the second.
    for (const value of values) {
      assert(
        Math.abs(Number(format(value).replaceAll("−", "-")) - value) <= 0.051 * value,
        `${format(value)}: ${value}`,
      );
    }
  }));
});
