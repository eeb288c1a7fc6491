import { assertEquals, assertRejects, assertStrictEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PAPER_SPLICES } from "../merging/mod.ts";
import { type GenerationConfig, statedRules } from "../model/mod.ts";
import { tinyFolder } from "../testing/tiny_model.ts";
import { withTempFolder } from "../testing/temp_folder.ts";
import { AbilityModels, type OpenAbilityModelsOptions } from "./ability_models.ts";
import { readRecipe } from "./recipe.ts";
import { MadeEvaluator } from "../findings/abilities/testdata/made_models.ts";

const { models: MODELS, variants: VARIANTS, kinds: KINDS, frozen: FROZEN } = readRecipe("tiny");

function open(names: readonly string[], more: Partial<OpenAbilityModelsOptions> = {}) {
  const named = { ...VARIANTS, ...MODELS };
  return AbilityModels.open(names, { named, kinds: KINDS, frozen: FROZEN, ...more });
}

Deno.test("roles, variants, folders and splices have names, labels and kinds", async () => {
  await using opened = await open([
    "Base",
    "coldstart",
    "final",
    "rl-frozen-mid",
    ...PAPER_SPLICES.slice(0, 2).map(({ expression }) => expression),
    "rl layers 2-3 ablate noise=0.5",
    "Base middle 1/3 layers replaced by rl",
  ]);
  assertEquals(opened.models.map(({ name, label, kind }) => [name, label, kind]), [
    ["dataset/tiny/checkpoints/base", "Base", "base"],
    ["dataset/tiny/checkpoints/in", "IN", "reasoner"],
    ["dataset/tiny/checkpoints/rl", "RL", "reasoner"],
    ["dataset/tiny/checkpoints/rl-frozen-mid", "frozen mid", "reasoner"],
    ["sft early 1/3 + rl middle 1/3 + rl late 1/3 layers", "IN:RL:RL", "reasoner"],
    ["rl early 1/3 + sft middle 1/3 + sft late 1/3 layers", "RL:IN:IN", "reasoner"],
    ["rl layers 2-3 ablate noise=0.5", "RL, layers 2 to 3: 50 % noise", "reasoner"],
    ["base middle 1/3 layers replaced by rl", "Base, middle: RL", "base"],
  ]);
  assertEquals(opened.models.map(({ place, thirds }) => [place, thirds]), [
    [0, "Base, Base, Base"],
    [1, "IN, IN, IN"],
    [2, "RL, RL, RL"],
    [201, "RL, IN (frozen), RL"],
    [100, "IN, RL, RL"],
    [101, "RL, IN, IN"],
    [300, null],
    [300, "Base, RL, Base"],
  ]);
  const [, sft, rl, , spliced] = opened.models.map(({ plan }) => plan!);
  // A splice is its parents' layers, so that all run over the same sessions.
  assertStrictEquals(spliced.checkpoint, sft.checkpoint);
  spliced.layers.forEach((layer, i) => assertStrictEquals(layer, (i < 4 ? sft : rl).layers[i]));
});

Deno.test("a model named twice is one; its folder tells its role and its recipe's kind", async () => {
  await using opened = await open(["rl", tinyFolder("rl"), "final"]);
  assertEquals(opened.models.length, 1);
  await using plain = await AbilityModels.open([tinyFolder("base")], { named: {} });
  assertEquals(plain.models[0].kind, "base");
  await using role = await AbilityModels.open([tinyFolder("rl")], {
    named: { rl: tinyFolder("rl") },
  });
  assertEquals(role.models[0].label, "RL");
});

Deno.test("a kind that is stated here goes before the recipe's", async () => {
  const kinds = { ...KINDS, rl: "revisual", "sft early 1/3 layers + rl late 2/3 layers": "base" };
  await using opened = await open(["rl", "sft early 1/3 layers + rl late 2/3 layers"], { kinds });
  assertEquals(opened.models.map(({ kind }) => kind), ["revisual", "base"]);
  await assertRejects(() => open(["rl"], { kinds: { rl: "clever" } }), Error, '"clever"');
});

Deno.test("cuts move the layers of splices and say so in their identity", async () => {
  const { expression } = PAPER_SPLICES[0];
  const donors = async (cuts?: [number, number]) => {
    await using opened = await open([expression], { cuts });
    const [{ merge, identity }] = opened.models;
    const first = merge!.layers.findIndex((step) => step.op === "take" && step.model === "rl");
    return [first, identity.layer_cuts];
  };
  assertEquals(await donors(), [4, [4, 8]]);
  assertEquals(await donors([2, 9]), [2, [2, 9]]);
  await assertRejects(() => donors([9, 2]), RangeError, "0 < C1 < C2 < 12");
});

Deno.test("rules of decoding are the checkpoint's or the run's, in plan and identity", async () => {
  const { expression } = PAPER_SPLICES[0];
  const rulesOf = async (generation?: Partial<GenerationConfig>) => {
    await using opened = await open(["base", expression], { generation });
    return opened.models.map(({ plan, identity }) => {
      assertEquals(statedRules(plan!.generation), identity.generation);
      return identity.generation;
    });
  };
  assertEquals(await rulesOf(), [{ repetition_penalty: 1 }, { repetition_penalty: 1 }]);
  const penalised = { repetition_penalty: 1.3 };
  assertEquals(await rulesOf(penalised), [penalised, penalised]);
});

Deno.test("served models are reached by name, any by openai:NAME, and their server counts", async () => {
  const asked: unknown[] = [];
  const served: OpenAbilityModelsOptions["served"] = (name, options) => {
    asked.push([name, options]);
    return new MadeEvaluator(name);
  };
  const names = ["gpt-4o", "claude-sonnet-4", "openai:Qwen/Qwen2.5-VL-72B-Instruct"];
  await using opened = await open(names, { served, kinds: { "gpt-4o": "base" } });
  assertEquals(asked, [
    ["gpt-4o", { kind: "base", api: undefined }],
    ["claude-sonnet-4", { kind: "claude", api: undefined }],
    ["Qwen/Qwen2.5-VL-72B-Instruct", { kind: "base", api: "openai" }],
  ]);
  assertEquals(opened.models.map(({ plan }) => plan), [null, null, null]);
});

Deno.test("what means nothing, and what cannot be merged, is refused", () =>
  withTempFolder(async (folder) => {
    const refused = async (name: string, ...reasons: string[]) => {
      const named = { sft: tinyFolder("in") };
      const error = await assertRejects(() => AbilityModels.open([name], { named })) as Error;
      for (const reason of reasons) assertStringIncludes(error.message, reason);
    };
    await refused("rll", 'Unknown model "rll"', "coldstart", "openai:NAME");
    await refused("rl", "--rl_model");
    await refused("base early 1/3 layers + sft late 2/3 layers", "--base_model");
    await refused("sft early 1/3 layers + sft late 1/3 layers", "the shares add to 2/3");
    await refused("sft layers 3-99 replaced by sft", "0 to 11");
    await refused(join(folder, "none"), "none");
    const random = fileURLToPath(new URL("../model/testdata/random-qwen", import.meta.url));
    await refused(`sft early 1/3 layers + ${random} late 2/3 layers`, "decoder layers");
  }));
