import { assert, assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { fileURLToPath } from "node:url";
import { loadImageQuestions } from "../../benchmarks/mathvista_dataset.ts";
import {
  drawSample,
  loadBenchmark,
  loadSample,
  questionHash,
  type SampledQuestion,
} from "./sampled_questions.ts";
import { EXPERIMENTS } from "./experiment_types.ts";

const [PERCEPTION, ALIGNMENT, REASONING] = EXPERIMENTS.v1;

const itemsOf = async (name: "mathvista" | "math500") =>
  (await loadBenchmark(name, "embedded")).items;

Deno.test("samples are the paper's, ascending in the file", async () => {
  const [mathvista, math500] = [await itemsOf("mathvista"), await itemsOf("math500")];
  // sorted(numpy.random.RandomState(123).choice(numpy.arange(n), 3, replace=False)), n 240 and 300
  const draw = { size: 3, seed: 123 };
  assertEquals(drawSample(PERCEPTION, mathvista, draw).map((id) => id.slice(-3)), NUMPY_240);
  assertEquals(
    drawSample(REASONING, math500, draw).map((id) => Number(/(\d+)\.json/.exec(id)![1])),
    [114, 165, 262],
  );
  assertEquals(drawSample(ALIGNMENT, mathvista, { size: 999, seed: 1 }).length, 240);
});

const NUMPY_240 = ["062", "128", "160"];

Deno.test("questions come with choices, image and description", async () => {
  const items = await itemsOf("mathvista");
  const [choice, word] = await loadSample(PERCEPTION, items, [
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
  await assertRejects(() => loadSample(PERCEPTION, items, ["x"]), Error, "names x");
});

Deno.test("a hash tells what is shown in its setting, and no more", async () => {
  const items = await itemsOf("mathvista");
  const [question] = await loadSample(ALIGNMENT, items, [
    drawSample(ALIGNMENT, items, { size: 1, seed: 0 })[0],
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

Deno.test("a sample of the published layout has no descriptions", async () => {
  const parquet = fileURLToPath(
    new URL("../../benchmarks/testdata/mathvista.parquet", import.meta.url),
  );
  const items = await loadImageQuestions(parquet);
  const ids = drawSample(ALIGNMENT, items, { size: 10, seed: 1 });
  const questions = await loadSample(ALIGNMENT, items, ids);
  assertEquals(questions.map(({ gold }) => gold), ["7", "3"]);
  assert(questions.every(({ description }) => description === ""));
  const [, geometry] = EXPERIMENTS.v2;
  assertEquals(drawSample(geometry, items, { size: 10, seed: 1 }), ["3"]);
  assertThrows(
    () => drawSample({ ...geometry, filter: { contexts: ["x"] } }, items, { size: 1, seed: 1 }),
    Error,
    "no sample of mathvista",
  );
});
