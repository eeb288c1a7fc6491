import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { withTempFolder } from "../testing/temp_folder.ts";
import { Describer, NOT_DESCRIBED } from "./describer.ts";
import { createServedEvaluator } from "./served_evaluator.ts";
import { ServedModelError } from "./served_error.ts";
import { readVerdict, ServedJudge } from "./served_judge.ts";
import { answer, failure, FakeApi, never } from "./testdata/fake_api.ts";
import { environment } from "./testdata/served_test_tools.ts";
import { TestClock } from "./testdata/test_clock.ts";

function judgeOf(fake: FakeApi, folder: string, options = {}): ServedJudge {
  const schedule = { clock: new TestClock() };
  const readVariable = environment(fake);
  return new ServedJudge({ cacheFolder: folder, readVariable, schedule, ...options });
}

function describerOf(fake: FakeApi, folder: string): Describer {
  const schedule = { clock: new TestClock() };
  const readVariable = environment(fake);
  const evaluator = createServedEvaluator("gpt-4o-mini", { readVariable, schedule });
  return new Describer(evaluator, { cacheFolder: folder });
}

const answers = Array.from({ length: 8 }, (_, i) => ({
  key: `a${i}`,
  question: `What is ${i} + 1?`,
  gold: String(i + 1),
  response: i % 2 ? "I am sure: 77" : String(i + 1),
}));
const judgements = (judge: ServedJudge, signal?: AbortSignal) =>
  answers.map((answer) => judge.judge(answer, { signal }));
const picture = (value: number) => ({
  width: 28,
  height: 28,
  data: new Uint8Array(28 * 28 * 3).fill(value),
});

Deno.test("a verdict is one word and nothing else", () => {
  for (const text of ["correct", "Correct.", " CORRECT\n", "**correct**", '"Yes"', "true"]) {
    assertEquals(readVerdict(text), true, text);
  }
  for (const text of ["incorrect", "Incorrect!", "**Incorrect.**", "no", "False"]) {
    assertEquals(readVerdict(text), false, text);
  }
  const others = ["", "not correct", "correct or incorrect", "it is correct", "constructor", "1"];
  for (const text of others) assertEquals(readVerdict(text), null, text);
});

Deno.test("answers are judged once each, and a second run asks nothing", async () => {
  await using fake = new FakeApi((call) =>
    call.attempt === 0 && /What is [25]/.test(call.text)
      ? failure(call.api, 500)
      : answer(call, call.text.includes("77") ? "incorrect" : "Correct.")
  );
  await withTempFolder(async (folder) => {
    const verdicts = async (judge: ServedJudge) =>
      (await Promise.all(judgements(judge))).map(({ correct }) => correct);
    const judge = judgeOf(fake, folder);
    const wanted = answers.map((_, i) => i % 2 === 0);
    assertEquals(await verdicts(judge), wanted);
    assertEquals(fake.calls.length, 10);
    assertEquals(fake.calls[0].body.model, "gpt-4o-mini");
    const { text } = fake.calls.find(({ text }) => text.includes("What is 3"))!;
    for (const part of ["What is 3 + 1?", "\n4\n", "I am sure: 77"]) assert(text.includes(part));
    assertEquals([...Deno.readDirSync(join(folder, "grading"))].length, 8);
    assertEquals(await verdicts(judgeOf(fake, folder)), wanted);
    assertEquals(fake.calls.length, 10);
    // Another judge, or another answer, is another question.
    await judgeOf(fake, folder, { model: "claude-sonnet-4-5" }).judge(answers[0]);
    await judge.judge({ ...answers[0], response: "one" });
    assertEquals(fake.calls.length, 12);
  });
});

Deno.test("the same answer judged by many at once is asked once", async () => {
  await using fake = new FakeApi((call) => answer(call, "correct"));
  await withTempFolder(async (folder) => {
    const judge = judgeOf(fake, folder);
    const all = await Promise.all(answers.map(() => judge.judge(answers[0])));
    assertEquals(all, Array(8).fill({ correct: true, grade: "correct" }));
    assertEquals(fake.calls.length, 1);
  });
});

Deno.test("words that are no verdict are asked for once more, then are null and not kept", async () => {
  const replies = ["I think it is", "Correct", "perhaps", "who knows", "incorrect"];
  await using fake = new FakeApi((call) => answer(call, replies.shift()!));
  await withTempFolder(async (folder) => {
    const judge = judgeOf(fake, folder);
    assertEquals(await judge.judge(answers[0]), { correct: true, grade: "Correct" });
    assertEquals(await judge.judge(answers[1]), { correct: null, grade: "who knows" });
    assertEquals([...Deno.readDirSync(join(folder, "grading"))].length, 1);
    assertEquals(await judge.judge(answers[1]), { correct: false, grade: "incorrect" });
    assertEquals(fake.calls.length, 5);
  });
});

Deno.test("a judge that refuses gives no verdict, one that is late is asked again", async () => {
  await using fake = new FakeApi((call) => {
    if (call.text.includes("What is 0")) return answer(call, "", "content_filter");
    return call.attempt === 0 ? never(call) : answer(call, "correct");
  });
  await withTempFolder(async (folder) => {
    const judge = judgeOf(fake, folder, { timeoutSeconds: 0.5 });
    assertEquals(await judge.judge(answers[0]), { correct: null, grade: "[refused]" });
    assertEquals(await judge.judge(answers[1]), { correct: true, grade: "correct" });
    const hopeless = judgeOf(fake, folder, {
      timeoutSeconds: 0.05,
      schedule: { clock: new TestClock(), retries: 0 },
    });
    const error = await assertRejects(() => hopeless.judge(answers[2]), ServedModelError);
    assert(/judge answer "a2".*: no answer within 0.05 s \(attempt 1 of 1\)/.test(error.message));
  });
});

Deno.test("a judging that broke off goes on where it was", async () => {
  let broken = true;
  await using fake = new FakeApi((call) =>
    broken && call.text.includes("What is 5") ? failure(call.api, 401) : answer(call, "correct")
  );
  await withTempFolder(async (folder) => {
    const ends = await Promise.allSettled(judgements(judgeOf(fake, folder)));
    const failures = ends.flatMap((end) => end.status === "rejected" ? [end.reason] : []);
    assertEquals(failures.map(({ name, status }) => [name, status]), [["ServedModelError", 401]]);
    assertEquals([...Deno.readDirSync(join(folder, "grading"))].length, 7);
    broken = false;
    await Promise.all(judgements(judgeOf(fake, folder)));
    assertEquals([...Deno.readDirSync(join(folder, "grading"))].length, 8);
    const right = fake.calls.filter(({ text }) => !text.includes("What is 5"));
    assertEquals(new Set(right.map(({ text }) => text)).size, right.length);
  });
});

Deno.test("images are described once each, without question or answer", async () => {
  await using fake = new FakeApi((call) => answer(call, `picture ${call.png!.length}`));
  await withTempFolder(async (folder) => {
    const describer = describerOf(fake, folder);
    const items = [1, 2, 3, 1].map((value) => ({ key: `p${value}`, image: picture(value) }));
    const described = await describer.describe(items);
    assertEquals([described.length, described[0]], [4, described[3]]);
    assertEquals(fake.calls.length, 3);
    for (const { text } of fake.calls) assert(text.startsWith("Describe this image"), text);
    const again = describerOf(fake, folder);
    assertEquals(await again.describe(items), described);
    assertEquals(fake.calls.length, 3);
    // The same bytes in another form are another image.
    await again.describe([{ key: "p", image: { ...picture(1), width: 14, height: 56 } }]);
    assertEquals(fake.calls.length, 4);
    assertEquals([...Deno.readDirSync(join(folder, "descriptions"))].length, 4);
    assertNotEquals(fake.calls[0].png, fake.calls[3].png);
  });
});

Deno.test("a refusal to describe is kept, an empty description is not", async () => {
  const replies: [string, string?][] = [["", "content_filter"], [""], ["  "], ["a chart"]];
  await using fake = new FakeApi((call) => answer(call, ...replies.shift()!));
  await withTempFolder(async (folder) => {
    const describer = describerOf(fake, folder);
    const describe = (value: number) => describer.describe([{ key: "p", image: picture(value) }]);
    assertEquals(await describe(1), ["[refused]"]);
    assertEquals(await describe(1), ["[refused]"]);
    assertEquals(await describe(2), [NOT_DESCRIBED]);
    assertEquals(await describe(2), ["a chart"]);
    assertEquals(fake.calls.length, 4);
  });
});

Deno.test("an abort ends judging and describing", async () => {
  await using fake = new FakeApi(never);
  await withTempFolder(async (folder) => {
    const signal = AbortSignal.timeout(30);
    const described = describerOf(fake, folder).describe([{ key: "p", image: picture(1) }], {
      signal,
    });
    await assertRejects(() => described, DOMException);
    for (const end of await Promise.allSettled(judgements(judgeOf(fake, folder), signal))) {
      assert(end.status === "rejected" && end.reason instanceof DOMException);
    }
  });
});
