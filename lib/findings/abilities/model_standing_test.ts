import { assertEquals } from "@std/assert";
import { PAPER_SPLICES, parseMergeExpression, REST_SPLICES } from "../../merging/mod.ts";
import { frozenStanding, mergeStanding, OTHER_STANDING, roleStanding } from "./model_standing.ts";

const merge = (text: string) => mergeStanding(parseMergeExpression(text, { names: ["frozen-rl"] }));

Deno.test("thirds: what a parsed merge says of them", () => {
  const thirds = (text: string) => merge(text).thirds;
  assertEquals(thirds("sft early 1/3 + rl middle 1/3 + base late 1/3 layers"), "IN, RL, Base");
  assertEquals(thirds("RL early 1/3 layers + coldstart late 2/3 layers"), "RL, IN, IN");
  assertEquals(thirds("sft early 2/3 + rl late 1/3"), "IN, IN, RL");
  assertEquals(thirds("final late 1/3 layers replaced by sft"), "RL, RL, IN");
  assertEquals(thirds("rl all layers replaced by sft"), "IN, IN, IN");
  assertEquals(
    thirds("sft middle 1/3 layers interpolate rl alpha=0.25 component=mlp"),
    "IN, IN + 0.25 RL, IN",
  );
  for (
    const unsaid of [
      "MMR1/MMR1-7B-RL early 1/3 + sft late 2/3 layers",
      "rl layers 9-17 replaced by sft",
      "rl late 1/3 layers ablate noise=0.2",
      "sft late 1/3 layers replaced by frozen-rl",
    ]
  ) assertEquals(merge(unsaid), OTHER_STANDING, unsaid);
});

Deno.test("thirds: a role has its own, a frozen model IN's where it is frozen", () => {
  assertEquals(roleStanding("sft"), { group: "triple", place: 1, thirds: "IN, IN, IN" });
  assertEquals(frozenStanding("middle"), {
    group: "frozen",
    place: 201,
    thirds: "RL, IN (frozen), RL",
  });
});

Deno.test("places: a triple, splices, frozen ones, then others", () => {
  const splices = [...PAPER_SPLICES, ...REST_SPLICES].map(({ expression }) => merge(expression));
  const all = [
    ...(["base", "sft", "rl"] as const).map(roleStanding),
    ...splices,
    ...(["early", "middle", "late"] as const).map(frozenStanding),
    OTHER_STANDING,
  ].map(({ place }) => place);
  assertEquals(all, all.toSorted((a, b) => a - b));
  assertEquals(new Set(all).size, all.length);
  assertEquals(new Set(splices.map(({ group }) => group)), new Set(["splice"]));
});
