/**
 * The sessions of a language model, and the few calls that a forward pass is made of.
 *
 * @module
 */
import type { Backend, DeviceOptions } from "./backend.ts";
import type { LayerWeights } from "./decoder_layer.ts";
import { Attention, type Projected } from "./attention.ts";
import type { ModelPlan } from "./layer_list.ts";
import { type LayerFamily, LayerSessions } from "./layer_sessions.ts";
import { type Precision, productBytes } from "./linear.ts";
import { embeddingGraph, headGraph } from "./lm_head.ts";
import { logitEditInputs, type LogitEdits } from "./logit_edits.ts";
import type { QwenTextConfig } from "./qwen_config.ts";
import { GraphSession, type Inputs, type Session } from "./session.ts";
import { hostArray, type HostTensor, hostTensor, type Tensor } from "./tensors.ts";

export interface DecoderOptions extends DeviceOptions {
  /** Tokens that one call takes at most; default: so many that a call stays below a second. */
  tokensPerCall?: number;
  /**
   * Opened layers to share with other models; precision, device and threads are then theirs, and
   * they stay open when the model is released. Default: the model's own.
   */
  layerSessions?: LayerSessions;
}

/** Multiply-adds that a call may take: about a second on two slow cores. */
const CALL_BUDGET = 5e10;

/** Logits that are no numbers: the row and what is known of the cause. */
export class NonFiniteError extends Error {
  /** @param row Of the hidden states that were given. */
  constructor(readonly row: number, message: string) {
    super(message);
  }
}

/** The sessions of one language model. Release them with `await using`. */
export class Decoder implements AsyncDisposable {
  readonly config: QwenTextConfig;
  readonly tokensPerCall: number;
  /** The model's own layers. */
  readonly layers: readonly LayerWeights[];
  /** The token that stands in a prompt for each token of an image. */
  readonly imageTokenId: number;
  readonly attention: Attention;
  readonly #family: LayerFamily;
  readonly #layerSessions: LayerSessions;
  readonly #embedding: Session;
  readonly #head: Session;
  #opened: AsyncDisposableStack;

  private constructor(plan: ModelPlan, parts: {
    tokensPerCall: number;
    layerSessions: LayerSessions;
    embedding: Session;
    head: Session;
    attention: Attention;
    opened: AsyncDisposableStack;
  }) {
    this.config = { ...plan.config, numLayers: plan.layers.length };
    this.#family = { graphs: plan.graphs, config: this.config };
    this.layers = plan.layers;
    this.imageTokenId = plan.imageTokenId;
    this.tokensPerCall = parts.tokensPerCall;
    this.attention = parts.attention;
    this.#layerSessions = parts.layerSessions;
    this.#embedding = parts.embedding;
    this.#head = parts.head;
    this.#opened = parts.opened;
  }

  /**
   * Opens the sessions of a plan.
   *
   * @throws {Error} if a session cannot be opened; those opened before are released.
   */
  static async open(plan: ModelPlan, options: DecoderOptions = {}): Promise<Decoder> {
    await using opened = new AsyncDisposableStack();
    const layerSessions = options.layerSessions ?? opened.use(new LayerSessions(options));
    const { backend, backend: { form } } = layerSessions;
    // The matrix stays in its file whatever the device.
    const embedding = opened.use(
      await GraphSession.open(embeddingGraph(plan), { name: "the token embedding" }),
    );
    const head = opened.use(
      await backend.open(headGraph(plan, form), {
        name: "the head",
        hostOutputs: ["tokens", "top", "logits"],
      }),
    );
    const attention = opened.use(await Attention.open(backend, plan.config));
    const { hiddenSize, intermediateSize } = plan.config;
    const operations = hiddenSize * (3 * intermediateSize + 2 * hiddenSize);
    const bytes = productBytes([2 * intermediateSize, hiddenSize], form.precision);
    const fitting = backend.rowsPerCall({ operations, bytes }, CALL_BUDGET);
    const { tokensPerCall = Math.max(128, Math.min(2048, fitting)) } = options;
    const parts = { tokensPerCall, layerSessions, embedding, head, attention };
    const decoder = new Decoder(plan, { ...parts, opened });
    await decoder.openLayers(plan.layers);
    decoder.#opened = opened.move();
    return decoder;
  }

  /**
   * Opens the layers of a list that are not open yet.
   *
   * @throws {Error} if one cannot be opened.
   */
  async openLayers(layers: readonly LayerWeights[]): Promise<void> {
    for (const [i, weights] of layers.entries()) {
      const layer = `layer ${i}`;
      await this.#layerSessions.get(weights, "project", { ...this.#family, layer });
      await this.#layerSessions.get(weights, "mlp", { ...this.#family, layer });
    }
  }

  get backend(): Backend {
    return this.#layerSessions.backend;
  }

  get precision(): Precision {
    return this.backend.form.precision;
  }

  /** ids [N] to embeddings [N, hidden], on the host. */
  async embed(ids: Int32Array): Promise<Float32Array> {
    const { y } = await this.#embedding.compute({ ids: hostTensor(ids, [ids.length]) }, ["y"]);
    return hostArray(y);
  }

  async #runHead<Name extends "logits" | "tokens">(
    x: Tensor,
    output: Name,
    edits?: LogitEdits,
  ): Promise<Tensor> {
    const inputs: Inputs = { x, ...logitEditInputs(edits) };
    const results = await this.#head.compute(inputs, [output, "top"]);
    const row = hostArray(results.top).findIndex((value) => !Number.isFinite(value));
    if (row >= 0) {
      const why = `its largest logit is ${hostArray(results.top)[row]}`;
      throw new NonFiniteError(row, `The model's numbers left their range: ${why}`);
    }
    return results[output];
  }

  /**
   * Hidden states [N, hidden] to logits [N, vocab], edited; default: as they are.
   *
   * @throws {NonFiniteError} if a row's largest logit is not a number.
   */
  async logits(x: Tensor, edits?: LogitEdits): Promise<Float32Array> {
    return hostArray(await this.#runHead(x, "logits", edits));
  }

  /**
   * Hidden states [N, hidden] to the most likely token of each [N], after the edits; no logits leave
   * the graph.
   *
   * @throws {NonFiniteError} as {@linkcode Decoder.logits}.
   */
  async likeliest(x: Tensor, edits?: LogitEdits): Promise<Int32Array> {
    return (await this.#runHead(x, "tokens", edits) as HostTensor).data as Int32Array;
  }

  /**
   * The part of a layer before attention, over N packed tokens of any rows.
   *
   * @param weights The layer: one of the model's own, or of a list given to `openLayers`.
   * @param rotations [N, headDim / 2] each.
   */
  async project(
    weights: LayerWeights,
    x: Tensor,
    rotations: Record<"cos" | "sin", Tensor>,
  ): Promise<Projected> {
    const project = await this.#layerSessions.get(weights, "project", this.#family);
    return await project.compute({ x, ...rotations }, ["q", "k", "v"]);
  }

  /** The part of a layer after attention, over N packed tokens of any rows. */
  async finish(weights: LayerWeights, x: Tensor, attention: Tensor): Promise<Tensor> {
    const mlp = await this.#layerSessions.get(weights, "mlp", this.#family);
    return (await mlp.compute({ x, attention }, ["y"])).y;
  }

  /** {@linkcode Decoder.finish}'s first part: what the heads have gathered, [N, hidden]. */
  async mixHeads(weights: LayerWeights, attention: Tensor): Promise<Tensor> {
    const mix = await this.#layerSessions.get(weights, "mix", this.#family);
    return (await mix.compute({ attention }, ["y"])).y;
  }

  /** {@linkcode Decoder.finish}'s second part: what the MLP adds to a residual stream [N, hidden]. */
  async raise(weights: LayerWeights, residual: Tensor): Promise<Tensor> {
    const raise = await this.#layerSessions.get(weights, "raise", this.#family);
    return (await raise.compute({ residual }, ["y"])).y;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#opened.disposeAsync();
  }
}
