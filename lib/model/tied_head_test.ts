import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { join } from "node:path";
import { Checkpoint } from "../checkpoint/mod.ts";
import { randomSource } from "../testing/random_source.ts";
import { randomNormal, writeCheckpoint } from "../testing/safetensors_writer.ts";
import { withTempFolder } from "../testing/temp_folder.ts";
import { Decoder } from "./decoder.ts";
import { forward } from "./forward.ts";
import { planOf } from "./layer_list.ts";
import { textInput } from "./testdata/random_model.ts";
import { maxDifference } from "./testdata/reference.ts";
import { writeSyntheticCheckpoint } from "./testdata/synthetic_checkpoint.ts";

const SHAPE = {
  hiddenSize: 32,
  intermediateSize: 48,
  numLayers: 2,
  numHeads: 2,
  numKvHeads: 1,
  vocabSize: 40,
};

/** Logits of a model, the name of its head's tensor, and what is said of it. */
async function run(folder: string) {
  using checkpoint = Checkpoint.open(folder);
  const plan = planOf(checkpoint);
  await using decoder = await Decoder.open(plan);
  const [{ logits }] = await forward(decoder, [{ input: textInput([6, 7, 8]) }]);
  return { logits, head: "name" in plan.head ? plan.head.name : "", notes: plan.notes.join() };
}

function tie(folder: string, tied: boolean) {
  const path = join(folder, "config.json");
  const config = JSON.parse(Deno.readTextFileSync(path));
  Deno.writeTextFileSync(path, JSON.stringify({ ...config, tie_word_embeddings: tied }));
}

Deno.test("a stored head with other values is used though the config ties it, and said", () =>
  withTempFolder(async (folder) => {
    writeSyntheticCheckpoint(folder, { ...SHAPE, tieWordEmbeddings: false });
    const own = await run(folder);
    tie(folder, true);
    const tied = await run(folder);
    assertEquals(tied.logits, own.logits);
    assertEquals([own.head, tied.head], ["lm_head.weight", "lm_head.weight"]);
    assert(!own.notes.includes("lm_head"), own.notes);
    assertStringIncludes(tied.notes, "lm_head.weight with other values, which is used");
    assertStringIncludes(tied.notes, folder);
  }));

Deno.test("a stored head with the embedding's values is the embedding, whatever its type", () =>
  withTempFolder(async (folder) => {
    const made = join(folder, "made");
    writeSyntheticCheckpoint(made, { ...SHAPE, tieWordEmbeddings: true });
    const plain = await run(made);
    assertEquals(plain.head, "model.embed_tokens.weight");
    using checkpoint = Checkpoint.open(made);
    const config = JSON.parse(Deno.readTextFileSync(join(made, "config.json")));
    const tensors = new Map([...checkpoint.tensors].map(([name, { shape }]) => [
      name,
      { dtype: "BF16" as const, shape, values: checkpoint.read(name) },
    ]));
    const { shape, values } = tensors.get("model.embed_tokens.weight")!;
    for (const dtype of ["BF16", "F32", "F64"] as const) {
      const stored = { ...Object.fromEntries(tensors), "lm_head.weight": { dtype, shape, values } };
      const same = await run(writeCheckpoint(join(folder, dtype), stored, { config }));
      assertEquals(same.head, "model.embed_tokens.weight");
      assert(!same.notes.includes("lm_head"), same.notes);
      assertEquals(maxDifference(same.logits, plain.logits), 0);
    }
    // One element of 1,280, by the least that F32 shows.
    const other = values.slice();
    other[other.length - 1] = Math.fround(other[other.length - 1] * (1 + 2 ** -23));
    const stored = {
      ...Object.fromEntries(tensors),
      "lm_head.weight": { dtype: "F32" as const, shape, values: other },
    };
    const differs = await run(writeCheckpoint(join(folder, "differs"), stored, { config }));
    assertEquals(differs.head, "lm_head.weight");
  }));

Deno.test("a stored head of another shape is refused", () =>
  withTempFolder((folder) => {
    const made = join(folder, "made");
    writeSyntheticCheckpoint(made, SHAPE);
    using checkpoint = Checkpoint.open(made);
    const config = JSON.parse(Deno.readTextFileSync(join(made, "config.json")));
    const tensors = Object.fromEntries([...checkpoint.tensors].map(([name, { shape }]) => [
      name,
      { dtype: "BF16" as const, shape, values: checkpoint.read(name) },
    ]));
    const values = randomNormal(41 * 32, randomSource(1));
    tensors["lm_head.weight"] = {
      dtype: "BF16",
      shape: [41, 32],
      values: Float32Array.from(values),
    };
    using bad = Checkpoint.open(writeCheckpoint(join(folder, "bad"), tensors, { config }));
    const words = "lm_head.weight, which is [41, 32], not [40, 32]";
    assertThrows(() => planOf(bad), Error, words);
  }));
