import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { runExperiment } from "../experiments/mod.ts";
import { withTempFolder } from "../testing/temp_folder.ts";
import { tinyFolder } from "../testing/tiny_model.ts";
import { DIVERSITY_EXPERIMENT } from "./diversity/experiment.ts";
import { ENERGY_EXPERIMENT } from "./energy/experiment.ts";

const models = {
  base: { folder: tinyFolder("base"), name: "Base" },
  sft: { folder: tinyFolder("in"), name: "IN" },
  rl: { folder: tinyFolder("rl"), name: "RL" },
};

const energy = (output: string, more: { beside?: string[]; overwrite?: boolean } = {}) =>
  runExperiment(ENERGY_EXPERIMENT, { models, output, ...more });

const linesOf = (folder: string) =>
  Deno.readTextFileSync(join(folder, "tensors.jsonl")).split("\n").filter((line) => line !== "");

Deno.test("what is recorded is read back, not computed again; what is missing is computed", () =>
  withTempFolder(async (folder) => {
    const whole = await energy(folder);
    const lines = linesOf(folder);
    const marked = JSON.parse(lines[7]);
    const kept = [
      ...lines.slice(0, 5),
      JSON.stringify({ ...marked, result: { ...marked.result, sft: 49 } }),
    ];
    Deno.writeTextFileSync(join(folder, "tensors.jsonl"), kept.join("\n") + "\n");
    const again = await energy(folder);
    assertEquals(linesOf(folder).slice(0, 6), kept);
    assertEquals(linesOf(folder).length, lines.length);
    const normOf = ({ layers }: typeof whole) =>
      layers.find(({ param_name }) => param_name === marked.name)!.sft.fro_norm;
    assertEquals(normOf(again), 7);
    const others = ({ layers }: typeof whole) =>
      layers.filter(({ param_name }) => param_name !== marked.name);
    assertEquals(others(again), others(whole));
  }));

Deno.test("records of other options are refused by name, or thrown away", () =>
  withTempFolder(async (folder) => {
    const spectra = (topk: number, overwrite?: boolean) =>
      runExperiment(DIVERSITY_EXPERIMENT, {
        models,
        output: folder,
        options: { topk, weightFilter: "layers.3.mlp.down" },
        overwrite,
      });
    const first = await spectra(3);
    assertEquals([first.metadata.topk, first.layers[0].rl.singular_values.length], [3, 3]);
    const error = await assertRejects(() => spectra(4), Error, "options/topk (3 there, 4 here)");
    assertStringIncludes(error.message, "--overwrite");
    assertEquals((await spectra(4, true)).layers[0].rl.singular_values.length, 4);
  }));

Deno.test("files beside a report are not overwritten where no run of it is there", () =>
  withTempFolder(async (folder) => {
    const beside = [join(folder, "energy.json")];
    const records = join(folder, "energy.records");
    Deno.writeTextFileSync(beside[0], "mine");
    await assertRejects(() => energy(records, { beside }), Error, "energy.json: a file is there");
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["energy.json"]);
    await energy(records, { beside, overwrite: true });
    await energy(records, { beside });
  }));

Deno.test("weights are compared where the model cannot be run", () =>
  withTempFolder(async (folder) => {
    // Without tokenizer and processor nothing can be asked.
    const unknown = async (role: "base" | "in" | "rl") => {
      const own = join(folder, role);
      await Deno.mkdir(own);
      for (const { name } of Deno.readDirSync(tinyFolder(role))) {
        if (!/^(model\.safetensors|config\.json)$/.test(name)) continue;
        await Deno.copyFile(join(tinyFolder(role), name), join(own, name));
      }
      return { folder: own, name: role };
    };
    const bare = { base: await unknown("base"), sft: await unknown("in"), rl: await unknown("rl") };
    const output = join(folder, "records");
    const { layers } = await runExperiment(ENERGY_EXPERIMENT, { models: bare, output });
    assertEquals(layers, (await energy(join(folder, "whole"))).layers);
  }));
