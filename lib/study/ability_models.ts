/**
 * The models of a transferability run: from names, references and merge expressions to plans that
 * can be run together.
 *
 * @module
 */
import { type ModelKind, modelKind } from "../benchmarks/mod.ts";
import { Checkpoint, type ResolvedModel, resolveModel } from "../checkpoint/mod.ts";
import { fingerprintCheckpoint, type ModelIdentity, showNotes } from "../experiments/mod.ts";
import {
  type AbilityModel,
  frozenStanding,
  mergeStanding,
  type ModelStanding,
  OTHER_STANDING,
  roleStanding,
} from "../findings/mod.ts";
import {
  checkDonors,
  isModelRole,
  mergedModel,
  type MergeExpression,
  mergeLabel,
  PAPER_SPLICES,
  planMerge,
  REST_SPLICES,
  ROLE_LABELS,
} from "../merging/mod.ts";
import { type Edit, type ModelPlan, planOf, statedRules } from "../model/mod.ts";
import type { ProgressListener } from "../progress.ts";
import {
  createServedEvaluator,
  Describer,
  type Evaluator,
  LocalEvaluator,
  type LocalEvaluatorOptions,
  type ServedEvaluatorOptions,
} from "../serving/mod.ts";
import type { LayerCuts, Third } from "../thirds.ts";
import { type AbilityName, type NamedModels, readAbilityName } from "./ability_names.ts";
import type { ModelRun } from "./model_run.ts";
import { kindOfReference } from "./recipe_kind.ts";
import { modelName } from "./resolve_triple.ts";

/** Options of {@linkcode describerOf}. */
export interface DescriberRunOptions extends LocalEvaluatorOptions {
  /** Folder of the run's caches. */
  cacheFolder: string;
}

/** Longest description of a model of this machine, in tokens, and the share of its context. */
const LOCAL_DESCRIPTION = { tokens: 1024, share: 4 };

/** A model as one that describes images; it must stay open meanwhile. */
export function describerOf(
  { evaluator, plan, name, kind, identity }: AbilityModel,
  { cacheFolder, ...run }: DescriberRunOptions,
): Describer {
  if (evaluator) return new Describer(evaluator, { cacheFolder });
  if (!plan) throw new Error(`Cannot describe images with ${name}: it has no weights`);
  const { tokens, share } = LOCAL_DESCRIPTION;
  const maxNewTokens = Math.min(tokens, Math.floor(plan.config.maxPositionEmbeddings / share));
  const local = new LocalEvaluator([{ name, kind, identity, plan }], run);
  return new Describer(local, { cacheFolder, maxNewTokens, identity });
}

/** A model with edits, as one more model. */
export interface EditedModel {
  /** In records, tables and figures. */
  name: string;
  /** Anything that has weights here and that {@linkcode AbilityModels.open} takes. */
  model: string;
  edits: readonly Edit[];
}

/** Options of {@linkcode AbilityModels.open}; models run in f32 on the CPU unless another run is given. */
export interface OpenAbilityModelsOptions extends Partial<ModelRun> {
  named: NamedModels;
  /** Which third of a variant was frozen in training, as the recipe says. */
  frozen?: Readonly<Record<string, Third>>;
  /** Kinds by role, variant or the name that is given here; else a recipe's, else by name. */
  kinds?: Readonly<Record<string, string>>;
  /** Edited models, after those that are named. */
  edited?: readonly EditedModel[];
  /** First middle and first late layer of merges; default thirds. */
  cuts?: LayerCuts;
  /** Seed of noise; default 0. */
  seed?: number;
  /** Reaches models that others serve; default by OpenAI's or Anthropic's API, by name. */
  served?: (name: string, options: Pick<ServedEvaluatorOptions, "kind" | "api">) => Evaluator;
  onProgress?: ProgressListener;
  signal?: AbortSignal;
}

/** How a request goes for a flag that says what a role means. */
const ROLE_FLAGS = { base: "--base_model", sft: "--sft_model", rl: "--rl_model" } as const;

/** A checkpoint that is open. */
interface OpenCheckpoint {
  found: ResolvedModel;
  checkpoint: Checkpoint;
  plan: ModelPlan;
  files: Record<string, string>;
}

/** Models of a run and the checkpoints that they are made of. Release it with `await using`. */
export class AbilityModels implements AsyncDisposable {
  readonly #options: OpenAbilityModelsOptions;
  readonly #stack = new AsyncDisposableStack();
  readonly #checkpoints = new Map<string, OpenCheckpoint>();
  /** By what they were called. */
  readonly #models = new Map<string, AbilityModel>();

  private constructor(options: OpenAbilityModelsOptions) {
    this.#options = options;
  }

  /**
   * Finds models, downloading what the hub cache lacks.
   *
   * @param names Roles (base, sft, rl and their aliases), variants, folders, hub ids, merge
   * expressions, and names of OpenAI's and Claude models.
   * @throws {Error} if a name means nothing, a merge cannot be made, or a checkpoint is at fault.
   */
  static async open(
    names: readonly string[],
    options: OpenAbilityModelsOptions,
  ): Promise<AbilityModels> {
    const opened = new AbilityModels(options);
    try {
      for (const name of names) await opened.#add(name.trim());
      for (const edited of options.edited ?? []) await opened.#addEdited(edited);
      return opened;
    } catch (error) {
      await opened[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The models, each once, in the order in which they were named. */
  get models(): readonly AbilityModel[] {
    return [...new Set(this.#models.values())];
  }

  /** The checkpoints that they are made of: folders and hub ids. */
  get references(): string[] {
    return [...this.#checkpoints.values()].map(({ found }) => found.ref);
  }

  /** What a name meant that the models were opened with. */
  named(name: string): AbilityModel | undefined {
    return this.#models.get(name.trim());
  }

  async #add(text: string) {
    const model = await this.#model(text);
    this.#models.set(text, this.models.find(({ name }) => name === model.name) ?? model);
  }

  async #addEdited({ name, model: text, edits }: EditedModel) {
    const model = await this.#model(text.trim());
    if (model.plan === null) throw new Error(`Cannot edit ${text}: it has no weights here`);
    if (this.models.some((other) => other.name === name || other.label === name)) {
      throw new Error(`Cannot add an edited model ${name}: there is a model of that name`);
    }
    const identity = { ...model.identity, edits: JSON.parse(JSON.stringify(edits)) };
    this.#models.set(name, {
      ...model,
      name,
      label: name,
      ...OTHER_STANDING,
      identity,
      plan: { ...model.plan, edits },
    });
  }

  async #model(text: string): Promise<AbilityModel> {
    const name = readAbilityName(text, this.#options.named);
    if (name.merge) return await this.#merge(name, name.merge);
    if (name.words.length === 0) return this.#served(name);
    const [word] = name.words;
    const { found, plan, files } = await this.#checkpoint(word);
    const kind = this.#kind(modelName(found), name, found);
    return {
      name: modelName(found),
      ...this.#labelled(word),
      kind,
      identity: { files, ...this.#run(plan), model_type: kind },
      ...{ plan, evaluator: null, merge: null },
    };
  }

  #served(read: AbilityName): AbilityModel {
    const { served = createServedEvaluator } = this.#options;
    const [text, name] = read.spellings;
    const kind = this.#kind(name, read);
    const api = name === text ? undefined : "openai";
    const evaluator = this.#stack.use(served(name, { kind, api }));
    const identity = { ...evaluator.models[0].identity, model_type: kind } as ModelIdentity;
    const about = { name, label: name, kind, identity, ...OTHER_STANDING };
    return { ...about, plan: null, evaluator, merge: null };
  }

  async #merge(read: AbilityName, expression: MergeExpression): Promise<AbilityModel> {
    const { cuts, seed, signal } = this.#options;
    const parts = new Map<string, OpenCheckpoint>();
    for (const word of read.words) parts.set(word, await this.#checkpoint(word));
    const [first] = parts.values();
    const merge = planMerge(expression, { numLayers: first.plan.layers.length, cuts, seed });
    checkDonors(merge, new Map([...parts].map(([word, { checkpoint }]) => [word, checkpoint])));
    const name = merge.expression;
    // Prompt and tokenizer are the first model's, so that it is asked as that one is.
    const kind = this.#kind(name, read, first.found);
    const files = Object.fromEntries([...parts].map(([word, { files }]) => [word, files]));
    const plans = new Map([...parts].map(([word, { plan }]) => [word, plan]));
    return {
      name,
      label: [...PAPER_SPLICES, ...REST_SPLICES]
        .find((splice) => splice.expression === name)?.name ?? mergeLabel(expression),
      ...mergeStanding(expression),
      kind,
      identity: {
        files,
        ...this.#run(first.plan),
        model_type: kind,
        layer_cuts: merge.cuts,
        layers: merge.layers,
      },
      plan: await mergedModel(merge, plans, { signal }),
      ...{ evaluator: null, merge },
    };
  }

  /** How a model answers whose tokenizer and head are this plan's. */
  #run({ generation }: ModelPlan) {
    const { precision = "f32", device = "cpu" } = this.#options;
    return { precision, device, generation: statedRules(generation) };
  }

  /** A checkpoint's label, and where it stands. */
  #labelled(word: string): ModelStanding & { label: string } {
    const { named, frozen = {} } = this.#options;
    if (isModelRole(word)) return { label: ROLE_LABELS[word], ...roleStanding(word) };
    if (Object.hasOwn(frozen, word)) {
      const third = frozen[word];
      // Claims and figures write it so.
      const label = `frozen ${third === "middle" ? "mid" : third}`;
      return { label, ...frozenStanding(third) };
    }
    const name = Object.keys(named).find((name) => named[name] === word);
    return name === undefined ? { label: word, ...OTHER_STANDING } : this.#labelled(name);
  }

  /** How a model is asked: as is stated here, or in the recipe that has it, else by its name. */
  #kind(name: string, { spellings }: AbilityName, found?: ResolvedModel): ModelKind {
    const { kinds = {} } = this.#options;
    const stated = spellings.map((known) => kinds[known]).find((kind) => kind !== undefined);
    return modelKind(name, stated ?? (found && kindOfReference(found.ref)));
  }

  async #checkpoint(word: string): Promise<OpenCheckpoint> {
    const { named, onProgress, signal } = this.#options;
    const reference = Object.hasOwn(named, word) ? named[word] : word;
    if (isModelRole(reference)) {
      throw new Error(
        `Cannot evaluate ${word}: it is not said which model that is; give ` +
          `${ROLE_FLAGS[reference]} or --recipe`,
      );
    }
    const found = await resolveModel(reference, { onProgress, signal });
    const known = this.#checkpoints.get(found.folder);
    if (known) return known;
    if (found.warning !== null) console.warn(found.warning);
    const checkpoint = this.#stack.use(Checkpoint.open(found.folder));
    const plan = planOf(checkpoint, this.#options.generation);
    showNotes(plan.notes);
    const opened = { found, checkpoint, plan, files: await fingerprintCheckpoint(found.folder) };
    this.#checkpoints.set(found.folder, opened);
    return opened;
  }

  /** Closes checkpoints and connections; the models cannot be asked any more. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}
