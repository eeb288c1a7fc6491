/**
 * The three probing findings on a recipe's models: records under records/, summaries under tables/.
 *
 * @module
 */
import { join } from "node:path";
import { writeAtomically } from "../atomic_write.ts";
import { resolveModel } from "../checkpoint/mod.ts";
import { MATHS_DATASETS, type MathsDataset, NotRunError } from "../benchmarks/mod.ts";
import { GRADINGS, readGrading } from "../benchmarks/grading/mod.ts";
import type { ModelRole } from "../probing/mod.ts";
import type { AttentionReport, ReasoningReport, VisionReport } from "../probing/mod.ts";
import { type RoleModel, storedAttentionShift } from "./attention_shift.ts";
import { storedReasoningLocalization } from "./localization_reasoning.ts";
import { storedVisionLocalization } from "./localization_vision.ts";
import { modelRun, type RunSettings } from "./model_run.ts";
import { LazyModel } from "./probing_model.ts";
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
}

/** Options that the three findings share. */
interface CommonOptions {
  /** Longest answer in tokens; default or 0: see each finding. */
  maxNewTokens?: number;
  /** Seed of the draw; default 123. */
  sampleSeed?: number;
  signal?: AbortSignal;
}

/** Options of {@linkcode visionFinding}. */
export interface VisionFindingOptions extends Omit<CommonOptions, "sampleSeed"> {
  /** Which of the recipe's models; default "base". */
  model?: RecipeRole;
  /** Pairs of each task; default 50. */
  numSamples?: number;
  /** Default all four. */
  tasks?: readonly string[];
  /** First layers of the swaps; default every layer. */
  layers?: readonly number[];
}

/** Options of {@linkcode reasoningFinding}. */
export interface ReasoningFindingOptions extends CommonOptions {
  /** Which of the recipe's models; default "base". */
  model?: RecipeRole;
  /** Default all that the data have. */
  datasets?: readonly MathsDataset[];
  /** Problems drawn from each dataset; default 100. */
  sampleSize?: number;
  /** The grading of answers that counts: "sound" (default) or "original". */
  grading?: string;
  /** Layers to leave out, one at a time; default every layer. */
  layers?: readonly number[];
}

/** Options of {@linkcode attentionFinding}. */
export interface AttentionFindingOptions extends CommonOptions {
  /** Category of the questions; default "math-targeted-vqa". */
  category?: string;
  /** Questions drawn; default 100. */
  sampleSize?: number;
  /** Whose text all models are measured under; default "IN". */
  fixedText?: ModelRole;
}

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
): Promise<RoleModel> {
  using progress = showProgress();
  const found = await resolveModel(models[role], { onProgress: progress.listener, signal });
  if (found.warning !== null) console.warn(found.warning);
  const name = modelName(found);
  const kind = kinds[role] ?? kindOfReference(found.ref);
  return { folder: found.folder, name, kind, ...modelRun(found.folder, run) };
}

/** The limit asked for; else the paper's, or less where the model's context is small. */
async function newTokens(asked: number | undefined, model: RoleModel): Promise<number> {
  if (asked) return asked;
  await using lazy = new LazyModel(model);
  const { maxPositionEmbeddings } = lazy.config.text;
  return Math.min(LONG_ANSWER, shortContextAnswer(maxPositionEmbeddings));
}

/**
 * Makes a finding and writes its table; where the data do not allow the finding, the table says why.
 *
 * @param folder The study's folder.
 * @throws {NotRunError} if the data do not allow it.
 */
export async function findingTable<T>(
  folder: string,
  name: string,
  make: () => Promise<T>,
): Promise<T> {
  const write = (table: unknown) =>
    writeAtomically(
      join(folder, "tables", `${name}.json`),
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

/** Vision localization of one of the recipe's models, in tables/vision_localization.json. */
export function visionFinding(
  study: StudyContext,
  { model: role = "base", maxNewTokens, ...options }: VisionFindingOptions = {},
): Promise<VisionReport> {
  return findingTable(study.folder, "vision_localization", async () => {
    const model = await findRole(study, role, options.signal);
    using progress = showProgress();
    return await storedVisionLocalization(model, {
      ...options,
      data: study.data,
      maxNewTokens: maxNewTokens || undefined,
      output: join(study.folder, "records", "localization_vision"),
      keyed: true,
      onProgress: progress.listener,
    });
  });
}

/**
 * Reasoning localization of one of the recipe's models, in tables/reasoning_localization.json.
 * Responses are at most 2048 tokens, or a 40th of the model's context where that is less.
 *
 * @returns One report a dataset.
 */
export function reasoningFinding(
  study: StudyContext,
  { model: role = "base", maxNewTokens, datasets, grading = GRADINGS[0], ...options }:
    ReasoningFindingOptions = {},
): Promise<ReasoningReport[]> {
  return findingTable(study.folder, "reasoning_localization", async () => {
    const model = await findRole(study, role, options.signal);
    const reports: ReasoningReport[] = [];
    const missing: NotRunError[] = [];
    using progress = showProgress();
    for (const dataset of datasets ?? MATHS_DATASETS) {
      try {
        reports.push(
          await storedReasoningLocalization(model, {
            ...options,
            dataset,
            data: study.data,
            grading: readGrading(grading),
            kind: model.kind,
            maxNewTokens: await newTokens(maxNewTokens, model),
            output: join(study.folder, "records", "localization_reasoning"),
            keyed: true,
            onProgress: progress.listener,
          }),
        );
      } catch (error) {
        if (!(error instanceof NotRunError) || datasets) throw error;
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
  { maxNewTokens, ...options }: AttentionFindingOptions = {},
): Promise<AttentionReport> {
  return findingTable(study.folder, "attention_shift", async () => {
    const models = {
      Base: await findRole(study, "base", options.signal),
      IN: await findRole(study, "sft", options.signal),
      RL: await findRole(study, "rl", options.signal),
    };
    using progress = showProgress();
    return await storedAttentionShift(models, {
      ...options,
      data: study.data,
      maxNewTokens: await newTokens(maxNewTokens, models.Base),
      output: join(study.folder, "records", "attention_shift"),
      keyed: true,
      onProgress: progress.listener,
    });
  });
}
