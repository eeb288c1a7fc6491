import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import type { z } from "zod";
import { tinyFolder } from "../../testing/tiny_model.ts";
import { withTempFolder } from "../../testing/temp_folder.ts";
import { runExperiment } from "../../experiments/mod.ts";
import { REASONING_EXPERIMENT } from "./experiment.ts";

const MODEL = { folder: tinyFolder("base"), name: "tiny/base" };

/** sorted(numpy.random.RandomState(123).choice(numpy.arange(300), 3, replace=False)) */
const SPLIT = [114, 165, 262];

type Options = z.input<typeof REASONING_EXPERIMENT.options>;

function run(
  output: string,
  { overwrite, ...more }: Partial<Options> & { overwrite?: boolean } = {},
  model = {},
) {
  return runExperiment(REASONING_EXPERIMENT, {
    models: { model: { ...MODEL, ...model } },
    options: {
      ...{ dataset: "math500", kind: "base", sampleSize: 3, layers: [2, 11], maxNewTokens: 40 },
      ...more,
    },
    ...{ output, data: "embedded", overwrite },
  });
}

function treeOf(folder: string): Record<string, string> {
  const files: Record<string, string> = {};
  const walk = (path: string) => {
    for (const { name, isDirectory } of Deno.readDirSync(join(folder, path))) {
      const child = join(path, name);
      if (isDirectory) walk(child);
      else files[child] = Deno.readTextFileSync(join(folder, child));
    }
  };
  walk(".");
  return files;
}

Deno.test("folders, files and fields are the original's", () =>
  withTempFolder(async (folder) => {
    await run(folder);
    const files = treeOf(join(folder, "math500"));
    assertEquals(Object.keys(files).sort(), [
      "all_results.json",
      "config.json",
      "divergences.jsonl",
      "report.json",
      "results/baseline/math500.jsonl",
      "results/baseline/summary.json",
      "results/layer_11/math500.jsonl",
      "results/layer_11/summary.json",
      "results/layer_2/math500.jsonl",
      "results/layer_2/summary.json",
      "splits/math500_seed123_n3.jsonl",
    ]);
    const records = files["results/layer_2/math500.jsonl"].trimEnd().split("\n")
      .map((line) => JSON.parse(line));
    assertEquals(Object.keys(records[0]).slice(0, 10), [
      "id",
      "question",
      "gold_answer",
      "predicted",
      "correct",
      "full_response",
      "model_type",
      "model",
      "ablation",
      "ablated_layer",
    ]);
    const ids = files["splits/math500_seed123_n3.jsonl"].trimEnd().split("\n")
      .map((line) => JSON.parse(line));
    assertEquals(ids, records.map(({ id }) => ({ id })));
    assertEquals(ids.map(({ id }) => Number(/(\d+)\.json/.exec(id)![1])), SPLIT);
    const summary = JSON.parse(files["results/layer_2/summary.json"]);
    const correct = records.filter((record) => record.correct).length;
    const sound = records.filter((record) => record.correct_sound).length;
    assertEquals(summary, {
      experiment: "layer_2",
      ablated_layer: 2,
      accuracy: Math.round(correct / 3 * 1e4) / 1e4,
      correct,
      total: 3,
      accuracy_sound: Math.round(sound / 3 * 1e4) / 1e4,
      correct_sound: sound,
      gradings_differ: records.filter((record) => record.correct !== record.correct_sound).length,
    });
    assertEquals(JSON.parse(files["results/baseline/summary.json"]).ablated_layer, -1);
    assertEquals(JSON.parse(files["all_results.json"]).length, 3);
  }));

Deno.test("records lost from any experiment are made again, byte by byte", () =>
  withTempFolder(async (folder) => {
    await run(folder);
    const whole = treeOf(folder);
    for (const [experiment, bytes] of [["layer_11", 30], ["baseline", 0]] as const) {
      Deno.truncateSync(join(folder, "math500", "results", experiment, "math500.jsonl"), bytes);
    }
    Deno.removeSync(join(folder, "math500", "report.json"));
    await run(folder);
    assertEquals(treeOf(folder), whole);
  }));

Deno.test("a penalty on repetition is the run's, and changes answers", () =>
  withTempFolder(async (folder) => {
    const responses = async (name: string, generation?: { repetition_penalty: number }) => {
      await run(join(folder, name), {}, { generation });
      const files = treeOf(join(folder, name, "math500", "results"));
      return Object.values(files).flatMap((text) => text.match(/"full_response":"[^"]*"/g) ?? []);
    };
    const plain = await responses("plain");
    assertEquals(plain.length, 9);
    assertEquals(await responses("one", { repetition_penalty: 1 }), plain);
    assertNotEquals(await responses("more", { repetition_penalty: 1.5 }), plain);
  }));

Deno.test("a run of other options is refused by name", () =>
  withTempFolder(async (folder) => {
    await run(folder, { sampleSize: 1 });
    await assertRejects(
      () => run(folder, { sampleSize: 2 }),
      Error,
      "sample_size (1 there, 2 here)",
    );
    await assertRejects(
      () => run(folder, { sampleSize: 1, kind: "reasoner" }),
      Error,
      "model_type (base there, reasoner here)",
    );
    await run(folder, { sampleSize: 1 }, { generation: { repetition_penalty: 1 } });
    await assertRejects(
      () => run(folder, { sampleSize: 1 }, { generation: { repetition_penalty: 1.5 } }),
      Error,
      "models/model/generation/repetition_penalty (1 there, 1.5 here)",
    );
    const report = await run(folder, { sampleSize: 2, overwrite: true });
    assertEquals(report.places[0].n, 2);
    await assertRejects(() => run(folder, { layers: [-1] }), RangeError, "layer -1");
    await assertRejects(() => run(folder, { sampleSize: 0 }), Error, "sampleSize");
  }));
