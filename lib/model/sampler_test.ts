import { assert, assertEquals, assertThrows } from "@std/assert";
import { createSampler } from "./sampler.ts";

const logits = Float32Array.from([1, 3, 2, 3]);

Deno.test("temperature 0 takes the first of the largest", () => {
  assertEquals(createSampler(0)(logits), 1);
});

Deno.test("draws come as often as softmax says", () => {
  const draw = createSampler(2, { seed: 5 });
  const counts = [0, 0, 0, 0];
  const total = 20000;
  for (let i = 0; i < total; i++) counts[draw(logits)]++;
  const weights = Array.from(logits, (logit) => Math.exp(logit / 2));
  const sum = weights.reduce((a, b) => a + b);
  // Chi-squared of 3 degrees of freedom: above 16.3 once in a thousand seeds.
  const chi = counts.reduce((total_, count, i) => {
    const expected = total * weights[i] / sum;
    return total_ + (count - expected) ** 2 / expected;
  }, 0);
  assert(chi < 16.3, `chi squared ${chi}, counts ${counts}`);
});

Deno.test("a row's draws depend on the seed and its number alone", () => {
  const draws = (seed: number, row: number) => {
    const draw = createSampler(1, { seed, row });
    return Array.from({ length: 40 }, () => draw(logits)).join("");
  };
  assertEquals(draws(1, 2), draws(1, 2));
  assert(new Set([draws(1, 2), draws(2, 1), draws(1, 3), draws(0, 0)]).size === 4);
});

Deno.test("a temperature that is no temperature is refused", () => {
  for (const temperature of [-1, NaN, Infinity]) {
    assertThrows(() => createSampler(temperature), RangeError, `temperature ${temperature}`);
  }
});
