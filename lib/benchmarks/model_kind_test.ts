import { assertEquals, assertThrows } from "@std/assert";
import { MODEL_KINDS, modelKind } from "./model_kind.ts";

const EXPECTED = {
  gpt: [
    "gpt-4o",
    "gpt-4o-mini",
    "GPT-5",
    "gpt-4-turbo",
    "o1",
    "o3-mini",
    "o4-mini",
    "openai/gpt-5",
  ],
  claude: ["claude-3-opus-20240229", "claude-sonnet-4-20250514", "anthropic/claude-haiku-4"],
  revisual: [
    "csfufu/Revisual-R1-final",
    "csfufu/Revisual-R1-Coldstart",
    "/models/revisual_r1",
    "Revisual-R1-Coldstart early 1/3 + Revisual-R1-final late 2/3 layers",
  ],
  reasoner: [
    "OpenMMReasoner/OpenMMReasoner-ColdStart",
    "OpenMMReasoner/OpenMMReasoner-RL",
    "MMR1/MMR1-7B-SFT",
    "AIcell/Frankenstein-RL-Frozen-Early",
    "AIcell/Frankenstein-IN",
    "ColdStart early 1/3 + RL middle 1/3 + RL late 1/3 layers",
    "RL layers 0-3 ablate noise=0.5",
    "some/unknown-model",
    "",
  ],
  base: [
    "Qwen/Qwen2.5-VL-7B-Instruct",
    "Qwen/Qwen2.5-VL-3B-Instruct",
    "/data/qwen2.5-vl-3b-instruct",
    "base late 1/3 layers replaced by RL",
    "sft early 1/3 layers replaced by base",
  ],
};

Deno.test("the kind is read off the name", () => {
  for (const [kind, names] of Object.entries(EXPECTED)) {
    for (const name of names) assertEquals(modelKind(name), kind, name);
  }
});

Deno.test("letters inside another word decide nothing", () => {
  assertEquals(modelKind("/home/carl/Qwen2.5-VL-7B-Instruct"), "base");
  assertEquals(modelKind("world/Qwen2.5-VL-7B-Instruct"), "base");
  assertEquals(modelKind("demo1/Qwen2.5-VL-7B-Instruct"), "base");
  assertEquals(modelKind("foo3"), "reasoner");
});

Deno.test("a stated kind wins over the name", () => {
  for (const kind of MODEL_KINDS) assertEquals(modelKind("OpenMMReasoner-RL", kind), kind);
  assertThrows(() => modelKind("m", "reasoning"), Error, `stated as "reasoning"`);
});
