import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { dirname, join } from "node:path";
import { safetensorsBytes } from "../testing/safetensors_writer.ts";
import { withTempFolder } from "../testing/temp_folder.ts";
import { claimFolder } from "./claim_folder.ts";
import { fingerprintCheckpoint, identityDifferences, type RunIdentity } from "./run_identity.ts";

const TINY = new URL("../../dataset/tiny/checkpoints/base", import.meta.url).pathname;

async function copyCheckpoint(to: string) {
  await Deno.mkdir(to, { recursive: true });
  for (const { name } of Deno.readDirSync(TINY)) {
    await Deno.copyFile(join(TINY, name), join(to, name));
  }
}

const identityOf = async (folder: string): Promise<RunIdentity> => ({
  experiment: "x",
  version: 1,
  models: { model: { files: await fingerprintCheckpoint(folder) } },
  options: { max_new_tokens: 8 },
});

/** A byte more of white space: the file means the same to a reader, and may not to another. */
function touch(path: string) {
  Deno.writeTextFileSync(path, `${Deno.readTextFileSync(path)} `);
}

Deno.test("every small file that can change an answer is part of a checkpoint's identity", () =>
  withTempFolder(async (folder) => {
    await copyCheckpoint(folder);
    const more = ["preprocessor_config.json", "processor_config.json", "chat_template.jinja"];
    const all = [...more, "chat_template.json", "merges.txt", "vocab.json", "tokenizer.model"];
    const before = await fingerprintCheckpoint(folder);
    for (const name of new Set([...Object.keys(before), ...all])) {
      if (name.endsWith(".safetensors")) continue;
      const there = name in before;
      if (there) touch(join(folder, name));
      else Deno.writeTextFileSync(join(folder, name), "{}");
      const after = await fingerprintCheckpoint(folder);
      const [difference, ...others] = identityDifferences(before, after);
      assertStringIncludes(difference, `${name} (`);
      assertEquals(others, []);
      if (there) await Deno.copyFile(join(TINY, name), join(folder, name));
      else Deno.removeSync(join(folder, name));
    }
    for (const name of ["config.json", "tokenizer.json", "generation_config.json"]) {
      assert(name in before, name);
    }
    // What changes no answer is no part of it.
    Deno.writeTextFileSync(join(folder, "README.md"), "x");
    Deno.writeTextFileSync(join(folder, "trainer_state.json"), "{}");
    assertEquals(await fingerprintCheckpoint(folder), before);
  }));

Deno.test("analyses of weights depend on weights, index and config alone", async () => {
  assertEquals(Object.keys(await fingerprintCheckpoint(TINY, "weights")), [
    "config.json",
    "model.safetensors",
  ]);
});

Deno.test("shards of one name in two folders are told apart", () =>
  withTempFolder(async (folder) => {
    const shard = (path: string, name: string, value: number) => {
      Deno.mkdirSync(dirname(join(folder, path)), { recursive: true });
      const tensor = { dtype: "F32" as const, shape: [1], values: [value] };
      Deno.writeFileSync(join(folder, path), safetensorsBytes({ [name]: tensor }));
    };
    shard("a/model.safetensors", "x", 1);
    shard("b/model.safetensors", "y", 2);
    const weight_map = { x: "a/model.safetensors", y: "b/model.safetensors" };
    Deno.writeTextFileSync(
      join(folder, "model.safetensors.index.json"),
      JSON.stringify({ weight_map }),
    );
    const before = await fingerprintCheckpoint(folder);
    assertEquals(Object.keys(before), [
      "model.safetensors.index.json",
      ...Object.values(weight_map),
    ]);
    shard("a/model.safetensors", "x", 3);
    const [difference, ...others] = identityDifferences(
      before,
      await fingerprintCheckpoint(folder),
    );
    assertStringIncludes(difference, "a/model.safetensors (sha256:");
    assertEquals(others, []);
  }));

Deno.test("a folder is refused with the names of all files and options that differ", () =>
  withTempFolder(async (folder) => {
    const [model, results] = [join(folder, "model"), join(folder, "results")];
    await copyCheckpoint(model);
    const claim = async (more: object = {}) =>
      await claimFolder(results, {
        file: "run.json",
        identity: { ...await identityOf(model), ...more },
        logs: ["records.jsonl"],
      });
    await claim();
    await claim();
    const before = Deno.readTextFileSync(join(results, "run.json"));
    touch(join(model, "tokenizer.json"));
    const error = await assertRejects(() => claim({ options: { max_new_tokens: 9 } }), Error);
    assertStringIncludes(error.message, "models/model/files/tokenizer.json (sha256:");
    assertStringIncludes(error.message, "options/max_new_tokens (8 there, 9 here)");
    assertStringIncludes(error.message, "--overwrite");
    assertEquals(error.message.split("\n").length, 1);
    assertEquals(Deno.readTextFileSync(join(results, "run.json")), before);
  }));

Deno.test("a folder with files of others is not written to", async () => {
  const files = {
    "run.json": "{}",
    "records.jsonl": '{"id": 1}\n',
    "summary.json": "mine",
    "results/x": "mine",
  };
  for (const [name, text] of Object.entries(files)) {
    await withTempFolder(async (folder) => {
      const path = join(folder, name);
      Deno.mkdirSync(dirname(path), { recursive: true });
      Deno.writeTextFileSync(path, text);
      const options = {
        file: "run.json",
        identity: await identityOf(TINY),
        logs: ["records.jsonl"],
        outputs: ["summary.json", "results"],
      };
      await assertRejects(() => claimFolder(folder, options), Error, "what made it");
      assertEquals(Deno.readTextFileSync(path), text);
      await claimFolder(folder, { ...options, overwrite: true });
      const left = [...Deno.readDirSync(folder)].map(({ name }) => name);
      assertEquals(left.filter((name) => options.outputs.includes(name)), []);
    });
  }
});
