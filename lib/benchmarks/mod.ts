/**
 * Benchmarks: data sets, samples and prompts. Many names: each data set has a reader, an item and
 * its names; grading, which has a door of its own, is ./grading/mod.ts.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { findBenchmark, loadMaths } from "./mod.ts";
 *
 * const { path } = await findBenchmark("gsm8k", "embedded");
 * assertEquals((await loadMaths("gsm8k", path)).length, 300);
 * ```
 *
 * @module
 */
export {
  benchmarkTitle,
  checkData,
  DATA_HELP,
  dataSources,
  findBenchmark,
} from "./benchmark_files.ts";
export { readRows, withUniqueIds } from "./dataset_rows.ts";
export {
  loadMaths,
  MATHS_DATASETS,
  type MathsDataset,
  type MathsProblem,
} from "./maths_dataset.ts";
export { type ImageQuestionItem, loadImageQuestions } from "./mathvista_dataset.ts";
export { LOCAL_KINDS, MODEL_KINDS, type ModelKind, modelKind } from "./model_kind.ts";
export { MAX_PROMPT_PIXELS, promptImage, promptImageSize } from "./prompt_image.ts";
export {
  blackImage,
  type InputType,
  type Question,
  questionMessages,
  systemPrompt,
  withChoices,
} from "./prompts.ts";
export {
  loadVisionPairs,
  VISION_TASKS,
  type VisionPair,
  type VisionTask,
} from "./vision_dataset.ts";
export { NotRunError } from "../not_run_error.ts";
