import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { join } from "node:path";
import { architectureOf, checkTensors, expectedTensors } from "../checkpoint/architectures/mod.ts";
import { Checkpoint } from "../checkpoint/mod.ts";
import { withTempFolder } from "../testing/temp_folder.ts";
import { qwenConfigOf } from "./qwen_config.ts";
import { readReference, repositoryFile, testdata } from "./testdata/reference.ts";

for (
  const folder of [
    testdata("random-qwen"),
    testdata("random-qwen2-vl"),
    repositoryFile(readReference("tiny").meta.model),
  ]
) {
  Deno.test(`a whole checkpoint has exactly the tensors expected: ${folder.split("/").at(-1)}`, () => {
    using checkpoint = Checkpoint.open(folder);
    const expected = expectedTensors(
      architectureOf(checkpoint.config.modelType)!,
      checkpoint.config,
    );
    assertEquals([...expected.keys()].sort(), [...checkpoint.tensors.keys()].sort());
  });
}

type Section = "text_config" | "vision_config";

/** Opens random-qwen's weights with a config that differs in one field; undefined leaves it out. */
async function refusal(section: Section, key: string, value: unknown): Promise<string> {
  const random = testdata("random-qwen");
  const config = JSON.parse(Deno.readTextFileSync(join(random, "config.json")));
  if (value === undefined) delete config[section][key];
  else config[section][key] = value;
  return await withTempFolder((folder) => {
    for (const { name } of Deno.readDirSync(random)) {
      if (name.includes("safetensors")) Deno.symlinkSync(join(random, name), join(folder, name));
    }
    Deno.writeTextFileSync(join(folder, "config.json"), JSON.stringify(config));
    const { message } = assertThrows(() => {
      using checkpoint = Checkpoint.open(folder);
      qwenConfigOf(checkpoint);
    }, Error);
    assert(!message.includes("\n") && message.length < 3000, message);
    assertStringIncludes(message, folder);
    return message;
  });
}

// Values that no other check refuses first, and a tensor that shows the right one.
const SHOWN: [Section, string, unknown, string][] = [
  ["text_config", "num_hidden_layers", 300_000, "tensors of 4 LLM layers"],
  ["text_config", "num_hidden_layers", 3, "tensors of 4 LLM layers"],
  ["text_config", "vocab_size", 521, "embed_tokens.weight, which is [520, 96]"],
  ["text_config", "intermediate_size", 129, "gate_proj.weight, which is [128, 96]"],
  ["text_config", "num_key_value_heads", 3, "k_proj.weight, which is [32, 96], not [48, 96]"],
  ["vision_config", "depth", 1_000_000, "tensors of 4 vision blocks"],
  ["vision_config", "hidden_size", 60, "proj.weight, which is [48, 3, 2, 14, 14]"],
  ["vision_config", "intermediate_size", 81, "gate_proj.weight, which is [80, 48]"],
  ["vision_config", "patch_size", 16, "proj.weight, which is [48, 3, 2, 14, 14]"],
  ["vision_config", "temporal_patch_size", 1, "proj.weight, which is [48, 3, 2, 14, 14]"],
  ["vision_config", "spatial_merge_size", 3, "merger.mlp.0.weight, which is [192, 192]"],
];
for (const [section, key, value, tensor] of SHOWN) {
  Deno.test(`a wrong field is named with the tensor that shows it: ${key} ${value}`, async () => {
    const message = await refusal(section, key, value);
    assertStringIncludes(message, `${section}.${key} ${value}`);
    assertStringIncludes(message, tensor);
  });
}

for (
  const [section, key, standard] of [
    ["text_config", "num_hidden_layers", 80],
    ["text_config", "vocab_size", 152064],
    ["text_config", "intermediate_size", 29568],
    ["vision_config", "depth", 32],
    ["vision_config", "intermediate_size", 3420],
  ] as const
) {
  Deno.test(`a field left out has the library's default, which tensors may contradict: ${key}`, async () => {
    const message = await refusal(section, key, undefined);
    assertStringIncludes(message, `${section}.${key} ${standard} (the library's default; `);
  });
}

Deno.test("of many missing tensors ten are named", () => {
  using checkpoint = Checkpoint.open(testdata("random-qwen"));
  const expected = new Map(
    Array.from({ length: 40 }, (_, i) => [`ghost.${i}`, [{ size: 1, fields: [] }]]),
  );
  const { message } = assertThrows(() => checkTensors(checkpoint, expected), Error);
  assertStringIncludes(message, "40 missing: ghost.0, ghost.1, ");
  assertStringIncludes(message, "ghost.9 and 30 more");
});
