import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { withTempFolder } from "../testing/temp_folder.ts";
import {
  drawSample,
  loadBenchmarks,
  loadSample,
  questionHash,
  type SampledQuestion,
} from "./experiment_sample.ts";
import { EXPERIMENTS } from "../evaluation/experiments.ts";

const [PERCEPTION, ALIGNMENT, REASONING] = EXPERIMENTS.v1;

Deno.test("samples are the paper's, ascending in the file", async () => {
  const benchmarks = await loadBenchmarks();
  // sorted(numpy.random.RandomState(123).choice(numpy.arange(n), 3, replace=False)), n 240 and 300
  const draw = { size: 3, seed: 123 };
  assertEquals(drawSample(PERCEPTION, benchmarks, draw).map((id) => id.slice(-3)), NUMPY_240);
  assertEquals(
    drawSample(REASONING, benchmarks, draw).map((id) => Number(/(\d+)\.json/.exec(id)![1])),
    [114, 165, 262],
  );
  assertEquals(drawSample(ALIGNMENT, benchmarks, { size: 999, seed: 1 }).length, 240);
});

const NUMPY_240 = ["062", "128", "160"];

Deno.test("questions come with choices, image and description", async () => {
  const benchmarks = await loadBenchmarks();
  const [choice, word] = await loadSample(PERCEPTION, benchmarks, [
    "general-vqa-000",
    "general-vqa-001",
  ]);
  assertEquals(
    choice.question,
    "How many items are there in the image?\n\nChoices:\nA. 2\nB. 7\nC. 1\nD. 5",
  );
  assertEquals([choice.gold, choice.choices], ["5", ["2", "7", "1", "5"]]);
  assertEquals([word.gold, word.choices, word.description], [
    "MLZL",
    null,
    "The image shows the text MLZL.",
  ]);
  assertEquals([choice.image!.width, choice.image!.height], [112, 112]);
  await assertRejects(() => loadSample(PERCEPTION, benchmarks, ["x"]), Error, "names x");
});

Deno.test("a hash tells what is shown in its setting, and no more", async () => {
  const benchmarks = await loadBenchmarks();
  const [question] = await loadSample(ALIGNMENT, benchmarks, [
    drawSample(ALIGNMENT, benchmarks, { size: 1, seed: 0 })[0],
  ]);
  const changed = (more: Partial<SampledQuestion>) => ({ ...question, ...more });
  const image = "image_question";
  const described = "black_image_description_question";
  assertNotEquals(questionHash(question, image), questionHash(question, described));
  for (const more of [{ question: "?" }, { gold: "?" }, { id: "?" }, { imageHash: "?" }]) {
    assertNotEquals(questionHash(changed(more), image), questionHash(question, image));
  }
  const other = changed({ description: "?" });
  assertEquals(questionHash(other, image), questionHash(question, image));
  assertNotEquals(questionHash(other, described), questionHash(question, described));
  const text = changed({ imageHash: "?" });
  assertEquals(questionHash(text, "question_only"), questionHash(question, "question_only"));
});

Deno.test("benchmarks are found in a folder of the published files", () =>
  withTempFolder(async (folder) => {
    await assertRejects(() => loadBenchmarks(folder), Error, "mathvista/testmini.parquet");
    for (const name of ["mathvista", "math500"]) Deno.mkdirSync(join(folder, name));
    const parquet = fileURLToPath(new URL("./testdata/mathvista.parquet", import.meta.url));
    Deno.copyFileSync(parquet, join(folder, "mathvista", "testmini.parquet"));
    await assertRejects(() => loadBenchmarks(folder), Error, "Cannot find math500");
    const problem = { unique_id: "a", problem: "1 + 1?", answer: "2", level: 5 };
    Deno.writeTextFileSync(join(folder, "math500", "test.jsonl"), `${JSON.stringify(problem)}\n`);
    const benchmarks = await loadBenchmarks(folder);
    const ids = drawSample(ALIGNMENT, benchmarks, { size: 10, seed: 1 });
    const questions = await loadSample(ALIGNMENT, benchmarks, ids);
    assertEquals(questions.map(({ gold }) => gold), ["7", "3"]);
    assert(questions.every(({ description }) => description === ""));
    const [geometry] = [EXPERIMENTS.v2[1]];
    assertEquals(drawSample(geometry, benchmarks, { size: 10, seed: 1 }), ["3"]);
    await assertRejects(
      async () =>
        drawSample({ ...geometry, filter: { contexts: ["x"] } }, benchmarks, {
          size: await Promise.resolve(1),
          seed: 1,
        }),
      Error,
      "no sample of mathvista",
    );
  }));
