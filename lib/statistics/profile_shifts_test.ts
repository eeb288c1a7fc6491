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
  assertEquals(shiftTest(step, lateLead), 1 / 30);
  assertEquals(shiftTest([...step.slice(15), ...step.slice(0, 15)], lateLead) > 0.05, true);
  assertEquals(shiftTest(step.map(() => 2), lateLead), 1);
});

Deno.test("on circular profiles without structure its p-values are fair", () => {
  const random = randomSource(3);
  const layers = 28;
  let found = 0;
  for (let round = 0; round < 400; round++) {
    // A moving sum of noise on a circle: as smooth across its ends as elsewhere.
    const noise = Array.from({ length: layers }, () => random() - 0.5);
    const smooth = noise.map((_, i) =>
      mean(Array.from({ length: 8 }, (_, k) => noise[(i + k) % layers]))
    );
    if (shiftTest(smooth, lateLead) <= 0.05) found++;
  }
  // One shift of 28 may be as large: 3.6 %; 26 of 400 and more have a chance below 1 %.
  assert(found >= 4 && found < 26, `${found} of 400`);
});

Deno.test("a profile of no layers is refused", () => {
  assertThrows(() => shiftTest([], () => 0), RangeError);
});
