/**
 * A model that is opened when it is first needed, and what is known of it before.
 *
 * @module
 */
import { Checkpoint } from "../checkpoint/mod.ts";
import {
  type GenerationConfig,
  generationConfigOf,
  type OpenModelOptions,
  overrideGeneration,
  type QwenConfig,
  qwenConfigOf,
  statedRules,
  VisionLanguageModel,
} from "../model/mod.ts";
import { fingerprintCheckpoint, type ModelIdentity } from "./run_identity.ts";
import { showNotes } from "./show_notes.ts";

/** Which model to probe, and how to run it. */
export interface ProbedModel
  extends Pick<OpenModelOptions, "precision" | "device" | "threads" | "generation"> {
  /** Checkpoint folder. */
  folder: string;
  /** How records and messages name it. */
  name: string;
  /** How it was trained to be asked; default read off its name. */
  kind?: string;
}

/**
 * Opens a checkpoint's model at the first {@linkcode LazyModel.open}: a finished run is read back
 * without it.
 */
export class LazyModel implements AsyncDisposable {
  readonly #probed: ProbedModel;
  #known: { config: QwenConfig; generation: GenerationConfig } | undefined;
  #model: VisionLanguageModel | undefined;

  constructor(probed: ProbedModel) {
    this.#probed = probed;
  }

  get #read() {
    if (this.#known) return this.#known;
    const { folder, generation } = this.#probed;
    using checkpoint = Checkpoint.open(folder);
    return this.#known = {
      config: qwenConfigOf(checkpoint),
      generation: overrideGeneration(generationConfigOf(checkpoint), generation),
    };
  }

  /** @throws {Error} if the folder is no checkpoint of a known architecture. */
  get config(): QwenConfig {
    return this.#read.config;
  }

  /** Number of decoder layers. */
  get numLayers(): number {
    return this.config.text.numLayers;
  }

  /** What identifies the weights or, for answers, model and arithmetic, for a run's identity. */
  async identity(reads: "answers" | "weights" = "answers"): Promise<ModelIdentity> {
    const { folder, precision = "f32", device = "cpu" } = this.#probed;
    const files = await fingerprintCheckpoint(folder, reads);
    if (reads === "weights") return { files };
    return { files, precision, device, generation: statedRules(this.#read.generation) };
  }

  async open(): Promise<VisionLanguageModel> {
    if (this.#model) return this.#model;
    const { folder, precision, device, threads, generation } = this.#probed;
    const options = { precision, device, threads, generation };
    this.#model = await VisionLanguageModel.open(folder, options);
    showNotes(this.#model.plan.notes);
    return this.#model;
  }

  /** Frees the model; it can be opened again. */
  async close(): Promise<void> {
    await this.#model?.dispose();
    this.#model = undefined;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/**
 * A model's name as part of a path, as the original writes it.
 *
 * @example
 * ```ts
 * console.log(modelPathName("Qwen/Qwen2.5-VL-7B-Instruct")); // Qwen_Qwen2.5-VL-7B-Instruct
 * ```
 */
export function modelPathName(name: string): string {
  const path = name.replace(/[^a-zA-Z0-9_.-]+/g, "_");
  // The folder above, or the same one, is no place of its own.
  return /^\.*$/.test(path) ? `_${path.slice(1)}` : path;
}
