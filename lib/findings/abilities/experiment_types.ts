/**
 * The transferability experiments as data: which samples, what is shown of them, and what is
 * measured. Names are the original's, since files and records carry them.
 *
 * @module
 */
import type { Ability } from "../../abilities.ts";
import { benchmarkTitle, type InputType } from "../../benchmarks/mod.ts";

/** The paper's experiments (v1), and the original's finer splits (v2). */
export const EXPERIMENT_TYPES = ["v1", "v2"] as const;
/** One of the two sets of experiments. */
export type ExperimentType = typeof EXPERIMENT_TYPES[number];

/** What a sample is shown as. */
export interface ExperimentSetting {
  /** Name of the file of records, e.g. "A_image_prompt". */
  name: string;
  inputType: InputType;
}

/** Whether a description of the image is shown. */
export function isDescribed({ inputType }: ExperimentSetting): boolean {
  return inputType === "black_image_description_question";
}

/** Samples for which one of the stated conditions holds; all where none is stated. */
export interface SampleFilter {
  categories?: readonly string[];
  contexts?: readonly string[];
  tasks?: readonly string[];
  /** Lowest level of a maths problem. */
  level?: number;
}

/** One experiment: an ability measured on one sample. */
export interface Experiment {
  name: string;
  ability: Ability;
  description: string;
  /** Name of the sample's file in splits/, without seed and size. */
  split: string;
  dataset: "mathvista" | "math500";
  filter: SampleFilter;
  /** Setting A, and B where the measure needs one. */
  settings: readonly [ExperimentSetting] | readonly [ExperimentSetting, ExperimentSetting];
}

const IMAGE: ExperimentSetting = { name: "A_image_prompt", inputType: "image_question" };
const BLACK: ExperimentSetting = {
  name: "B_black_image_prompt",
  inputType: "black_image_question",
};
const DESCRIBED: ExperimentSetting = {
  name: "B_black_desc_prompt",
  inputType: "black_image_description_question",
};
const TEXT: ExperimentSetting = { name: "A_prompt_only", inputType: "question_only" };

/** The experiments by set, in the order in which they run. */
export const EXPERIMENTS: Readonly<Record<ExperimentType, readonly Experiment[]>> = {
  v1: [
    {
      name: "perception_general_vqa",
      ability: "perception",
      description: "General VQA (perception test)",
      split: "general_vqa",
      dataset: "mathvista",
      filter: { categories: ["general-vqa"] },
      settings: [IMAGE, BLACK],
    },
    {
      name: "alignment_math_vqa",
      ability: "alignment",
      description: "Math VQA (alignment test)",
      split: "math_vqa",
      dataset: "mathvista",
      filter: { categories: ["math-targeted-vqa"] },
      settings: [IMAGE, DESCRIBED],
    },
    {
      name: "reasoning_math500",
      ability: "reasoning",
      description: "MATH-500 (reasoning test)",
      split: "math500",
      dataset: "math500",
      filter: {},
      settings: [TEXT],
    },
  ],
  v2: [
    {
      name: "pure_perception",
      ability: "perception",
      description: "Pure visual perception (charts, tables, natural images)",
      split: "perception",
      dataset: "mathvista",
      filter: {
        contexts: [
          "natural image",
          "bar chart",
          "table",
          "pie chart",
          "scatter plot",
          "line plot",
        ],
      },
      settings: [IMAGE, BLACK],
    },
    {
      name: "vision_reasoning",
      ability: "alignment",
      description: "Vision + Reasoning (geometry problem solving)",
      split: "geometry",
      dataset: "mathvista",
      filter: { contexts: ["geometry diagram"], tasks: ["geometry problem solving"] },
      settings: [IMAGE, DESCRIBED],
    },
    {
      name: "pure_reasoning",
      ability: "reasoning",
      description: "Pure reasoning (MATH-500 Level 4-5)",
      split: "hard_math",
      dataset: "math500",
      filter: { level: 4 },
      settings: [TEXT],
    },
  ],
};

/** Name of the benchmark and of the experiment's part of it, e.g. "MathVista general_vqa". */
export function benchmarkOf({ dataset, split }: Experiment): string {
  const title = benchmarkTitle(dataset);
  return split === dataset ? title : `${title} ${split}`;
}

/** What a filter looks at. */
export interface FilteredSample {
  category?: string;
  context?: string;
  task?: string;
  level?: number | null;
}

/**
 * Whether a sample belongs to an experiment.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 *
 * const [, geometry] = EXPERIMENTS.v2;
 * assert(passesFilter({ context: "synthetic scene", task: "geometry problem solving" }, geometry.filter));
 * assert(!passesFilter({ level: 3 }, { level: 4 }));
 * ```
 */
export function passesFilter(
  { category = "", context = "", task = "", level }: FilteredSample,
  { categories, contexts, tasks, level: lowest }: SampleFilter,
): boolean {
  // The original takes a problem without a level as level 1.
  if (lowest !== undefined && (level ?? 1) < lowest) return false;
  if (!categories && !contexts && !tasks) return true;
  return Boolean(
    categories?.includes(category) || contexts?.includes(context) || tasks?.includes(task),
  );
}

/**
 * The experiment of a name, of either set.
 *
 * @returns Undefined if there is none.
 */
export function experimentNamed(name: string): Experiment | undefined {
  return EXPERIMENT_TYPES.flatMap((type) => EXPERIMENTS[type]).find((known) => known.name === name);
}
