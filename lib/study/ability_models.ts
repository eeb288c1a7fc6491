/**
 * The models of a transferability run: from names, references and merge expressions to plans that
 * can be run together.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { Checkpoint, type ResolvedModel, resolveModel } from "../checkpoint/mod.ts";
import { listText } from "../list_text.ts";
import { nearestName } from "../nearest_name.ts";
import {
  createServedEvaluator,
  Describer,
  type Evaluator,
  LocalEvaluator,
  type LocalEvaluatorOptions,
  type ServedEvaluatorOptions,
} from "../serving/mod.ts";
import { type ModelKind, modelKind } from "../benchmarks/mod.ts";
import {
  checkDonors,
  isMergeExpression,
  isModelRole,
  mergedModel,
  mergeLabel,
  MODEL_ALIASES,
  modelsOfExpression,
  PAPER_SPLICES,
  parseMergeExpression,
  planMerge,
  readModelName,
  REST_SPLICES,
} from "../merging/mod.ts";
import {
  type Device,
  type Edit,
  type GenerationConfig,
  type ModelPlan,
  planOf,
  type Precision,
  statedRules,
} from "../model/mod.ts";
import type { ProgressListener } from "../progress.ts";
import { kindOfReference } from "./recipe_kind.ts";
import { modelName } from "./resolve_triple.ts";
import { fingerprintCheckpoint, type ModelIdentity, showNotes } from "../experiments/mod.ts";
import type { AbilityModel } from "../findings/mod.ts";
import type { LayerCuts } from "../thirds.ts";

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

/** Options of {@linkcode AbilityModels.open}. */
export interface OpenAbilityModelsOptions {
  /** What roles ("base", "sft", "rl") and variants mean: folders or hub ids. */
  named: Readonly<Record<string, string>>;
  /** Kinds by role, variant or the name that is given here; else a recipe's, else by name. */
  kinds?: Readonly<Record<string, string>>;
  /** Edited models, after those that are named. */
  edited?: readonly EditedModel[];
  /** First middle and first late layer of merges; default thirds. */
  cuts?: LayerCuts;
  /** Seed of noise; default 0. */
  seed?: number;
  /** Default "f32". */
  precision?: Precision;
  /** Default "cpu". */
  device?: Device;
  /** Rules of decoding in place of those that the checkpoints have. */
  generation?: Partial<GenerationConfig>;
  /** Reaches models that others serve; default by OpenAI's or Anthropic's API, by name. */
  served?: (name: string, options: Pick<ServedEvaluatorOptions, "kind" | "api">) => Evaluator;
  onProgress?: ProgressListener;
  signal?: AbortSignal;
}

/** How a request goes for a flag that says what a role means. */
const ROLE_FLAGS = { base: "--base_model", sft: "--sft_model", rl: "--rl_model" } as const;
const ROLE_LABELS = { base: "Base", sft: "IN", rl: "RL" } as const;

/** Marks a model of a server that speaks OpenAI's API, whatever its name. */
export const OWN_SERVER = /^openai:/i;

/** Whether a name is of a model that others serve. */
function isServed(text: string): boolean {
  return OWN_SERVER.test(text) || ["gpt", "claude"].includes(modelKind(text));
}

/** A served model's name as one that cannot be taken for a folder or a hub id. */
export function servedName(name: string): string {
  return isServed(name) ? name : `openai:${name}`;
}

/** What a word means that is neither a merge expression nor a served model's name. */
function readWord(text: string, named: Readonly<Record<string, string>>): string {
  const word = readModelName(text, Object.keys(named));
  if (word !== null) return word;
  const variants = Object.keys(named).filter((name) => !isModelRole(name));
  const known = [...Object.keys(MODEL_ALIASES), ...variants];
  const nearest = nearestName(text, known);
  const meant = nearest === undefined ? "" : `did you mean ${JSON.stringify(nearest)}? It is `;
  throw new Error(
    `Unknown model ${JSON.stringify(text)}: ${meant}one of ${listText(known)}, a folder (with a ` +
      "slash: ./name), a hub id (org/name), a merge expression, the name of an OpenAI or " +
      "Claude model, or openai:NAME for a model of a server that speaks OpenAI's API",
  );
}

/**
 * Makes sure that a model's name means something, before long work. Nothing is downloaded.
 *
 * @param named What roles and variants mean.
 * @throws {Error} if it is no name of a model, or a path of no folder.
 */
export function checkModelName(text: string, named: Readonly<Record<string, string>>): void {
  const name = text.trim();
  if (isMergeExpression(name)) parseMergeExpression(name, { names: Object.keys(named) });
  else if (!isServed(name)) {
    const word = readWord(name, named);
    if (/^[./]/.test(word) && !existsSync(word)) {
      throw new Error(`Cannot find the model ${word}: there is no such folder`);
    }
  }
}

/**
 * The first checkpoint that models are made of, a folder or hub id; undefined if all are served, or
 * if nobody said which it is, which opening refuses.
 *
 * @param named What roles and variants mean.
 */
export function firstCheckpoint(
  names: readonly string[],
  named: Readonly<Record<string, string>>,
): string | undefined {
  const known = Object.keys(named);
  const local = names.map((name) => name.trim())
    .find((name) => isMergeExpression(name) || !isServed(name));
  if (local === undefined) return undefined;
  const [word] = isMergeExpression(local)
    ? modelsOfExpression(parseMergeExpression(local, { names: known }))
    : [readWord(local, named)];
  const reference = Object.hasOwn(named, word) ? named[word] : word;
  return isModelRole(reference) ? undefined : reference;
}

/** "frozen early" for the variant "rl-frozen-early". */
function variantLabel(variant: string): string {
  return variant.replace(/^rl-/, "").replaceAll("-", " ");
}

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
      identity,
      plan: { ...model.plan, edits },
    });
  }

  async #model(text: string): Promise<AbilityModel> {
    if (isMergeExpression(text)) return await this.#merge(text);
    if (isServed(text)) return this.#served(text);
    const stated = this.#options.kinds?.[text];
    const word = readWord(text, this.#options.named);
    const { found, plan, files } = await this.#checkpoint(word);
    const own = stated === undefined ? this.#kind(word, found) : modelKind(text, stated);
    return {
      name: modelName(found),
      label: this.#label(word),
      kind: own,
      identity: { files, ...this.#run(plan), model_type: own },
      plan,
      evaluator: null,
      merge: null,
    };
  }

  #served(text: string): AbilityModel {
    const { kinds, served = createServedEvaluator } = this.#options;
    const name = text.replace(OWN_SERVER, "");
    const kind = modelKind(name, kinds?.[text] ?? kinds?.[name]);
    const api = name === text ? undefined : "openai";
    const evaluator = this.#stack.use(served(name, { kind, api }));
    const [{ identity }] = evaluator.models;
    const about = { ...identity, model_type: kind } as ModelIdentity;
    return { name, label: name, kind, identity: about, plan: null, evaluator, merge: null };
  }

  async #merge(text: string): Promise<AbilityModel> {
    const { cuts, seed, kinds } = this.#options;
    const expression = parseMergeExpression(text, { names: Object.keys(this.#options.named) });
    const parts = new Map<string, OpenCheckpoint>();
    for (const word of modelsOfExpression(expression)) {
      parts.set(word, await this.#checkpoint(word));
    }
    const [first] = parts.values();
    const merge = planMerge(expression, { numLayers: first.plan.layers.length, cuts, seed });
    checkDonors(merge, new Map([...parts].map(([word, { checkpoint }]) => [word, checkpoint])));
    const name = merge.expression;
    const stated = kinds?.[text] ?? kinds?.[name];
    // Prompt and tokenizer are the first model's, so that it is asked as that one is.
    const kind = stated === undefined
      ? this.#statedKind(merge.rest, first.found) ?? modelKind(name)
      : modelKind(name, stated);
    const files = Object.fromEntries([...parts].map(([word, { files }]) => [word, files]));
    const plans = new Map([...parts].map(([word, { plan }]) => [word, plan]));
    return {
      name,
      label: [...PAPER_SPLICES, ...REST_SPLICES]
        .find((splice) => splice.expression === name)?.name ?? mergeLabel(expression),
      kind,
      identity: {
        files,
        ...this.#run(first.plan),
        model_type: kind,
        layer_cuts: merge.cuts,
        layers: merge.layers,
      },
      plan: await mergedModel(merge, plans, { signal: this.#options.signal }),
      evaluator: null,
      merge,
    };
  }

  /** How a model answers whose tokenizer and head are this plan's. */
  #run({ generation }: ModelPlan) {
    const { precision = "f32", device = "cpu" } = this.#options;
    return { precision, device, generation: statedRules(generation) };
  }

  #label(word: string): string {
    if (isModelRole(word)) return ROLE_LABELS[word];
    if (Object.hasOwn(this.#options.named, word)) return variantLabel(word);
    const role = Object.entries(this.#options.named).find(([, reference]) => reference === word);
    return role ? this.#label(role[0]) : word;
  }

  /** What is stated of a model: here, or in the recipe that has it. */
  #statedKind(word: string, { ref }: ResolvedModel): ModelKind | undefined {
    const stated = this.#options.kinds?.[word];
    return stated === undefined ? kindOfReference(ref) : modelKind(word, stated);
  }

  #kind(word: string, found: ResolvedModel): ModelKind {
    return this.#statedKind(word, found) ?? modelKind(modelName(found));
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
