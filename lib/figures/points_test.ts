import { assertEquals } from "@std/assert";
import { excludesZero, peakLayers, peakOf, pointsOf } from "./points.ts";
import { shortPercentText, shortPointsText } from "../number_format.ts";

const point = (x: number, value: number) => ({ x, value, low: null, high: null });

Deno.test("points: scaled, without those that are missing, intervals may lack", () => {
  const rows = [
    { layer: 0, a: 0.5, low: 0.25, high: 1 },
    { layer: 1, a: null, low: 0, high: 0 },
    { layer: 2, a: 0, low: null, high: 0.5 },
  ];
  assertEquals(pointsOf(rows, { x: "layer", value: "a", low: "low", high: "high" }, 100), [
    { x: 0, value: 50, low: 25, high: 100 },
    { x: 2, value: 0, low: null, high: 50 },
  ]);
});

Deno.test("an interval that touches zero or lacks an end does not exclude it", () => {
  const ends: [number | null, number | null][] = [
    [0.1, 1],
    [-1, -0.1],
    [0, 1],
    [-1, 0],
    [-1, 1],
    [null, -1],
    [1, null],
  ];
  assertEquals(
    ends.map(([low, high]) => excludesZero({ low, high })),
    [true, true, false, false, false, false, false],
  );
});

Deno.test("peaks: the first of equal ones, all of them in words, none of zeros", () => {
  const points = [point(0, 1), point(2, 3), point(3, 3), point(7, 3)];
  assertEquals(peakOf(points)?.x, 2);
  assertEquals(peakLayers(points), "layers 2, 3, 7");
  assertEquals(peakLayers(points.slice(0, 2)), "layer 2");
  assertEquals([peakOf([]), peakOf([point(0, 0), point(1, 0)])], [undefined, undefined]);
});

Deno.test("percentages and differences in words", () => {
  assertEquals([0, 0.0123, 0.1, 4.25, 62.4, 100].map(shortPercentText), [
    "0 %",
    "0.012 %",
    "0.1 %",
    "4.3 %",
    "62 %",
    "100 %",
  ]);
  assertEquals([22, -9.96, 0, -0.5].map(shortPointsText), [
    "+22 points",
    "−10.0 points",
    "0 points",
    "−0.5 points",
  ]);
});
