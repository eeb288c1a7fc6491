import { assert, assertEquals } from "@std/assert";
import { DOORS, fuzz } from "./fuzz.ts";
import { drawFrom, mutateBytes, mutateJson, mutateLines } from "./mutate.ts";

Deno.test("damaged inputs end in a clean result or a typed error of one line", async () => {
  const { counts, faults } = await fuzz({ cases: 200, seed: 1 });
  assertEquals(faults.map(({ kind, index, message }) => `${kind} ${index}: ${message}`), []);
  assertEquals(counts.map(({ kind }) => kind), Object.keys(DOORS));
  // Damage is neither nothing nor everything: some inputs are still whole, most are not.
  for (const { kind, clean, refused } of counts) {
    assert(clean >= 5 && refused >= 50, `${kind}: ${clean} clean, ${refused} refused`);
  }
});

Deno.test("a case follows from its seed, and different ones differ", () => {
  const value = { a: [1, 2], b: { c: "x" } };
  const made = (seed: number) => mutateJson(value, drawFrom(seed));
  assertEquals(made(7), made(7));
  assert(new Set(Array.from({ length: 200 }, (_, seed) => made(seed))).size > 100);
  assertEquals(value, { a: [1, 2], b: { c: "x" } });
});

Deno.test("damage keeps keys doubled, numbers huge, nesting deep and bytes bad as text", () => {
  const cases = Array.from(
    { length: 3000 },
    (_, seed) => mutateJson({ a: 1, b: 2 }, drawFrom(seed)),
  );
  for (const text of ['"a":1,"b":2,"a":', "1e400", "[[[[[[", '"\\u0000"', "__proto__", "NaN"]) {
    assert(cases.some((made) => made.includes(text)), text);
  }
  const bytes = new TextEncoder().encode('{"a": 1}\n{"a": 2}\n');
  const damaged = Array.from({ length: 300 }, (_, seed) => mutateBytes(bytes, drawFrom(seed)));
  assert(damaged.some((made) => made.includes(0xff)) && damaged.some((made) => made.includes(0)));
  const lines = Array.from(
    { length: 300 },
    (_, seed) => new TextDecoder().decode(mutateLines('{"a": 1}\n{"a": 2}\n', drawFrom(seed))),
  );
  assert(lines.some((made) => made.includes('{"a": 1}\n{"a": 1}')));
});
