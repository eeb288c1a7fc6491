/**
 * A finding on a recipe's models: records under records/, its table under tables/.
 *
 * @module
 */
import { join } from "node:path";
import type { z } from "zod";
import { writeAtomically } from "../atomic_write.ts";
import { resolveModel } from "../checkpoint/mod.ts";
import { type Experiment, type ProbedModel, runExperiment } from "../experiments/mod.ts";
import {
  type AbilityFindingOptions,
  type Finding,
  type FindingKey,
  type FindingOptions,
  FINDINGS,
  type FindingStudy,
  type ModelGroups,
  type OptionsOf,
  type RecipeRole,
  type ReportOf,
} from "../findings/mod.ts";
import { NotRunError } from "../not_run_error.ts";
import type { Shard } from "../shard.ts";
import { askAbilities } from "./ask_abilities.ts";
import { modelRun, type RunSettings } from "./model_run.ts";
import type { Recipe } from "./recipe.ts";
import { kindOfReference } from "./recipe_kind.ts";
import { modelName } from "./resolve_triple.ts";
import { showProgress } from "./show_progress.ts";

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

/** A study as its findings see it. */
class StudyRun implements FindingStudy {
  readonly #study: StudyContext;

  constructor(study: StudyContext) {
    this.#study = study;
  }

  get variants(): readonly string[] {
    return Object.keys(this.#study.recipe.variants);
  }

  async find(role: RecipeRole, signal?: AbortSignal): Promise<ProbedModel> {
    const { models, kinds } = this.#study.recipe;
    using progress = showProgress();
    const found = await resolveModel(models[role], { onProgress: progress.listener, signal });
    if (found.warning !== null) console.warn(found.warning);
    const name = modelName(found);
    const kind = kinds[role] ?? kindOfReference(found.ref);
    return { folder: found.folder, name, kind };
  }

  async run<M extends string, O extends z.ZodObject, L, S, Report>(
    experiment: Experiment<M, O, L, S, Report>,
    { models, options, signal }: {
      models: Readonly<Record<M, ProbedModel>>;
      options: z.input<O>;
      signal?: AbortSignal;
    },
  ): Promise<Report> {
    using progress = showProgress();
    // Weights are compared on any machine, whether or not anything says where questions are from.
    const ofWeights = experiment.reads === "weights";
    const asRun = () =>
      Object.entries<ProbedModel>(models)
        .map(([role, model]) => [role, { ...model, ...modelRun(model.folder, this.#study) }]);
    return await runExperiment(experiment, {
      models: ofWeights ? models : Object.fromEntries(asRun()),
      data: ofWeights ? undefined : this.#study.data,
      options,
      output: join(this.#study.folder, "records", experiment.name),
      keyed: true,
      shard: this.#study.shard,
      signal,
      onProgress: progress.listener,
    });
  }

  askAbilities(groups: ModelGroups, options: AbilityFindingOptions) {
    return askAbilities(this.#study, groups, options);
  }
}

/**
 * Makes a finding and writes its table; where the data do not allow the finding, the table says why.
 *
 * @throws {NotRunError} if the data do not allow it.
 */
export async function makeFinding<K extends FindingKey>(
  study: StudyContext,
  key: K,
  options: OptionsOf<K>,
): Promise<ReportOf<K>> {
  const { table, find } = FINDINGS[key] as Finding<ReportOf<K>, FindingOptions>;
  const write = (content: unknown) =>
    writeAtomically(
      join(study.folder, "tables", table),
      JSON.stringify(content, null, 2) + "\n",
    );
  try {
    const report = await find(new StudyRun(study), options);
    await write(report);
    return report;
  } catch (error) {
    if (error instanceof NotRunError) await write({ not_run: error.message });
    throw error;
  }
}
