import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import type { z } from "zod";
import { tinyFolder } from "../../testing/tiny_model.ts";
import { basisTexts } from "../../basis.ts";
import { NotRunError } from "../../not_run_error.ts";
import { explainGpuError } from "../../model/gpu_run.ts";
import { VisionLanguageModel } from "../../model/mod.ts";
import { withTempFolder } from "../../testing/temp_folder.ts";
import { runExperiment, type RunOptions } from "../../experiments/mod.ts";
import { VISION_EXPERIMENT, VISION_FILES } from "./experiment.ts";

const MODEL = { folder: tinyFolder("base"), name: "tiny/base" };

type Options = z.input<typeof VISION_EXPERIMENT.options>;

function run(
  output: string,
  { model = MODEL, data = "embedded", ...more }:
    & Options
    & Partial<RunOptions<"model", Options>>
    & { model?: typeof MODEL } = {},
) {
  const { tasks, layers, numSamples, maxNewTokens, ...rest } = more;
  return runExperiment(VISION_EXPERIMENT, {
    models: { model },
    options: {
      tasks: tasks ?? ["counting", "recognition"],
      layers: layers ?? [0, 3],
      numSamples: numSamples ?? 2,
      maxNewTokens,
    },
    output,
    data,
    ...rest,
  });
}

function filesOf(folder: string): Record<string, string> {
  return Object.fromEntries(
    [
      VISION_FILES.records,
      VISION_FILES.controls,
      VISION_FILES.logits,
      VISION_FILES.summary,
    ].map((name) => [
      name,
      Deno.readTextFileSync(join(folder, name)),
    ]),
  );
}

Deno.test("files have the original's names and fields", () =>
  withTempFolder(async (folder) => {
    await run(folder);
    const files = filesOf(folder);
    const records = files[VISION_FILES.records].trimEnd().split("\n").map((line) =>
      JSON.parse(line)
    );
    const { basis } = JSON.parse(Deno.readTextFileSync(join(folder, VISION_FILES.run)));
    assertEquals(basisTexts(basis), [
      "embedded counting pairs, n = 2, graded by comparison of answers",
      "embedded recognition pairs, n = 2, graded by comparison of answers",
    ]);
    assertEquals(JSON.parse(files[VISION_FILES.summary]).basis, basis);
    assertEquals(VISION_FILES.records, "layer_swap_results.jsonl");
    assertEquals(records.length, 2 * 2 * 2);
    assertEquals(Object.keys(records[0]).slice(0, 8), [
      "task",
      "sample_id",
      "layer",
      "original_answer",
      "swapped_answer",
      "answer_changed",
      "target_answer",
      "source_answer",
    ]);
    const summary = JSON.parse(files["layer_swap_summary.json"]);
    assertEquals(summary.tasks, ["counting", "recognition"]);
    assertEquals(summary.layers, [0, 3]);
    assertEquals(summary.num_samples, 2);
    // The rates are those of the records.
    for (const task of summary.tasks) {
      for (const layer of summary.layers) {
        const own = records.filter((record) => record.task === task && record.layer === layer);
        assertEquals(
          summary.change_rates[task][layer],
          own.filter(({ answer_changed }) => answer_changed).length / own.length,
        );
      }
    }
    const { identity } = JSON.parse(Deno.readTextFileSync(join(folder, "run.json")));
    assertEquals(identity.data.num_samples, 2);
  }));

Deno.test("cut off anywhere, a run goes on to the same bytes", () =>
  withTempFolder(async (folder) => {
    const whole = join(folder, "whole");
    await run(whole);
    const expected = filesOf(whole);
    const again = join(folder, "again");
    await run(again);
    assertEquals(filesOf(again), expected);
    const path = join(again, VISION_FILES.records);
    const bytes = Deno.readFileSync(path);
    // In the middle of a line, between lines, and with nothing left.
    const lineEnds = [...bytes.keys()].filter((i) => bytes[i] === 10).map((i) => i + 1);
    for (const length of [lineEnds[2] + 17, lineEnds[4], bytes.length - 1, 0]) {
      Deno.truncateSync(path, length);
      Deno.removeSync(join(again, VISION_FILES.summary));
      await run(again);
      assertEquals(filesOf(again), expected);
    }
    // The control and its records lost.
    Deno.truncateSync(path, 0);
    Deno.truncateSync(join(again, VISION_FILES.controls), 100);
    await run(again);
    assertEquals(filesOf(again), expected);
  }));

Deno.test("an abort leaves whole records, and the next run ends as if there had been none", () =>
  withTempFolder(async (folder) => {
    const [whole, stopped] = [join(folder, "whole"), join(folder, "stopped")];
    await run(whole);
    const controller = new AbortController();
    const memoryBytes = 8e6;
    await assertRejects(
      () =>
        run(stopped, {
          memoryBytes,
          signal: controller.signal,
          onProgress: ({ done }) => {
            if (done > 6) controller.abort(new Error("stopped"));
          },
        }),
      Error,
      "stopped",
    );
    await run(stopped, { memoryBytes });
    assertEquals(filesOf(stopped), filesOf(whole));
  }));

Deno.test("another model, other data or options are refused by name, unless overwritten", () =>
  withTempFolder(async (folder) => {
    await run(folder, { tasks: ["counting"] });
    const before = filesOf(folder);
    const refused = async (more: Parameters<typeof run>[1], ...named: string[]) => {
      const error = await assertRejects(() => run(folder, { tasks: ["counting"], ...more }));
      for (const name of named) assertStringIncludes((error as Error).message, name);
      assertEquals(filesOf(folder), before);
    };
    await refused({ numSamples: 1 }, "num_samples (2 there, 1 here)", "data");
    await refused({ layers: [0] }, "layers ([0,3] there, [0] here)");
    await refused({ maxNewTokens: 9 }, "max_new_tokens");
    await assertRejects(
      () => run(folder, { model: { ...MODEL, folder: tinyFolder("in") }, tasks: ["counting"] }),
      Error,
      "models/model/files/model.safetensors",
    );
    const report = await run(folder, { tasks: ["counting"], numSamples: 1, overwrite: true });
    assertEquals(report.control.pairs, 1);
    Deno.removeSync(join(folder, "run.json"));
    await assertRejects(
      () => run(folder, { tasks: ["counting"], numSamples: 1 }),
      Error,
      "no run.json",
    );
  }));

Deno.test("unknown tasks, empty tasks and unknown layers are refused before anything is written", () =>
  withTempFolder(async (folder) => {
    const output = join(folder, "out");
    await assertRejects(() => run(output, { tasks: ["sorting" as "ocr"] }), Error, "tasks[0]");
    await assertRejects(() => run(output, { layers: [12] }), RangeError, "layer 12");
    await assertRejects(() => run(output, { numSamples: 0 }), Error, "numSamples");
    const data = join(folder, "data");
    await assertRejects(() => run(output, { data }), Error, "there is no such folder");
    Deno.mkdirSync(join(data, "ocr"), { recursive: true });
    await assertRejects(() => run(output, { data }), Error, "it has none of mathvista/testmini");
    Deno.writeTextFileSync(join(data, "ocr", "data.jsonl"), "");
    await assertRejects(() => run(output, { data, tasks: ["ocr"] }), Error, "it is empty");
    await assertRejects(
      () => run(output, { data, tasks: ["counting"] }),
      NotRunError,
      `No counting pairs in ${data}: put counting/data.jsonl into a folder`,
    );
    await assertRejects(
      () => run(output, { data: "hub" }),
      NotRunError,
      "No counting pairs in hub",
    );
    const line = {
      id: "a",
      task: "ocr",
      target_image: "no.png",
      source_image: "no.png",
      prompt: "?",
      meta: { target_text: "A", source_text: "B" },
    };
    Deno.writeTextFileSync(join(data, "ocr", "data.jsonl"), JSON.stringify(line) + "\n");
    await assertRejects(() => run(output, { data, tasks: ["ocr"] }), Error, "no.png");
    assert(![...Deno.readDirSync(folder)].some(({ name }) => name === "out"));
  }));

Deno.test("records that are removed under way, even at the end, are missed", () =>
  withTempFolder(async (folder) => {
    const output = join(folder, "out");
    for (const last of [true, false]) {
      const onProgress = ({ done, total }: { done: number; total: number }) => {
        if (last !== (done === total)) return;
        for (const { name } of Deno.readDirSync(folder)) {
          Deno.removeSync(join(folder, name), { recursive: true });
        }
      };
      const failed = run(output, { tasks: ["counting"], onProgress });
      await assertRejects(() => failed, Error, "removed while this run was writing it");
      assertEquals([...Deno.readDirSync(folder)], []);
    }
  }));

Deno.test("a GPU that is lost ends the run, and the next one goes on from its records", () =>
  withTempFolder(async (folder) => {
    const whole = join(folder, "whole");
    const cut = join(folder, "cut");
    await run(whole);
    const { generate } = VisionLanguageModel.prototype;
    let calls = 0;
    const lost = new Error("VK_ERROR_DEVICE_LOST: the device is lost");
    VisionLanguageModel.prototype.generate = function (...args) {
      if (++calls > 2) return Promise.reject(explainGpuError("run layer 3 on webgpu", lost));
      return generate.apply(this, args);
    };
    // One pair at a time.
    const small = { memoryBytes: 1 };
    try {
      await assertRejects(() => run(cut, small), Error, "start the same command again to go on");
      const left = Deno.readTextFileSync(join(cut, VISION_FILES.records)).trimEnd().split("\n");
      assert(left.length > 0 && left.length < 8, `${left.length}`);
      VisionLanguageModel.prototype.generate = function (...args) {
        calls++;
        return generate.apply(this, args);
      };
      const before = calls;
      await run(cut, small);
      assert(calls > before);
    } finally {
      VisionLanguageModel.prototype.generate = generate;
    }
    assertEquals(filesOf(cut), filesOf(whole));
  }));
