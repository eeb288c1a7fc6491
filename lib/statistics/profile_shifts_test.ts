import { assert, assertEquals, assertThrows } from "@std/assert";
import { randomSource } from "../testing/random_source.ts";
import { shiftTest } from "./profile_shifts.ts";

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const lateLead = (profile: readonly number[]) => {
  const cut = Math.floor(2 * profile.length / 3);
  return mean(profile.slice(cut)) - mean(profile.slice(0, cut));
};

Deno.test("a step is found where it is, and only there", () => {
  const step = Array.from({ length: 30 }, (_, layer) => layer < 20 ? 0 : 1);
  assertEquals(shiftTest(step, lateLead), 1 / 60);
  assert(shiftTest([...step.slice(15), ...step.slice(0, 15)], lateLead) > 0.05);
  assert(shiftTest(step.toReversed(), lateLead) > 0.5);
  assertEquals(shiftTest(step.map(() => 2), lateLead), 1);
});

Deno.test("on smooth profiles without structure it seldom finds one", () => {
  const random = randomSource(3);
  // Sums of 12 are normal enough.
  const noise = () => Array.from({ length: 12 }, random).reduce((a, b) => a + b) - 6;
  const rounds = 600;
  let found = 0;
  for (let round = 0; round < rounds; round++) {
    const smooth = [noise()];
    while (smooth.length < 28) smooth.push(0.9 * smooth.at(-1)! + Math.sqrt(0.19) * noise());
    if (shiftTest(smooth, lateLead) <= 0.05) found++;
  }
  // At 5 % more than 45 of 600 have a chance below 1 %.
  assert(found > 0 && found <= 45, `${found} of ${rounds}`);
});

Deno.test("a profile of no layers is refused", () => {
  assertThrows(() => shiftTest([], () => 0), RangeError);
});
