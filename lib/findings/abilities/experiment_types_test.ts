import { assert, assertEquals } from "@std/assert";
import { loadBenchmark } from "./sampled_questions.ts";
import { type Experiment, experimentNamed, EXPERIMENTS, passesFilter } from "./experiment_types.ts";

const facts = ({ name, ability, split, dataset, settings }: Experiment) => [
  name,
  ability,
  split,
  dataset,
  settings.map((setting) => [setting.name, setting.inputType].join(" ")),
];

Deno.test("names, files and settings are the original's", () => {
  const image = "A_image_prompt image_question";
  const black = "B_black_image_prompt black_image_question";
  const described = "B_black_desc_prompt black_image_description_question";
  const text = "A_prompt_only question_only";
  assertEquals(EXPERIMENTS.v1.map(facts), [
    ["perception_general_vqa", "perception", "general_vqa", "mathvista", [image, black]],
    ["alignment_math_vqa", "alignment", "math_vqa", "mathvista", [image, described]],
    ["reasoning_math500", "reasoning", "math500", "math500", [text]],
  ]);
  assertEquals(EXPERIMENTS.v2.map(facts), [
    ["pure_perception", "perception", "perception", "mathvista", [image, black]],
    ["vision_reasoning", "alignment", "geometry", "mathvista", [image, described]],
    ["pure_reasoning", "reasoning", "hard_math", "math500", [text]],
  ]);
  assertEquals(experimentNamed("vision_reasoning"), EXPERIMENTS.v2[1]);
  assertEquals(experimentNamed("reasoning"), undefined);
});

Deno.test("v2 takes contexts, geometry by context or task, and levels from 4", () => {
  const [perception, geometry, hard] = EXPERIMENTS.v2.map(({ filter }) => filter);
  for (const context of ["natural image", "bar chart", "table", "pie chart", "line plot"]) {
    assert(passesFilter({ context }, perception));
  }
  assert(passesFilter({ context: "scatter plot" }, perception));
  assert(!passesFilter({ context: "document image", category: "general-vqa" }, perception));
  assert(
    passesFilter({ context: "geometry diagram", task: "figure question answering" }, geometry),
  );
  assert(passesFilter({ context: "other", task: "geometry problem solving" }, geometry));
  assert(!passesFilter({ context: "table", task: "math word problem" }, geometry));
  assertEquals([3, 4, 5, null].map((level) => passesFilter({ level }, hard)), [
    false,
    true,
    true,
    false,
  ]);
});

Deno.test("the embedded benchmarks have enough samples of every experiment", async () => {
  const counts = await Promise.all(
    [...EXPERIMENTS.v1, ...EXPERIMENTS.v2].map(async ({ dataset, filter }) => {
      const { items } = await loadBenchmark(dataset, "embedded");
      return items.filter((item) => passesFilter(item, filter)).length;
    }),
  );
  assertEquals(counts, [240, 240, 300, 180, 80, 120]);
});
