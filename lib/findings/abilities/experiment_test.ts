import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ImageToDescribe } from "../../serving/mod.ts";
import { NotRunError } from "../../not_run_error.ts";
import type { AbilityRecord } from "./records.ts";
import { withTempFolder } from "../../testing/temp_folder.ts";
import {
  filesIn,
  madeModel,
  runAbilities,
  type RunAbilitiesOptions,
} from "./testdata/made_models.ts";
import type { AbilityModel } from "./model.ts";

const PARQUET = fileURLToPath(
  new URL("../../benchmarks/testdata/mathvista.parquet", import.meta.url),
);

function run(
  output: string,
  models: readonly AbilityModel[],
  more: RunAbilitiesOptions = {},
) {
  return runAbilities(output, models, { sampleSize: 5, maxNewTokens: 32, ...more });
}

function recordsIn(text: string): AbilityRecord[] {
  return text.trimEnd().split("\n").map((line) => JSON.parse(line));
}

Deno.test("folders, files and fields are the original's", () =>
  withTempFolder(async (folder) => {
    const report = await run(folder, [madeModel("org/a model")]);
    const files = filesIn(folder, ".");
    assertEquals(Object.keys(files).map((path) => path.slice(2)), [
      "config.json",
      "logs/experiment.log",
      "paper_metrics.json",
      ...[
        "alignment_math_vqa/A_image_prompt.jsonl",
        "alignment_math_vqa/B_black_desc_prompt.jsonl",
        "alignment_math_vqa/summary.json",
        "model.json",
        "perception_general_vqa/A_image_prompt.jsonl",
        "perception_general_vqa/B_black_image_prompt.jsonl",
        "perception_general_vqa/summary.json",
        "reasoning_math500/A_prompt_only.jsonl",
        "reasoning_math500/summary.json",
      ].map((name) => `results/org_a_model/${name}`),
      "splits/general_vqa_seed123_n5.jsonl",
      "splits/math500_seed123_n5.jsonl",
      "splits/math_vqa_seed123_n5.jsonl",
    ]);
    const path = "./results/org_a_model/alignment_math_vqa/B_black_desc_prompt.jsonl";
    const records = recordsIn(files[path]);
    assertEquals(Object.keys(records[0]), [
      ...["id", "input_type", "question", "gold_answer", "predicted", "correct", "full_response"],
      ...["model_type", "timed_out", "inference_time", "dataset", "model", "setting"],
      ...["correct_gpt", "gpt_grade", "correct_primary"],
      // Ours.
      ...["label", "rule", "predicted_sound", "correct_sound", "rule_sound", "new_tokens"],
      ...["description", "graded_by"],
      "question_hash",
    ]);
    const [{ input_type, model_type, inference_time, dataset, model, setting, ...first }] = records;
    assertEquals([input_type, model_type, inference_time, dataset, model, setting], [
      "black_image_description_question",
      "base",
      0.25,
      "alignment_math_vqa",
      "org/a model",
      "B_black_desc_prompt",
    ]);
    assertEquals([first.correct_gpt, first.gpt_grade, first.graded_by], [null, null, "rules"]);
    assertEquals([first.description, first.label], ["dataset", "ORG/A MODEL"]);
    const ids = recordsIn(files["./splits/math_vqa_seed123_n5.jsonl"]);
    assertEquals(ids, records.map(({ id }) => ({ id }) as AbilityRecord));
    const metrics = JSON.parse(files["./paper_metrics.json"]);
    assertEquals(Object.keys(metrics["org/a model"]).sort(), [
      ...["M_rea", "M_rea_sound", "M_v2r", "M_v2r_sound", "M_vis", "M_vis_sound"],
    ]);
    // The measures follow from the records.
    const right = (name: string) =>
      recordsIn(files[`./results/org_a_model/${name}.jsonl`]).map((record) => record.correct);
    const [a, b] = ["A_image_prompt", "B_black_image_prompt"]
      .map((name) => right(`perception_general_vqa/${name}`));
    const seen = a.filter((isRight, i) => isRight && !b[i]).length / 5;
    assertEquals([metrics["org/a model"].M_vis, report.scores[0].other_value], [seen, seen]);
    assert(seen > 0 && seen < 1);
    assertStringIncludes(files["./logs/experiment.log"], "Model: org/a model");
  }));

Deno.test("v2 has the original's names", () =>
  withTempFolder(async (folder) => {
    const report = await run(folder, [madeModel("a")], { experimentType: "v2" });
    assertEquals(report.scores.map(({ experiment, metric }) => `${experiment} ${metric}`), [
      "pure_perception M_vis",
      "vision_reasoning M_v2r",
      "pure_reasoning M_rea",
    ]);
    assertEquals(Object.keys(filesIn(folder, "splits")), [
      "splits/geometry_seed123_n5.jsonl",
      "splits/hard_math_seed123_n5.jsonl",
      "splits/perception_seed123_n5.jsonl",
    ]);
  }));

Deno.test("interrupted anywhere, a run goes on to the same bytes, and asks nothing twice", () =>
  withTempFolder(async (folder) => {
    const whole = join(folder, "whole");
    await run(whole, [madeModel("a"), madeModel("b")]);
    const expected = filesIn(whole);
    for (const count of [0, 1, 4, 5, 13, 24]) {
      const again = join(folder, `after${count}`);
      const broken = [madeModel("a"), madeModel("b")];
      broken[0].evaluator.breakAfter = count;
      await assertRejects(() => run(again, broken), Error, "broke down");
      const models = [madeModel("a"), madeModel("b")];
      await run(again, models);
      assertEquals(filesIn(again), expected);
      assertEquals(models.map(({ evaluator }) => evaluator.asked.length), [25 - count, 25]);
    }
    // Torn in the middle of a line, at its end, and with a file gone.
    const path = join(whole, "results/a/perception_general_vqa/A_image_prompt.jsonl");
    const { length } = Deno.readTextFileSync(path);
    for (const bytes of [length - 1, length - 200, 0]) {
      Deno.truncateSync(path, bytes);
      Deno.removeSync(join(whole, "results/a/perception_general_vqa/summary.json"));
      await run(whole, [madeModel("a"), madeModel("b")]);
      assertEquals(filesIn(whole), expected);
    }
  }));

Deno.test("further models join a run; the others are not asked again", () =>
  withTempFolder(async (folder) => {
    await run(folder, [madeModel("a"), madeModel("b")]);
    const models = [madeModel("b"), madeModel("c")];
    const report = await run(folder, models);
    assertEquals(models.map(({ evaluator }) => evaluator.asked.length), [0, 25]);
    assertEquals(report.models.map(({ name }) => name), ["b", "c"]);
    const metrics = JSON.parse(Deno.readTextFileSync(join(folder, "paper_metrics.json")));
    assertEquals(Object.keys(metrics), ["a", "b", "c"]);
    const group = (name: string) =>
      JSON.parse(Deno.readTextFileSync(join(folder, "results", name, "model.json"))).batch_group;
    assertEquals(["a", "b", "c"].map(group), [1, 1, 2]);
  }));

Deno.test("other data, options or weights are refused by name, unless overwritten", () =>
  withTempFolder(async (folder) => {
    await run(folder, [madeModel("a")]);
    const before = filesIn(folder, ".");
    const refused = async (more: RunAbilitiesOptions, ...named: string[]) => {
      const error = await assertRejects(() => run(folder, [madeModel("a")], more)) as Error;
      for (const name of named) assertStringIncludes(error.message, name);
      assertEquals(filesIn(folder, "."), before);
    };
    await refused({ sampleSize: 4 }, "sample_size (5 there, 4 here)", "data");
    await refused({ sampleSeed: 1 }, "sample_seed (123 there, 1 here)");
    await refused({ maxNewTokens: 9 }, "max_new_tokens (32 there, 9 here)");
    await refused({ temperature: 1 }, "temperature (0 there, 1 here)");
    await refused({ experimentType: "v2" }, "experiment_type");
    await refused({ sampleSize: 0 }, "sampleSize");
    await refused({ inferenceTimeout: 0 }, "inferenceTimeout");
    const other = madeModel("a", "other");
    const error = await assertRejects(() => run(folder, [other])) as Error;
    assertStringIncludes(
      error.message,
      "results/a: its results differ from this run in weights (w there, other here)",
    );
    assertEquals(other.evaluator.asked.length, 0);
    await assertRejects(() => run(folder, []), Error, "no model");
    await assertRejects(
      () => run(folder, [madeModel("x y"), madeModel("x/y")]),
      Error,
      "both would go to results/x_y",
    );
    const report = await run(folder, [other], { overwrite: true, sampleSize: 2 });
    assertEquals(report.scores[0].n, 2);
    assertEquals(Object.keys(filesIn(folder, "splits")).length, 3);
  }));

Deno.test("keyed, nothing is refused: each model, data and options have a place", () =>
  withTempFolder(async (folder) => {
    const keyed = { keyed: true };
    await run(folder, [madeModel("a")], keyed);
    await run(folder, [madeModel("a")], { ...keyed, sampleSize: 2 });
    const models = [madeModel("a", "other"), madeModel("a")];
    await run(folder, [models[0]], keyed);
    await run(folder, [models[1]], keyed);
    assertEquals(models.map(({ evaluator }) => evaluator.asked.length), [25, 0]);
    assertEquals([...Deno.readDirSync(folder)].length, 2);
  }));

Deno.test("a record that answers another question than is asked is not taken for an answer", () =>
  withTempFolder(async (folder) => {
    await run(folder, [madeModel("a")]);
    const path = join(folder, "results/a/reasoning_math500/A_prompt_only.jsonl");
    const text = Deno.readTextFileSync(path);
    Deno.writeTextFileSync(path, text.replace(/"question_hash":"\w+"/, '"question_hash":"0"'));
    await assertRejects(() => run(folder, [madeModel("a")]), Error, "answers another question");
  }));

Deno.test("an earlier run's samples, cache and agreeing records are taken over", () =>
  withTempFolder(async (folder) => {
    const [first, second] = [join(folder, "first"), join(folder, "second")];
    await run(first, [madeModel("a"), madeModel("b")]);
    Deno.mkdirSync(join(first, "cache/grading"), { recursive: true });
    Deno.writeTextFileSync(join(first, "cache/grading/KEY.json"), "{}");
    const reuse = { reuseFrom: first, sampleSize: 240 };
    // The larger sample has all questions of the smaller one.
    const models = [madeModel("a"), madeModel("b", "other"), madeModel("c")];
    await run(second, models, reuse);
    const settings = 4 * 240 + 240;
    assertEquals(models.map(({ evaluator }) => evaluator.asked.length < settings), [
      true,
      false,
      false,
    ]);
    const reasoning = models[0].evaluator.asked.filter((r) => r.inputType === "question_only");
    const inBoth = recordsIn(Deno.readTextFileSync(
      join(second, "results/a/reasoning_math500/A_prompt_only.jsonl"),
    )).length - reasoning.length;
    assert(inBoth > 0 && inBoth <= 5);
    assertEquals(settings - models[0].evaluator.asked.length, 20 + inBoth);
    assertEquals(Deno.readTextFileSync(join(second, "cache/grading/KEY.json")), "{}");
    assertEquals(Object.keys(filesIn(second, "splits")).length, 6);
    // Other descriptions make other questions.
    const described = madeModel("a");
    const describer = {
      ...{ model: "describer-1", identity: "describer-1" },
      describe: (images: readonly ImageToDescribe[]) =>
        Promise.resolve(images.map(({ key }) => `words for ${key}`)),
    };
    await run(join(folder, "described"), [described], { reuseFrom: first, describer });
    assertEquals(described.evaluator.asked.map(({ inputType }) => inputType), [
      ...Array(5).fill("black_image_description_question"),
    ]);
    // Other options make other answers.
    const third = madeModel("a");
    await run(join(folder, "third"), [third], { reuseFrom: first, maxNewTokens: 33 });
    assertEquals(third.evaluator.asked.length, 25);
    await assertRejects(
      () => run(join(folder, "fourth"), [madeModel("a")], { reuseFrom: join(folder, "none") }),
      Error,
      "none",
    );
  }));

Deno.test("the sample of a run to be reused holds, whatever would be drawn", () =>
  withTempFolder(async (folder) => {
    const [first, second] = [join(folder, "first"), join(folder, "second")];
    Deno.mkdirSync(join(first, "splits"), { recursive: true });
    const path = "splits/general_vqa_seed123_n5.jsonl";
    Deno.writeTextFileSync(join(first, path), '{"id": "general-vqa-001"}\n');
    const report = await run(second, [madeModel("a")], { reuseFrom: first });
    assertEquals(report.outcomes[0].ids, ["general-vqa-001"]);
    assertEquals(filesIn(second, "splits")[path], '{"id":"general-vqa-001"}\n');
    Deno.writeTextFileSync(join(first, path), '{"id": "unheard of"}\n');
    const third = join(folder, "third");
    await assertRejects(
      () => run(third, [madeModel("a")], { reuseFrom: first }),
      Error,
      "unheard of",
    );
    for (const text of ["", "{}\n", '{"id": "a"}\n{"id": "a"}\n']) {
      Deno.writeTextFileSync(join(first, path), text);
      await assertRejects(() => run(third, [madeModel("a")], { reuseFrom: first }), Error, path);
    }
  }));

Deno.test("an answer that comes too late is wrong, whatever it would have been", () =>
  withTempFolder(async (folder) => {
    const model = madeModel("a");
    model.evaluator.isLate = ({ inputType }) => inputType === "question_only";
    const report = await run(folder, [model]);
    const [record] = recordsIn(
      Deno.readTextFileSync(join(folder, "results/a/reasoning_math500/A_prompt_only.jsonl")),
    );
    assertEquals([record.timed_out, record.predicted, record.correct], [true, "", false]);
    assertStringIncludes(record.full_response, `<answer>${record.gold_answer}`);
    assertEquals(report.scores.map(({ timed_out }) => timed_out), [0, 0, 5]);
    assertEquals(report.scores[2].value, 0);
    const summary = JSON.parse(
      Deno.readTextFileSync(join(folder, "results/a/reasoning_math500/summary.json")),
    );
    assertEquals([summary.timed_out, summary.M_rea], [5, 0]);
  }));

Deno.test("descriptions are the describer's where there is one, else the dataset's must be there", () =>
  withTempFolder(async (folder) => {
    const shown: string[] = [];
    const describer = {
      model: "describer-1",
      identity: "describer-1",
      describe: (images: readonly ImageToDescribe[]) => {
        shown.push(...images.map(({ key }) => key));
        return Promise.resolve(images.map(({ key }) => `words for ${key}`));
      },
    };
    const model = madeModel("a");
    const output = join(folder, "described");
    await run(output, [model], { describer });
    const path = "results/a/alignment_math_vqa/B_black_desc_prompt.jsonl";
    const records = recordsIn(Deno.readTextFileSync(join(output, path)));
    assertEquals(shown, records.map(({ id }) => `alignment_math_vqa_${id}`));
    assertEquals(records[0].description, "describer-1");
    const asked = model.evaluator.asked.filter(({ inputType }) =>
      inputType.includes("description")
    );
    assertEquals(
      asked.map(({ question }) => question.description),
      shown.map((k) => `words for ${k}`),
    );
    await assertRejects(() => run(output, [madeModel("a")]), Error, "descriptions");
    // The published files have none.
    const published = join(folder, "published");
    Deno.mkdirSync(join(published, "mathvista"), { recursive: true });
    Deno.mkdirSync(join(published, "math500"));
    Deno.copyFileSync(PARQUET, join(published, "mathvista/testmini.parquet"));
    const problem = { unique_id: "a", problem: "1 + 1?", answer: "2", level: 5 };
    Deno.writeTextFileSync(join(published, "math500/test.jsonl"), `${JSON.stringify(problem)}\n`);
    const other = madeModel("a");
    const left = await run(join(folder, "new"), [other], { data: published });
    assertEquals(left.scores.map(({ ability, n }) => [ability, n]), [
      ["perception", 1],
      ["reasoning", 1],
    ]);
    assertEquals(Object.keys(left.not_run), ["alignment"]);
    assertStringIncludes(
      left.not_run.alignment,
      `2 of its 2 questions of ${published} have none (the first is 2): name a model to write ` +
        "them by --describer",
    );
    const { basis, not_run } = JSON.parse(
      Deno.readTextFileSync(join(folder, "new", "config.json")),
    );
    // Before the answers are there, nobody knows on how many the gradings differ.
    const stated = Object.entries(left.basis).map((
      [name, own],
    ) => [name, { ...own, grader: "rules" }]);
    assertEquals([basis, not_run], [Object.fromEntries(stated), left.not_run]);
    const report = await run(join(folder, "own"), [other], { data: published, describer });
    assertEquals(report.scores.map(({ n }) => n), [1, 2, 1]);
    assertEquals(report.basis.alignment, {
      benchmark: "MathVista math_vqa",
      data: published,
      n: 2,
      grader: "sound rules (the original's rules differ on 0 of 4 answers)",
      describer: "describer-1",
    });
    // Without MathVista only reasoning is left, and without both nothing.
    Deno.removeSync(join(published, "mathvista"), { recursive: true });
    const words = await run(join(folder, "words"), [other], { data: published, describer });
    assertEquals(Object.keys(words.not_run), ["perception", "alignment"]);
    Deno.renameSync(join(published, "math500"), join(published, "gsm8k"));
    await assertRejects(
      () => run(join(folder, "none"), [other], { data: published, describer }),
      NotRunError,
      "No MATH-500 in",
    );
  }));

Deno.test("a results folder that is removed under way ends the run with an error", () =>
  withTempFolder(async (output) => {
    const model = madeModel("a");
    model.evaluator.isLate = () => {
      Deno.removeSync(join(output, "results"), { recursive: true });
      return false;
    };
    const failed = run(output, [model]);
    await assertRejects(() => failed, Error, "removed while this run was writing it");
    assertEquals(
      Object.keys(filesIn(output, ".")).filter((name) => /metrics|summary/.test(name)),
      [],
    );
  }));
