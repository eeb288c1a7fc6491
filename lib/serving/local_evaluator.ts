/**
 * Evaluating checkpoints and merges of this machine: models that differ in decoder layers only are
 * opened once and answer in the same batches.
 *
 * @module
 */
import { blackImage } from "../benchmarks/mod.ts";
import { listText } from "../list_text.ts";
import {
  type DecoderOptions,
  LayerSessions,
  type ModelInput,
  type ModelPlan,
  planBatches,
  type QwenTextConfig,
  type RgbImage,
  VisionLanguageModel,
} from "../model/mod.ts";
import type { EvaluatedModel, EvaluateOptions, EvaluationRequest, Evaluator } from "./evaluator.ts";
import { evaluateInWorkers } from "./evaluate_in_workers.ts";
import {
  familiesOf,
  type FamilyPrompt,
  partsOf,
  promptsOf,
  relatedFamilies,
  windowsOf,
} from "./families.ts";

/** A checkpoint or a merge. */
export interface LocalModel extends EvaluatedModel {
  /** Plans of models that share layers must share the layers' objects, as merges of `planOf` do. */
  plan: ModelPlan;
  /** Models of different numbers are not put into the same batches; default: all are. */
  batchGroup?: number;
}

export interface LocalEvaluatorOptions
  extends Pick<DecoderOptions, "precision" | "device" | "threads"> {
  /** Bytes of K, V and hidden states of one batch; default what the device has room for. */
  memoryBytes?: number;
  /** Most rows of one batch; default 256. */
  maxRows?: number;
  /**
   * Families, or parts of one's prompts, that run at a time, each in a thread with sessions of its
   * own; answers do not depend on it. Default: small models on as many as there are cores, others
   * one at a time.
   */
  workers?: number;
}

/**
 * Most rows of a batch. On the tiny model 50 to 500 rows take the same time a row, and several
 * threads have a batch each in memory.
 */
const MOST_ROWS = 256;
/** Parameters up to which a model is small: copies of its weights are nothing. */
const SMALL_MODEL = 2e7;

interface Row {
  request: EvaluationRequest;
  plan: ModelPlan;
  input: ModelInput;
  touch: number;
}

/** Makes black images, of each size one. */
function blackImages(): typeof blackImage {
  const known = new Map<string, RgbImage>();
  return (size) => {
    const key = `${size.width}x${size.height}`;
    const image = known.get(key) ?? blackImage(size);
    known.set(key, image);
    return image;
  };
}

/** First layer in which two plans differ; their number if in none. */
function firstDifference(a: ModelPlan, b: ModelPlan): number {
  const first = a.layers.findIndex((layer, i) => layer !== b.layers[i]);
  return first < 0 ? a.layers.length : first;
}

/** Parameters of a language model, but for norms and biases. */
function parametersOf(
  { hiddenSize, intermediateSize, numHeads, numKvHeads, headDim, numLayers, vocabSize }:
    QwenTextConfig,
): number {
  const attention = hiddenSize * headDim * 2 * (numHeads + numKvHeads);
  return vocabSize * hiddenSize + numLayers * (attention + 3 * hiddenSize * intermediateSize);
}

/** One call of {@linkcode LocalEvaluator.evaluate}. */
class Evaluation {
  #answered: number;

  constructor(
    readonly models: ReadonlyMap<string, LocalModel>,
    readonly requests: readonly EvaluationRequest[],
    readonly options: EvaluateOptions,
    readonly run: LocalEvaluatorOptions,
  ) {
    this.#answered = requests.filter((request) => this.#isDone(request)).length;
  }

  #isDone({ key }: EvaluationRequest): boolean {
    return this.options.done?.has(key) ?? false;
  }

  #progress(more = 0, detail?: string) {
    const total = this.requests.length;
    const done = Math.min(total, this.#answered + more);
    this.options.onProgress?.({ label: "answers", done, total, unit: "samples", detail });
  }

  /** Answers one family's requests with `models[0]` and the others' lists of layers. */
  async family(models: readonly LocalModel[], layerSessions: LayerSessions) {
    const names = new Set(models.map(({ name }) => name));
    const requests = this.requests.filter(({ model }) => names.has(model));
    if (requests.every((request) => this.#isDone(request))) return;
    const [{ plan }] = models;
    // Rows bring their models' edits.
    const unedited = { ...plan, edits: undefined };
    await using model = await VisionLanguageModel.open(unedited, { layerSessions });
    const family = { models: this.models, hiddenSize: plan.config.hiddenSize };
    for (const window of windowsOf(promptsOf(requests, family))) {
      if (window.some((prompt) => !prompt.requests.every((request) => this.#isDone(request)))) {
        await this.#window(model, window);
      }
    }
  }

  async #window(model: VisionLanguageModel, prompts: readonly FamilyPrompt[]) {
    const { signal, maxNewTokens } = this.options;
    const { memoryBytes = model.batchBytes, maxRows = MOST_ROWS } = this.run;
    this.#progress(0, "images");
    const black = blackImages();
    const inputs = await model.prepare(prompts.map(({ messages }) => messages(black)), { signal });
    const rows = prompts.flatMap(({ requests }, i) =>
      requests.map((request): Row => {
        const { plan } = this.models.get(request.model)!;
        const touch = plan.edits ? 0 : firstDifference(model.plan, plan);
        return { request, plan, input: inputs[i], touch };
      })
    );
    const limits = { config: model.config.text, maxNewTokens, memoryBytes, maxRows };
    for (const batch of planBatches(rows, limits)) {
      signal?.throwIfAborted();
      this.#progress();
      // A batch is computed as it was planned or not at all, so that a resumed run is the same.
      if (!batch.every(({ request }) => this.#isDone(request))) await this.#batch(model, batch);
    }
    this.#progress();
  }

  async #batch(model: VisionLanguageModel, batch: readonly Row[]) {
    const { maxNewTokens, temperature, timeoutSeconds, signal } = this.options;
    // Neighbours of one length share calls of attention; answers are delivered in the batch's order.
    const order = [...batch.keys()]
      .sort((a, b) => batch[a].input.ids.length - batch[b].input.ids.length);
    const generated = await model.generate(
      order.map((i) => {
        const { input, plan: { layers, edits } } = batch[i];
        return { input, edits, layers: layers === model.plan.layers ? undefined : layers };
      }),
      {
        maxNewTokens,
        temperature,
        deadline: timeoutSeconds * 1000,
        signal,
        onToken: ({ rowsLeft, step }) =>
          this.#progress(batch.length - rowsLeft, `token ${step + 1}`),
      },
    );
    const answers = new Map(order.map((i, at) => [batch[i], generated[at]]));
    for (const row of batch) {
      if (this.#isDone(row.request)) continue;
      const { tokens, finish, milliseconds } = answers.get(row)!;
      await this.options.onResponse(row.request, {
        text: model.decode(tokens),
        timedOut: finish === "timeout",
        seconds: milliseconds / 1000,
        newTokens: tokens.length,
      });
      this.#answered++;
    }
  }
}

/**
 * Evaluates checkpoints and merges of this machine.
 *
 * Models whose plans have the same `checkpoint` are a family: its tokenizer, vision encoder,
 * embedding and head are opened once, each question's prompt is prepared once, and the models answer
 * in the same batches, in which rows share what is computed before their first own layer. Families
 * run one after the other. A layer that several models hold is opened once.
 */
export class LocalEvaluator implements Evaluator {
  readonly models: readonly LocalModel[];
  readonly #options: LocalEvaluatorOptions;

  /** @throws {Error} if two models have the same name. */
  constructor(models: readonly LocalModel[], options: LocalEvaluatorOptions = {}) {
    const names = models.map(({ name }) => name);
    const twice = names.find((name, i) => names.indexOf(name) < i);
    if (twice !== undefined) throw new Error(`Cannot evaluate ${twice} twice: names must differ`);
    this.models = models;
    this.#options = options;
  }

  /** Answers every request; equal requests are answered alike whatever was done before. */
  async evaluate(
    requests: readonly EvaluationRequest[],
    options: EvaluateOptions,
  ): Promise<void> {
    const models = new Map(this.models.map((model) => [model.name, model]));
    for (const { model } of requests) {
      if (!models.has(model)) {
        throw new Error(
          `Cannot evaluate ${model}: open are ${listText(models.keys()) || "no models"}`,
        );
      }
    }
    const wanted = new Set(requests.map(({ model }) => model));
    const families = familiesOf(this.models.filter(({ name }) => wanted.has(name)));
    const parts = families.flatMap((family) => partsOf(family, requests));
    const open = parts.filter(({ requests }) =>
      requests.some(({ key }) => !options.done?.has(key))
    );
    const workers = Math.min(open.length, this.#workers());
    if (workers > 1) {
      return await evaluateInWorkers(open, { ...options, workers, run: this.#options });
    }
    const evaluation = new Evaluation(models, requests, options, this.#options);
    for (const related of relatedFamilies(families)) {
      await using layerSessions = new LayerSessions(this.#options);
      for (const family of related) await evaluation.family(family, layerSessions);
    }
  }

  #workers(): number {
    const { workers, device = "cpu", threads } = this.#options;
    if (workers !== undefined) return workers;
    const small = this.models.every(({ plan: { config } }) => parametersOf(config) <= SMALL_MODEL);
    return small && device === "cpu" && threads === undefined ? navigator.hardwareConcurrency : 1;
  }

  /** Nothing is held between evaluations; the plans' checkpoints belong to the caller. */
  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
