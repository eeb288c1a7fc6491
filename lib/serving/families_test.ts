import { assertEquals } from "@std/assert";
import type { ModelPlan } from "../model/mod.ts";
import { familiesOf, relatedFamilies } from "./families.ts";

/** Plans are told apart by their objects alone. */
function planned(name: string, checkpoint: object, layers: object[]) {
  return { name, plan: { checkpoint, layers } as unknown as ModelPlan };
}

const [a, b, c, d] = ["a", "b", "c", "d"].map((name) => ({
  checkpoint: { name },
  layers: [{ name, layer: 0 }, { name, layer: 1 }],
}));
const names = (families: { name: string }[][]) =>
  families.map((family) => family.map(({ name }) => name));

Deno.test("a family has one checkpoint but for its layers", () => {
  const models = [
    planned("a", a.checkpoint, a.layers),
    planned("b", b.checkpoint, b.layers),
    planned("ab", a.checkpoint, [a.layers[0], b.layers[1]]),
  ];
  assertEquals(names(familiesOf(models)), [["a", "ab"], ["b"]]);
});

Deno.test("families that share layers, even through others, are opened together", () => {
  const families = [
    [planned("a", a.checkpoint, a.layers)],
    [planned("b", b.checkpoint, b.layers)],
    [planned("c", c.checkpoint, c.layers)],
    [planned("db", d.checkpoint, [d.layers[0], b.layers[1]])],
    [planned("ac", { name: "e" }, [a.layers[0], c.layers[1]])],
  ];
  assertEquals(relatedFamilies(families).map(names), [
    [["a"], ["c"], ["ac"]],
    [["b"], ["db"]],
  ]);
});
