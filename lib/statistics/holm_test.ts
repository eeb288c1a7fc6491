import { assertAlmostEquals, assertEquals } from "@std/assert";
import { randomSource } from "../testing/random_source.ts";
import { holm } from "./holm.ts";

Deno.test("Holm's correction is the closure of Bonferroni's", () => {
  const random = randomSource(1);
  for (let round = 0; round < 50; round++) {
    const pValues = Array.from({ length: 1 + round % 6 }, () => Math.round(random() * 20) / 100);
    // A statement is believed if every set of statements that it is in is, corrected for its size.
    const closed = pValues.map((_, i) => {
      let largest = 0;
      for (let set = 0; set < 2 ** pValues.length; set++) {
        if (!(set >> i & 1)) continue;
        const own = pValues.filter((_, j) => set >> j & 1);
        largest = Math.max(largest, Math.min(1, own.length * Math.min(...own)));
      }
      return largest;
    });
    holm(pValues).forEach((p, i) => assertAlmostEquals(p, closed[i], 1e-12));
  }
  assertEquals(holm([]), []);
});
