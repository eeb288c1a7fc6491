import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { randomSource } from "../testing/random_source.ts";
import { type Difference, largestOf, meanDifference, shareDifference, smallestOf } from "./mod.ts";

const TEST = { confidence: 0.95, power: 0.8 };
const column = (n: number, right: number) => Array.from({ length: n }, (_, i) => Number(i < right));

Deno.test("what is visible is found in four of five samples", () => {
  const random = randomSource(5);
  const [n, discordance] = [100, 0.3];
  const first = column(n, 0);
  const design = shareDifference(column(n, 30), first);
  const difference = design.visible(TEST)!;
  const rounds = 1000;
  const found = { share: 0, mean: 0 };
  for (let round = 0; round < rounds; round++) {
    const second = first.map(() => {
      const draw = random();
      if (draw >= discordance) return 0;
      return draw < (discordance + difference) / 2 ? 1 : -1;
    });
    const [plus, minus] = [1, -1].map((sign) => second.map((value) => Number(value === sign)));
    if (shareDifference(plus, minus).contrast(0.95).low > 0) found.share++;
    const mean = meanDifference(plus, minus);
    if (mean.contrast(0.95).low > 0) found.mean++;
    if (round === 0) assertAlmostEquals(mean.visible(TEST)!, difference, 0.03);
  }
  assert(found.share > 770 && found.share < 830, `${found.share} of ${rounds}`);
  assert(found.mean > 750 && found.mean < 860, `${found.mean} of ${rounds}`);
});

Deno.test("several differences show together less than one does", () => {
  const one = shareDifference(column(100, 60), column(100, 40));
  const both = smallestOf([one, one]);
  assert(both.visible(TEST)! > one.visible(TEST)!);
  assertEquals(both.visible({ ...TEST, power: 0.6 }), one.visible(TEST));
  assertEquals(largestOf([one, one]).visible(TEST), one.visible({ ...TEST, confidence: 0.975 }));
  const blind: Difference = shareDifference(column(3, 2), column(3, 1));
  assertEquals([blind, smallestOf([one, blind])].map(({ visible }) => visible(TEST)), [null, null]);
});
