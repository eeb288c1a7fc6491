/**
 * A study: one recipe's models and the folder its results go to. Notebooks and commands do their
 * work through it.
 *
 * @module
 */
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type pl from "nodejs-polars";
import { WEIGHTS_BASIS } from "../basis.ts";
import { penaltyNotes } from "../penalty_notes.ts";
import type { Figure } from "../figures/mod.ts";
import {
  type GenerationConfig,
  type ModelPlan,
  NO_RULES,
  overrideGeneration,
  type Precision,
  VisionLanguageModel,
} from "../model/mod.ts";
import type { TripleFolders } from "../spectra/mod.ts";
import type { FindingKey, OptionsOf, ReportOf } from "../findings/mod.ts";
import { makeFinding } from "./make_finding.ts";
import { didYouMean } from "../nearest_name.ts";
import { chooseData } from "./data_setting.ts";
import { modelFrame } from "./model_frame.ts";
import {
  DEVICE_CHOICES,
  type DeviceChoice,
  modelRun,
  PRECISION_NAMES,
  type RunSettings,
} from "./model_run.ts";
import { readRecipe, type Recipe } from "./recipe.ts";
import { type ResolvedTriple, resolveTriple } from "./resolve_triple.ts";
import type { Shard } from "../shard.ts";
import { shardFolder } from "./shard_state.ts";
import { showProgress } from "./show_progress.ts";

/** Options of {@linkcode openStudy}. */
export interface OpenStudyOptions {
  /** Name of a built-in recipe or path of a recipe's JSON file; default "tiny". */
  recipe?: string;
  /** Folder under which the recipe's own results folder is made; default results/ of the project. */
  results?: string;
  /** Where models run: "auto" (default), "cpu" or "webgpu"; see `chooseRun`. */
  device?: string;
  /** In which arithmetic; default or "": what suits device and checkpoints. */
  precision?: string;
  /** Where the questions are from, if not as the recipe says: see {@linkcode DATA_HELP}. */
  data?: string;
  /** Who describes images whose data set does not: a role of the recipe, or any model. */
  describer?: string;
  /**
   * Penalty on tokens that prompt and answer have, in place of what each checkpoint's
   * generation_config.json says; default or 0: as it says.
   */
  repetitionPenalty?: number;
  /** Does this part of the work, in a folder of its own among the results. */
  shard?: Shard;
}

const PROJECT = fileURLToPath(new URL("../../", import.meta.url));

/** One recipe being studied. */
export class Study {
  readonly recipe: Recipe;
  /** Where this recipe's results go: tables/, figures/. */
  readonly folder: string;
  /** Where models run. */
  readonly device: DeviceChoice;
  /** In which arithmetic, if one was asked for. */
  readonly precision: Precision | undefined;
  /** Rules of decoding in place of those that the checkpoints have. */
  readonly generation: Partial<GenerationConfig> | undefined;
  /** Who describes images whose data set does not. */
  readonly describer?: string;
  /** The part of the work that is done here; all if undefined. */
  readonly shard?: Shard;
  readonly #data?: string;

  constructor(
    recipe: Recipe,
    folder: string,
    { device = "auto", precision, generation, data, describer, shard }:
      & RunSettings
      & Pick<OpenStudyOptions, "data" | "describer" | "shard"> = {},
  ) {
    this.recipe = recipe;
    this.folder = folder;
    this.device = device;
    this.precision = precision;
    this.generation = generation;
    this.describer = describer || undefined;
    this.shard = shard;
    this.#data = data;
  }

  /**
   * Where the questions are from: what was asked for, else what the recipe states.
   *
   * @throws {Error} if neither says and the models are own folders.
   */
  get data(): string {
    const { models, variants } = this.recipe;
    return chooseData(Object.values({ ...models, ...variants }), this.statedData);
  }

  /** What was asked for, else what the recipe states; undefined if neither says. */
  get statedData(): string | undefined {
    return this.#data || this.recipe.data;
  }

  /** Finds the recipe's three checkpoints, downloading what the hub cache lacks. */
  async triple(signal?: AbortSignal): Promise<ResolvedTriple> {
    using progress = showProgress();
    return await resolveTriple(this.recipe.models, { onProgress: progress.listener, signal });
  }

  /**
   * Opens one of the recipe's models, or a plan made of them, as the study runs its models. Release
   * it with `await using` or `dispose`.
   */
  async open(model: keyof TripleFolders | ModelPlan): Promise<VisionLanguageModel> {
    const source = typeof model === "string" ? (await this.triple()).folders[model] : model;
    const folder = typeof source === "string" ? source : source.checkpoint.folder;
    return await VisionLanguageModel.open(source, modelRun(folder, this));
  }

  /** The three models as a table. */
  async models(): Promise<pl.DataFrame> {
    return modelFrame(await this.triple());
  }

  /**
   * Makes a finding, or goes on with it: its records go under records/, its report into its table
   * under tables/.
   *
   * @param finding "monotonicity" (abilities of Base, IN and RL), "attention", "vision", "reasoning",
   * "energy", "diversity", "transferability" (splices of IN and RL) or "necessity" (RL with a block
   * frozen).
   * @throws {NotRunError} if the data do not allow it; the table then says why.
   */
  find<K extends FindingKey>(
    finding: K,
    options: OptionsOf<K> = {},
  ): Promise<ReportOf<K>> {
    return makeFinding(this, finding, options);
  }

  /**
   * Writes a figure to figures/NAME.svg and .png, and shows it in a notebook. Where answers were made
   * with another penalty on repetition than the checkpoints' own, a note says so.
   */
  async show(name: string, figure: Figure): Promise<void> {
    const ofWeights = figure.alt.includes(WEIGHTS_BASIS);
    const noted = ofWeights ? figure : figure.withNotes(penaltyNotes(this.generation));
    await noted.save(join(this.folder, "figures", name));
    await noted.show();
  }
}

function knownName<T extends string>(name: string, known: readonly T[], what: string): T {
  const found = known.find((one) => one === name);
  if (found !== undefined) return found;
  throw new Error(`Cannot open a study with ${what} ${didYouMean(name, known)}`);
}

/**
 * Opens a study.
 *
 * @throws {Error} if there is no such recipe, device or penalty.
 *
 * @example
 * ```ts
 * const study = openStudy({ recipe: "tiny" });
 * console.log(study.recipe.description);
 * ```
 */
export function openStudy(
  { recipe = "tiny", results, device = "auto", precision, repetitionPenalty, ...rest }:
    OpenStudyOptions = {},
): Study {
  const found = readRecipe(recipe);
  const run = {
    device: knownName(device, DEVICE_CHOICES, "device"),
    precision: precision ? knownName(precision, PRECISION_NAMES, "precision") : undefined,
  };
  const generation = repetitionPenalty ? { repetition_penalty: repetitionPenalty } : undefined;
  overrideGeneration(NO_RULES, generation);
  const folder = resolve(results ?? join(PROJECT, "results"), found.name);
  const own = rest.shard ? shardFolder(folder, rest.shard) : folder;
  return new Study(found, own, { ...run, generation, ...rest });
}
