import { assertEquals } from "@std/assert";
import { formatRanges, seriesNotes, shortNumber } from "./notes.ts";

Deno.test("ranges: runs of three and more are shortened", () => {
  assertEquals(formatRanges([5, 1, 2, 3, 3, -2, -1]), "−2, −1, 1 to 3, 5");
  assertEquals(formatRanges([]), "");
});

Deno.test("notes of any series stand in the order given", () => {
  const all = ["b", "a"].flatMap((series) => [0, 1, 2].map((layer) => ({ series, layer })));
  const points = all.filter(({ series, layer }) => series === "a" ? layer !== 1 : true);
  assertEquals(
    seriesNotes(points, {
      all,
      order: ["a", "b", "c"],
      reason: "empty",
      consequence: "drawn at 0",
    }),
    ["a: empty at layer 0, 2; drawn at 0.", "b: empty in every layer; drawn at 0."],
  );
  assertEquals(seriesNotes([], { all, order: ["a"], reason: "empty" }), []);
});

Deno.test("numbers in text have three digits", () => {
  const values = [0, 1234.5, 0.013245, -0.5, 4.2e-5, 7e8];
  assertEquals(values.map(shortNumber), ["0", "1230", "0.0132", "−0.5", "4.2×10⁻⁵", "7.0×10⁸"]);
});
