/**
 * What a finding is made with: a recipe's models, and where records are kept.
 *
 * @module
 */
import type { z } from "zod";
import type { abilityOptions } from "./abilities/experiment.ts";
import type { AbilityReport } from "./abilities/report.ts";
import { type Experiment, LazyModel, type ProbedModel } from "../experiments/mod.ts";
import type { TripleFolders } from "../spectra/mod.ts";
import type { LayerCuts } from "../thirds.ts";

/** The role of a recipe's model. */
export type RecipeRole = keyof TripleFolders;

/** What every finding's options have. */
export interface FindingOptions {
  signal?: AbortSignal;
}

/** Options of the ability findings; words that the schema does not know are refused. */
export interface AbilityFindingOptions extends
  FindingOptions,
  Omit<
    z.input<typeof abilityOptions>,
    "experimentType" | "grading" | "temperature" | "inferenceTimeout"
  > {
  experimentType?: string;
  grading?: string;
  /** First middle and first late layer of the splices; default thirds. */
  layerCuts?: LayerCuts;
}

/**
 * Models by role, variant or merge expression. What one answers does not depend on which finding asks
 * first: those of a list are asked in the same batches, and the lists one after the other.
 */
export type ModelGroups = readonly (readonly string[])[];

/** A recipe under study, as findings see it. */
export interface FindingStudy {
  /** Names of the recipe's further checkpoints. */
  readonly variants: readonly string[];
  /** Finds one of the recipe's models, downloading what the hub cache lacks. */
  find(role: RecipeRole, signal?: AbortSignal): Promise<ProbedModel>;
  /** Runs an experiment, or goes on with it; its records are kept under its name. */
  run<M extends string, O extends z.ZodObject, L, S, Report>(
    experiment: Experiment<M, O, L, S, Report>,
    run: { models: Readonly<Record<M, ProbedModel>>; options: z.input<O>; signal?: AbortSignal },
  ): Promise<Report>;
  /** Asks models about the three abilities. */
  askAbilities(groups: ModelGroups, options: AbilityFindingOptions): Promise<AbilityReport>;
}

/** All of a recipe's models, by role. */
export async function findTriple(
  study: FindingStudy,
  signal?: AbortSignal,
): Promise<Record<RecipeRole, ProbedModel>> {
  // One after the other: downloads share one connection's bandwidth, and one bar.
  const base = await study.find("base", signal);
  const sft = await study.find("sft", signal);
  return { base, sft, rl: await study.find("rl", signal) };
}

/** The paper's limit of a response. */
const LONG_ANSWER = 2048;
/** Share of a model's context that a response may take where nothing is said. */
const CONTEXT_SHARE = 40;

/**
 * Tokens of a response, where nothing is said: the paper's limit, or less where a model's context is
 * small.
 */
export function answerLimit(maxPositionEmbeddings: number): number {
  return Math.min(LONG_ANSWER, Math.floor(maxPositionEmbeddings / CONTEXT_SHARE));
}

/** The limit asked for; else what a model's context allows. */
export async function newTokens(asked: number | undefined, model: ProbedModel): Promise<number> {
  if (asked) return asked;
  await using lazy = new LazyModel(model);
  return answerLimit(lazy.config.text.maxPositionEmbeddings);
}
