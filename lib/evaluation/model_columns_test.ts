import { assertEquals } from "@std/assert";
import { modelColumns } from "./model_columns.ts";

const thirds = (label: string) => modelColumns(label).thirds;

Deno.test("thirds: what labels and merge expressions say of them", () => {
  assertEquals(thirds("Base"), "Base, Base, Base");
  assertEquals(thirds("IN:RL:RL"), "IN, RL, RL");
  assertEquals(thirds("sft early 1/3 + rl middle 1/3 + base late 1/3 layers"), "IN, RL, Base");
  assertEquals(thirds("RL early 1/3 layers + coldstart late 2/3 layers"), "RL, IN, IN");
  assertEquals(thirds("sft early 2/3 + rl late 1/3"), "IN, IN, RL");
  assertEquals(thirds("final late 1/3 layers replaced by sft"), "RL, RL, IN");
  assertEquals(thirds("rl all layers replaced by sft"), "IN, IN, IN");
  assertEquals(thirds("IN:IN:IN, rest RL"), "IN, IN, IN");
  assertEquals(
    thirds("sft middle 1/3 layers interpolate rl alpha=0.25 component=mlp"),
    "IN, IN + 0.25 RL, IN",
  );
  for (const [i, place] of ["early", "mid", "late"].entries()) {
    for (const label of [`frozen ${place}`, `AIcell/Frankenstein-RL-Frozen-${place}`]) {
      assertEquals(thirds(label), ["RL", "RL", "RL"].with(i, "IN (frozen)").join(", "));
    }
  }
});

Deno.test("thirds: the name says them where the label does not", () => {
  const name = "sft late 1/3 layers interpolate rl alpha=0.25";
  assertEquals(modelColumns("IN, late: 25 % RL", name).thirds, "IN, IN, IN + 0.25 RL");
});

Deno.test("thirds: nothing is said that a label does not say", () => {
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
  ) assertEquals(thirds(label), null, label);
});

Deno.test("places: a triple, splices, frozen ones, then others as they come", () => {
  const ordered = [
    ...["Base", "IN", "RL", "IN:RL:RL", "RL:IN:IN", "IN:IN:RL", "RL:RL:IN", "IN:RL:IN"],
    ...[
      "RL:IN:RL",
      "RL:IN:IN, rest IN",
      "IN:RL:RL, rest RL",
      "IN:IN:IN, rest RL",
      "frozen early",
      "frozen mid",
      "frozen late",
    ],
  ];
  const place = (label: string) => modelColumns(label).place;
  const sorted = ["z", ...ordered.toReversed(), "a"].sort((a, b) => place(a) - place(b));
  assertEquals(sorted, [...ordered, "z", "a"]);
});
