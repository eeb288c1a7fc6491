import { assertEquals } from "@std/assert";
import { blocksOf } from "./ability_blocks.ts";
import { orderModels } from "./ability_rows.ts";

Deno.test("blocks: what labels and merge expressions say of the thirds", () => {
  const models = (label: string) => blocksOf(label)?.map(({ model }) => model).join(":");
  assertEquals(models("Base"), "Base:Base:Base");
  assertEquals(models("IN:RL:RL"), "IN:RL:RL");
  assertEquals(models("sft early 1/3 + rl middle 1/3 + base late 1/3 layers"), "IN:RL:Base");
  assertEquals(models("RL early 1/3 layers + coldstart late 2/3 layers"), "RL:IN:IN");
  assertEquals(models("sft early 2/3 + rl late 1/3"), "IN:IN:RL");
  assertEquals(models("final late 1/3 layers replaced by sft"), "RL:RL:IN");
  assertEquals(blocksOf("sft middle 1/3 layers interpolate rl alpha=0.25 component=mlp"), [
    { model: "IN" },
    { model: "IN", blend: { model: "RL", share: 0.25 } },
    { model: "IN" },
  ]);
  for (const [i, place] of ["early", "mid", "late"].entries()) {
    for (const label of [`frozen ${place}`, `AIcell/Frankenstein-RL-Frozen-${place}`]) {
      const blocks = blocksOf(label)!;
      assertEquals(blocks.map(({ model }) => model), ["RL", "RL", "RL"].with(i, "IN"));
      assertEquals(blocks.map(({ frozen }) => frozen === true), [0, 1, 2].map((at) => at === i));
    }
  }
});

Deno.test("blocks: nothing is drawn that a label does not say", () => {
  for (
    const label of [
      "gpt-4o-mini",
      "IN:RL",
      "IN:RL:RL:RL",
      "IN:XX:RL",
      "MMR1/MMR1-7B-RL early 1/3 + sft late 2/3 layers",
      "rl layers 9-17 replaced by sft",
      "rl late 1/3 layers ablate noise=0.2",
      "sft late 1/3 layers replaced by frozen-rl",
      "sft early 1/4 + rl late 3/4 layers",
      "",
    ]
  ) assertEquals(blocksOf(label), undefined, label);
});

Deno.test("models: a triple, splices, frozen ones, then others as they come", () => {
  const ordered = [
    ...["Base", "IN", "RL", "IN:RL:RL", "RL:IN:IN", "IN:IN:RL", "RL:RL:IN", "IN:RL:IN"],
    ...["RL:IN:RL", "frozen early", "frozen mid", "frozen late"],
  ];
  assertEquals(orderModels(["z", ...ordered.toReversed(), "a", "RL"]), [...ordered, "z", "a"]);
});
