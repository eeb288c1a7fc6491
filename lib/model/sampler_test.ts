import { assert, assertEquals, assertThrows } from "@std/assert";
import { createSampler, type DrawingRules } from "./sampler.ts";

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

Deno.test("only the likeliest are drawn: by number, by probability together, by share", () => {
  // Probabilities 0.05, 0.5, 0.15, 0.3 at temperature 1.
  const some = Float32Array.from([0.05, 0.5, 0.15, 0.3], Math.log);
  const drawn = (rules: DrawingRules) => {
    const draw = createSampler(1, { seed: 9, ...rules });
    return [...new Set(Array.from({ length: 400 }, () => draw(some)))].sort();
  };
  const cases: [DrawingRules, number[]][] = [
    [{}, [0, 1, 2, 3]],
    [{ top_k: 50 }, [0, 1, 2, 3]],
    [{ top_k: 3 }, [1, 2, 3]],
    [{ top_k: 1 }, [1]],
    [{ top_p: 0.49 }, [1]],
    [{ top_p: 0.51 }, [1, 3]],
    [{ top_p: 0.9 }, [1, 2, 3]],
    [{ min_p: 0.2 }, [1, 2, 3]],
    [{ min_p: 0.5 }, [1, 3]],
    // What is left of the three likeliest: 0.53, 0.32, 0.16.
    [{ top_k: 3, top_p: 0.84 }, [1, 3]],
  ];
  for (const [rules, kept] of cases) assertEquals(drawn(rules), kept, JSON.stringify(rules));
  // Equals stay together, as in transformers.
  const draw = createSampler(1, { top_k: 1 });
  const equal = new Set(Array.from({ length: 100 }, () => draw(logits)));
  assertEquals([...equal].sort(), [1, 3]);
});

Deno.test("a row's draws depend on the seed and its number alone", () => {
  const draws = (seed: number, row: number) => {
    const draw = createSampler(1, { seed, row });
    return Array.from({ length: 40 }, () => draw(logits)).join("");
  };
  assertEquals(draws(1, 2), draws(1, 2));
  assert(new Set([draws(1, 2), draws(2, 1), draws(1, 3), draws(0, 0)]).size === 4);
});

Deno.test("a temperature or a seed that is none is refused", () => {
  for (const seed of [0.5, -1, NaN, 2 ** 32]) {
    assertThrows(() => createSampler(0, { seed }), RangeError, `seed ${seed}`);
  }
  for (const temperature of [-1, NaN, Infinity]) {
    assertThrows(() => createSampler(temperature), RangeError, `temperature ${temperature}`);
  }
});
