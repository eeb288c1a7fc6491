import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import type { AnswerJudge, JudgedAnswer } from "../../serving/mod.ts";
import { withTempFolder } from "../../testing/temp_folder.ts";
import { regradeRun } from "./grading.ts";
import { filesIn, madeModel, runAbilities } from "./testdata/made_models.ts";

/** Says the opposite of the rules, and nothing of what it does not know. */
class ContraryJudge implements AnswerJudge {
  readonly model = "judge-1";
  readonly asked: JudgedAnswer[] = [];
  breakAfter = Infinity;
  silentFor = "";

  judge(answer: JudgedAnswer) {
    if (this.asked.length >= this.breakAfter) return Promise.reject(new Error("No more verdicts"));
    this.asked.push(answer);
    const silent = this.silentFor !== "" && answer.key.includes(this.silentFor);
    const correct = silent ? null : answer.response !== answer.gold;
    return Promise.resolve({ correct, grade: { is_correct: correct, reason: "contrary" } });
  }
}

function run(output: string, judge?: AnswerJudge) {
  // The judge says the opposite of the answer that it is shown, which is the original's reading.
  const grading = "original";
  const model = madeModel("a");
  model.evaluator.isLate = ({ key }) => key.includes("general-vqa") && key.includes("A_image");
  return runAbilities(output, [model], { sampleSize: 4, maxNewTokens: 8, grading, judge });
}

function recordsOf(folder: string) {
  return Object.entries(filesIn(folder)).filter(([path]) => path.endsWith(".jsonl"))
    .flatMap(([, text]) => text.trimEnd().split("\n").map((line) => JSON.parse(line)));
}

Deno.test("judged later or at once, a run is the same; late answers are not judged", () =>
  withTempFolder(async (folder) => {
    const [later, atOnce] = [join(folder, "later"), join(folder, "at once")];
    const byRules = await run(later);
    const before = recordsOf(later);
    const judge = new ContraryJudge();
    const { graded, flipped } = await regradeRun(later, { judge, grading: "original" });
    assertEquals([graded, flipped, judge.asked.length], [16, 16, 16]);
    const report = await run(atOnce, new ContraryJudge());
    assertEquals(
      report.basis.perception.grader,
      "judge-1 and the original's rules (sound rules differ on 0 of 4 answers)",
    );
    assertEquals(filesIn(later), filesIn(atOnce));
    const after = recordsOf(later);
    for (const [i, record] of after.entries()) {
      const { timed_out, correct_gpt, correct_primary, correct, gpt_grade, graded_by } = record;
      if (timed_out) {
        assertEquals([correct_gpt, correct_primary, graded_by], [null, false, "rules"]);
      } else {
        assertEquals([correct_gpt, correct_primary, graded_by], [!correct, !correct, "judge-1"]);
        assertEquals(gpt_grade, { is_correct: !correct, reason: "contrary" });
      }
      assertEquals([correct, Object.keys(record)], [before[i].correct, Object.keys(before[i])]);
    }
    assertEquals(judge.asked[0].key.split("_").slice(0, 3), ["alignment", "math", "vqa"]);
    const [, , solved] = byRules.scores;
    assertEquals(report.scores[2].value, 1 - solved.value!);
    const metrics = JSON.parse(Deno.readTextFileSync(join(later, "paper_metrics.json")));
    assertEquals(metrics.a.M_rea, 1 - solved.value!);
  }));

Deno.test("verdicts before a failure are kept, and none is asked for twice", () =>
  withTempFolder(async (folder) => {
    await run(folder);
    const judge = new ContraryJudge();
    judge.breakAfter = 6;
    await assertRejects(() => regradeRun(folder, { judge, concurrency: 2 }), Error, "No more");
    const judged = recordsOf(folder).filter(({ correct_gpt }) => correct_gpt !== null).length;
    assertEquals(judged, 6);
    // The summary of what was being judged is gone rather than wrong.
    const summaries = Object.keys(filesIn(folder)).filter((path) => path.endsWith("summary.json"));
    assert(summaries.length < 3);
    judge.breakAfter = Infinity;
    const { graded } = await regradeRun(folder, { judge });
    assertEquals([graded, judge.asked.length], [10, 16]);
    assertEquals(new Set(judge.asked.map(({ key }) => key)).size, 16);
    assertEquals(await regradeRun(folder, { judge }), { graded: 0, flipped: 0 });
    const names = Object.keys(filesIn(folder)).filter((path) => path.endsWith("summary.json"));
    assertEquals(names.length, 3);
  }));

Deno.test("where the judge says nothing, the rules' verdict stands", () =>
  withTempFolder(async (folder) => {
    await run(folder);
    const judge = new ContraryJudge();
    judge.silentFor = "math500";
    const { graded } = await regradeRun(folder, { judge });
    assertEquals(graded, 12);
    const silent = recordsOf(folder).filter(({ dataset }) => dataset === "reasoning_math500");
    for (const { correct, correct_gpt, correct_primary, graded_by } of silent) {
      assertEquals([correct_gpt, correct_primary, graded_by], [null, correct, "rules"]);
    }
  }));

Deno.test("records of the original are judged too", () =>
  withTempFolder(async (folder) => {
    // The fields that its records have, without those of ours.
    const record = (id: string, correct: boolean, correct_gpt: boolean | null) => ({
      id,
      input_type: "question_only",
      question: "1 + 1?",
      gold_answer: "2",
      predicted: correct ? "2" : "3",
      correct,
      full_response: "...",
      model_type: "reasoner",
      timed_out: false,
      inference_time: 1.5,
      dataset: "reasoning_math500",
      model: "org/name",
      setting: "A_prompt_only",
      correct_gpt,
      ...(correct_gpt === null ? {} : { gpt_grade: { is_correct: correct_gpt } }),
      correct_primary: correct_gpt ?? correct,
    });
    const path = join(folder, "results/org_name/reasoning_math500/A_prompt_only.jsonl");
    Deno.mkdirSync(join(path, ".."), { recursive: true });
    const lines = [record("a", true, null), record("b", false, null), record("c", false, true)];
    Deno.writeTextFileSync(path, lines.map((line) => JSON.stringify(line) + "\n").join(""));
    const judge = new ContraryJudge();
    assertEquals(await regradeRun(folder, { judge }), { graded: 2, flipped: 2 });
    assertEquals(recordsOf(folder).map(({ correct_primary }) => correct_primary), [
      false,
      true,
      true,
    ]);
    const metrics = JSON.parse(Deno.readTextFileSync(join(folder, "paper_metrics.json")));
    assertEquals(metrics, { "org/name": { M_rea: 0.6667 } });
  }));

Deno.test("a folder without records, and a damaged file, are refused", () =>
  withTempFolder(async (folder) => {
    const judge = new ContraryJudge();
    await assertRejects(() => regradeRun(folder, { judge }), Error, "no records");
    await run(folder);
    const path = join(folder, "results/a/reasoning_math500/A_prompt_only.jsonl");
    const text = Deno.readTextFileSync(path);
    Deno.writeTextFileSync(path, text.replace('"gold_answer"', '"old_answer"'));
    await assertRejects(() => regradeRun(folder, { judge }), Error, "gold_answer");
    assertEquals(judge.asked, []);
  }));
