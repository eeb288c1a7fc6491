/**
 * The three probing findings on a recipe's models: records under records/, summaries under tables/.
 *
 * @module
 */
import { join } from "node:path";
import type { z } from "zod";
import { writeAtomically } from "../atomic_write.ts";
import { MATHS_DATASETS, type MathsDataset, NotRunError } from "../benchmarks/mod.ts";
import { readGrading } from "../benchmarks/grading/mod.ts";
import { resolveModel } from "../checkpoint/mod.ts";
import { type Experiment, LazyModel, type ProbedModel, runExperiment } from "../experiments/mod.ts";
import {
  ATTENTION_EXPERIMENT,
  type AttentionReport,
  FINDINGS,
  REASONING_EXPERIMENT,
  type ReasoningReport,
  VISION_EXPERIMENT,
  type VisionReport,
} from "../findings/mod.ts";
import { PartRecorded, type Shard } from "../shard.ts";
import { modelRun, type RunSettings } from "./model_run.ts";
import type { Recipe } from "./recipe.ts";
import { kindOfReference } from "./recipe_kind.ts";
import { modelName } from "./resolve_triple.ts";
import { showProgress } from "./show_progress.ts";

/** A recipe's model. */
export type RecipeRole = keyof Recipe["models"];

/** Where a finding's models and results are. */
export interface StudyContext extends RunSettings {
  recipe: Recipe;
  /** The study's folder. */
  folder: string;
  /** Where the questions are from: "embedded", "hub" or a folder. */
  readonly data: string;
  /** Who describes images whose data set does not: a role of the recipe, or any model. */
  describer?: string;
  /** The part of the work that is done here; default all. */
  shard?: Shard;
}

/** What a finding's options have besides those of its experiment. */
interface FindingOptions {
  signal?: AbortSignal;
}

/** Options of {@linkcode visionFinding}. */
export interface VisionFindingOptions
  extends FindingOptions, z.input<typeof VISION_EXPERIMENT.options> {
  /** Which of the recipe's models; default "base". */
  model?: RecipeRole;
}

type ReasoningOptions = z.input<typeof REASONING_EXPERIMENT.options>;

/** Options of {@linkcode reasoningFinding}. */
export interface ReasoningFindingOptions
  extends FindingOptions, Omit<ReasoningOptions, "dataset" | "grading" | "ablation"> {
  /** Which of the recipe's models; default "base". */
  model?: RecipeRole;
  /** Default all that the data have. */
  datasets?: readonly MathsDataset[];
  /** The grading of answers that counts: "sound" (default) or "original". */
  grading?: string;
  /** "zero" (default), or "both": a second sweep with means, which takes as long again. */
  ablation?: string;
}

/** Options of {@linkcode attentionFinding}. */
export interface AttentionFindingOptions
  extends FindingOptions, z.input<typeof ATTENTION_EXPERIMENT.options> {}

/** The paper's limit of a response. */
export const LONG_ANSWER = 2048;
/** Share of a model's context that a response may take where nothing is said. */
const CONTEXT_SHARE = 40;

/** Tokens of a response, where nothing is said, of a model with this context. */
export function shortContextAnswer(maxPositionEmbeddings: number): number {
  return Math.floor(maxPositionEmbeddings / CONTEXT_SHARE);
}

async function findRole(
  { recipe: { models, kinds }, ...run }: StudyContext,
  role: RecipeRole,
  signal?: AbortSignal,
): Promise<ProbedModel> {
  using progress = showProgress();
  const found = await resolveModel(models[role], { onProgress: progress.listener, signal });
  if (found.warning !== null) console.warn(found.warning);
  const name = modelName(found);
  const kind = kinds[role] ?? kindOfReference(found.ref);
  return { folder: found.folder, name, kind, ...modelRun(found.folder, run) };
}

/** The limit asked for; else the paper's, or less where the model's context is small. */
async function newTokens(asked: number | undefined, model: ProbedModel): Promise<number> {
  if (asked) return asked;
  await using lazy = new LazyModel(model);
  const { maxPositionEmbeddings } = lazy.config.text;
  return Math.min(LONG_ANSWER, shortContextAnswer(maxPositionEmbeddings));
}

/**
 * Makes a finding and writes its table; where the data do not allow the finding, the table says why.
 *
 * @param folder The study's folder.
 * @param file Name of the table's file.
 * @throws {NotRunError} if the data do not allow it.
 */
export async function findingTable<T>(
  folder: string,
  file: string,
  make: () => Promise<T>,
): Promise<T> {
  const write = (table: unknown) =>
    writeAtomically(
      join(folder, "tables", file),
      JSON.stringify(table, null, 2) + "\n",
    );
  try {
    const table = await make();
    await write(table);
    return table;
  } catch (error) {
    if (error instanceof NotRunError) await write({ not_run: error.message });
    throw error;
  }
}

/** Where a finding's records are kept, and how its run is told. */
async function recorded<M extends string, O extends z.ZodObject, L, S, Report>(
  experiment: Experiment<M, O, L, S, Report>,
  { folder, data, shard }: StudyContext,
  { models, options, signal }: {
    models: Readonly<Record<M, ProbedModel>>;
    options: z.input<O>;
    signal?: AbortSignal;
  },
): Promise<Report> {
  using progress = showProgress();
  return await runExperiment(experiment, {
    models,
    data,
    options,
    output: join(folder, "records", experiment.name),
    keyed: true,
    shard,
    signal,
    onProgress: progress.listener,
  });
}

/** Vision localization of one of the recipe's models, in tables/vision_localization.json. */
export function visionFinding(
  study: StudyContext,
  { model: role = "base", maxNewTokens, signal, ...options }: VisionFindingOptions = {},
): Promise<VisionReport> {
  return findingTable(
    study.folder,
    FINDINGS.vision.table,
    async () =>
      await recorded(VISION_EXPERIMENT, study, {
        models: { model: await findRole(study, role, signal) },
        options: { ...options, maxNewTokens: maxNewTokens || undefined },
        signal,
      }),
  );
}

/**
 * Reasoning localization of one of the recipe's models, in tables/reasoning_localization.json.
 * Responses are at most 2048 tokens, or a 40th of the model's context where that is less.
 *
 * @returns One report a dataset.
 */
export function reasoningFinding(
  study: StudyContext,
  { model: role = "base", maxNewTokens, datasets, grading, ablation, signal, ...options }:
    ReasoningFindingOptions = {},
): Promise<ReasoningReport[]> {
  return findingTable(study.folder, FINDINGS.reasoning.table, async () => {
    const model = await findRole(study, role, signal);
    const reports: ReasoningReport[] = [];
    const missing: NotRunError[] = [];
    const limit = await newTokens(maxNewTokens, model);
    for (const dataset of datasets ?? MATHS_DATASETS) {
      try {
        reports.push(
          await recorded(REASONING_EXPERIMENT, study, {
            models: { model },
            options: {
              ...options,
              dataset,
              maxNewTokens: limit,
              // What it may be is checked with the other options.
              ablation: ablation as ReasoningOptions["ablation"],
              grading: grading === undefined ? undefined : readGrading(grading),
            },
            signal,
          }),
        );
      } catch (error) {
        const leftOut = error instanceof NotRunError && !datasets;
        if (!leftOut && !(error instanceof PartRecorded)) throw error;
        missing.push(error);
      }
    }
    if (reports.length === 0) throw missing[0];
    return reports;
  });
}

/**
 * Attention shift over the recipe's three models, in tables/attention_shift.json. Texts are at most
 * 2048 tokens, or a 40th of the model's context where that is less.
 */
export function attentionFinding(
  study: StudyContext,
  { maxNewTokens, signal, ...options }: AttentionFindingOptions = {},
): Promise<AttentionReport> {
  return findingTable(study.folder, FINDINGS.attention.table, async () => {
    const models = {
      Base: await findRole(study, "base", signal),
      IN: await findRole(study, "sft", signal),
      RL: await findRole(study, "rl", signal),
    };
    return await recorded(ATTENTION_EXPERIMENT, study, {
      models,
      options: { ...options, maxNewTokens: await newTokens(maxNewTokens, models.Base) },
      signal,
    });
  });
}
