import { assertEquals, assertThrows } from "@std/assert";
import { join } from "node:path";
import { Checkpoint, findTensors } from "../checkpoint/mod.ts";
import { withTempFolder } from "../testing/temp_folder.ts";
import { proveSameTensors } from "./merge_account.ts";
import { planMerge } from "./merge_plan.ts";
import { writeSmallModel } from "./testdata/small_models.ts";
import { modelFiles, writeMerge } from "./write_merge.ts";

Deno.test("a tensor missing, extra or of another shape is noticed", () =>
  withTempFolder((folder) => {
    using first = Checkpoint.open(writeSmallModel(join(folder, "first")));
    proveSameTensors(writeSmallModel(join(folder, "same"), { seed: 2, shards: 2 }), first);
    const written = writeSmallModel(join(folder, "other"), {
      change: (tensors) => {
        delete tensors["model.norm.weight"];
        tensors["lm_head.weight"] = { dtype: "BF16", shape: [1], values: [0] };
        tensors["visual.merger.ln_q.weight"].shape = [2, 2];
      },
    });
    assertThrows(
      () => proveSameTensors(written, first),
      Error,
      "model.norm.weight is missing, lm_head.weight is extra, visual.merger.ln_q.weight has another",
    );
  }));

Deno.test("a merge can be merged again, from a folder of links as the hub's cache has them", () =>
  withTempFolder(async (folder) => {
    const blobs = writeSmallModel(join(folder, "blobs"), { shards: 2 });
    const linked = join(folder, "linked");
    Deno.mkdirSync(linked);
    for (const { name } of Deno.readDirSync(blobs)) {
      Deno.symlinkSync(join(blobs, name), join(linked, name));
    }
    Deno.mkdirSync(join(linked, "folder.json"));
    assertEquals(modelFiles(linked), [
      "chat_template.jinja",
      "config.json",
      "generation_config.json",
      "tokenizer.json",
    ]);
    const merge = async (first: string, output: string) => {
      using sft = Checkpoint.open(first);
      using rl = Checkpoint.open(linked);
      const plan = planMerge("sft late 1/3 layers replaced by rl", { numLayers: 6 });
      const models = new Map([["sft", sft], ["rl", rl]]);
      await writeMerge(plan, models, {
        output,
        maxShardBytes: output.endsWith("once") ? 900 : 9e9,
      });
      return output;
    };
    const twice = await merge(await merge(linked, join(folder, "once")), join(folder, "twice"));
    assertEquals([...Deno.readDirSync(twice)].map(({ name }) => name).sort(), [
      "chat_template.jinja",
      "config.json",
      "generation_config.json",
      "merge.json",
      "model.safetensors",
      "tokenizer.json",
    ]);
    assertEquals(Deno.lstatSync(join(twice, "config.json")).isSymlink, false);
    assertEquals(findTensors(twice).size, findTensors(blobs).size);
  }));
