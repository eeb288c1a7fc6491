/**
 * The sessions of a language model, and the few calls that a forward pass is made of.
 *
 * @module
 */
import {
  attentionMassGraph,
  decodeAttentionGraph,
  groupedDecodeAttentionGraph,
  MASKED,
  prefillAttentionGraph,
} from "./attention.ts";
import type { LayerWeights } from "./decoder_layer.ts";
import type { ModelPlan } from "./layer_list.ts";
import { LayerSessions, type LayerSessionsOptions } from "./layer_sessions.ts";
import { embeddingGraph, headGraph } from "./lm_head.ts";
import { logitEditInputs, type LogitEdits } from "./logit_edits.ts";
import type { QwenTextConfig } from "./qwen_config.ts";
import type { Rotations } from "./rope.ts";
import { GraphSession, type GraphTensor } from "./session.ts";

/** Options of {@linkcode Decoder.open}. */
export interface DecoderOptions extends LayerSessionsOptions {
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

/** q [N, heads * headDim], k and v [N, kvHeads * headDim] of N tokens; q and k rotated. */
export interface Projected {
  q: Float32Array;
  k: Float32Array;
  v: Float32Array;
}

/** Arguments of {@linkcode Decoder.attend}: `rows` sequences of equal lengths. */
export interface AttendArguments {
  /** [rows, queries, heads * headDim] */
  q: Float32Array;
  /** [rows, keys, kvHeads * headDim]; the last `queries` of them are the queries' own tokens. */
  k: Float32Array;
  v: Float32Array;
  rows: number;
  queries: number;
  keys: number;
}

/** The sessions of one language model. Release them with `await using` or `dispose`. */
export class Decoder implements AsyncDisposable {
  readonly config: QwenTextConfig;
  /** Tokens that one call takes at most. */
  readonly tokensPerCall: number;
  /** The model's own layers. */
  readonly layers: readonly LayerWeights[];
  /** The token that stands in a prompt for each token of an image. */
  readonly imageTokenId: number;
  readonly #layerSessions: LayerSessions;
  readonly #ownsLayers: boolean;
  readonly #sessions: GraphSession[] = [];
  #embedding!: GraphSession;
  #head!: GraphSession;
  #causal!: GraphSession;
  #attention!: GraphSession;
  #attentionMass!: GraphSession;
  #decode!: GraphSession;
  #decodeGrouped!: GraphSession;
  readonly #masks = new Map<string, Float32Array>();

  private constructor(plan: ModelPlan, tokensPerCall: number, options: DecoderOptions) {
    this.config = { ...plan.config, numLayers: plan.layers.length };
    this.layers = plan.layers;
    this.imageTokenId = plan.imageTokenId;
    this.tokensPerCall = tokensPerCall;
    this.#layerSessions = options.layerSessions ?? new LayerSessions(options);
    this.#ownsLayers = options.layerSessions === undefined;
  }

  /**
   * Opens the sessions of a plan.
   *
   * @throws {Error} if a session cannot be opened; those opened before are released.
   */
  static async open(plan: ModelPlan, options: DecoderOptions = {}): Promise<Decoder> {
    const { hiddenSize, intermediateSize } = plan.config;
    const multiplyAdds = hiddenSize * (3 * intermediateSize + 2 * hiddenSize);
    const fitting = Math.floor(CALL_BUDGET / multiplyAdds);
    const decoder = new Decoder(
      plan,
      options.tokensPerCall ?? Math.max(128, Math.min(2048, fitting)),
      options,
    );
    const { precision, device, threads } = decoder.#layerSessions;
    const foldWeights = precision !== "bf16";
    const open = async (graph: Uint8Array, name: string, keepScratch = false) => {
      const session = await GraphSession.open(graph, {
        device,
        threads,
        foldWeights,
        keepScratch,
        name,
      });
      decoder.#sessions.push(session);
      return session;
    };
    try {
      decoder.#embedding = await open(embeddingGraph(plan), "the token embedding");
      await decoder.openLayers(plan.layers);
      decoder.#head = await open(headGraph(plan, precision), "the head");
      const { config } = plan;
      decoder.#causal = await open(
        prefillAttentionGraph(config, { causal: true }),
        "causal attention",
        true,
      );
      decoder.#attention = await open(prefillAttentionGraph(config), "prefill attention");
      decoder.#attentionMass = await open(attentionMassGraph(config), "attention mass");
      decoder.#decode = await open(decodeAttentionGraph(config), "decode attention", true);
      decoder.#decodeGrouped = await open(
        groupedDecodeAttentionGraph(config),
        "grouped decode attention",
        true,
      );
      return decoder;
    } catch (error) {
      await decoder.dispose();
      throw error;
    }
  }

  /**
   * Opens the layers of a list that are not open yet.
   *
   * @throws {Error} if one cannot be opened.
   */
  async openLayers(layers: readonly LayerWeights[]): Promise<void> {
    for (const [i, weights] of layers.entries()) {
      await this.#layerSessions.get(weights, this.config, i);
    }
  }

  /** ids [N] to embeddings [N, hidden]. */
  async embed(ids: Int32Array): Promise<Float32Array> {
    return (await this.#embedding.run({ ids: { data: ids, dims: [ids.length] } }, ["y"])).y;
  }

  #headInputs(x: Float32Array, edits?: LogitEdits): Record<string, GraphTensor> {
    const { hiddenSize } = this.config;
    return { x: { data: x, dims: [x.length / hiddenSize, hiddenSize] }, ...logitEditInputs(edits) };
  }

  /** Hidden states [N, hidden] to logits [N, vocab], edited; default: as they are. */
  async logits(x: Float32Array, edits?: LogitEdits): Promise<Float32Array> {
    return (await this.#head.run(this.#headInputs(x, edits), ["logits"])).logits;
  }

  /**
   * Hidden states [N, hidden] to the most likely token of each [N], after the edits; no logits leave
   * the graph.
   */
  async likeliest(x: Float32Array, edits?: LogitEdits): Promise<Int32Array> {
    return (await this.#head.runInt32(this.#headInputs(x, edits), ["tokens"])).tokens;
  }

  /**
   * The part of a layer before attention, over N packed tokens of any rows.
   *
   * @param weights The layer: one of the model's own, or of a list given to `openLayers`.
   */
  async project(
    weights: LayerWeights,
    x: Float32Array,
    { cos, sin }: Rotations,
  ): Promise<Projected> {
    const { hiddenSize, headDim } = this.config;
    const tokens = x.length / hiddenSize;
    const angles = [1, tokens, headDim / 2];
    const { project } = await this.#layerSessions.opened(weights);
    return await project.run({
      x: { data: x, dims: [tokens, hiddenSize] },
      cos: { data: cos, dims: angles },
      sin: { data: sin, dims: angles },
    }, ["q", "k", "v"]);
  }

  /** The part of a layer after attention, over N packed tokens of any rows. */
  async finish(
    weights: LayerWeights,
    x: Float32Array,
    attention: Float32Array,
  ): Promise<Float32Array> {
    const { hiddenSize, headDim, numHeads } = this.config;
    const tokens = x.length / hiddenSize;
    const { mlp } = await this.#layerSessions.opened(weights);
    const { y } = await mlp.run({
      x: { data: x, dims: [tokens, hiddenSize] },
      attention: { data: attention, dims: [tokens, numHeads * headDim] },
    }, ["y"]);
    return y;
  }

  /** The additive causal mask [queries, keys] of the last `queries` of `keys` tokens. */
  #causalMask(queries: number, keys: number): Float32Array {
    const name = `${queries} ${keys}`;
    let mask = this.#masks.get(name);
    if (!mask) {
      mask = new Float32Array(queries * keys);
      for (let i = 0; i < queries; i++) {
        mask.fill(MASKED, i * keys + keys - queries + i + 1, (i + 1) * keys);
      }
      // Lengths repeat within a batch; a whole run may see any number of them.
      if (this.#masks.size >= 64) this.#masks.clear();
      this.#masks.set(name, mask);
    }
    return mask;
  }

  #attendInputs({ q, k, v, rows, queries, keys }: AttendArguments): Record<string, GraphTensor> {
    const { headDim, numHeads, numKvHeads } = this.config;
    return {
      q: { data: q, dims: [rows, queries, numHeads * headDim] },
      k: { data: k, dims: [rows, keys, numKvHeads * headDim] },
      v: { data: v, dims: [rows, keys, numKvHeads * headDim] },
    };
  }

  #mask({ queries, keys }: AttendArguments): GraphTensor {
    return { data: this.#causalMask(queries, keys), dims: [queries, keys] };
  }

  /** Causal attention of sequences of equal lengths, to [rows, queries, heads * headDim]. */
  async attend(args: AttendArguments): Promise<Float32Array> {
    const inputs = this.#attendInputs(args);
    if (args.queries === args.keys) return (await this.#causal.run(inputs, ["out"])).out;
    return (await this.#attention.run({ ...inputs, mask: this.#mask(args) }, ["out"])).out;
  }

  /**
   * {@linkcode Decoder.attend}, and the mass [rows, heads, queries, masks] that each query gives to
   * each token mask.
   *
   * @param tokenMasks [keys, masks] row-major.
   */
  attendWithMass(
    args: AttendArguments,
    tokenMasks: Float32Array,
  ): Promise<{ out: Float32Array; mass: Float32Array }> {
    const { rows, queries, keys } = args;
    const masks = tokenMasks.length / keys;
    const massShape = BigInt64Array.from([rows, this.config.numHeads, queries, masks], BigInt);
    return this.#attentionMass.run({
      ...this.#attendInputs(args),
      mask: this.#mask(args),
      tokenMasks: { data: tokenMasks, dims: [keys, masks] },
      massShape: { data: massShape, dims: [4] },
    }, ["out", "mass"]);
  }

  /** One query a row over a cache; the inputs are those of the graphs of attention.ts. */
  async attendCached(inputs: Record<string, GraphTensor>, grouped: boolean): Promise<Float32Array> {
    const session = grouped ? this.#decodeGrouped : this.#decode;
    return (await session.run(inputs, ["out"])).out;
  }

  /** Releases all sessions. */
  async dispose(): Promise<void> {
    for (const session of this.#sessions.splice(0)) await session.dispose();
    if (this.#ownsLayers) await this.#layerSessions.dispose();
    this.#masks.clear();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }
}
