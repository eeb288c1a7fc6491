/**
 * Attention of prompts, on any device.
 *
 * @module
 */
import {
  fusedAttentionGraph,
  type HeadShape,
  MASKED,
  maskedAttentionGraph,
} from "./attention_graphs.ts";
import type { Backend, BackendSessionOptions } from "./backend.ts";
import type { GraphBuilder } from "./graph_builder.ts";
import type { Session } from "./session.ts";
import {
  hostArray,
  type HostTensor,
  hostTensor,
  intTensor,
  type Tensor,
  type Tensors,
} from "./tensors.ts";

/** q [N, heads * headDim], k and v [N, kvHeads * headDim] of N tokens; q and k rotated. */
export interface Projected {
  q: Tensor;
  k: Tensor;
  v: Tensor;
}

/** `rows` sequences of equal lengths. */
export interface AttendArguments extends Projected {
  /** [rows * queries, heads * headDim] */
  q: Tensor;
  /** [rows * keys, kvHeads * headDim]; the last `queries` of a row are the queries' own tokens. */
  k: Tensor;
  v: Tensor;
  rows: number;
  queries: number;
  keys: number;
}

/** Masks of lengths that come again. */
class CausalMasks {
  readonly #masks = new Map<string, HostTensor>();

  /** The additive causal mask [queries, keys] of the last `queries` of `keys` tokens. */
  get(queries: number, keys: number): HostTensor {
    const name = `${queries} ${keys}`;
    let mask = this.#masks.get(name);
    if (!mask) {
      const data = new Float32Array(queries * keys);
      for (let i = 0; i < queries; i++) {
        data.fill(MASKED, i * keys + keys - queries + i + 1, (i + 1) * keys);
      }
      mask = hostTensor(data, [queries, keys]);
      // Lengths repeat within a batch; a whole run may see any number of them.
      if (this.#masks.size >= 64) this.#masks.clear();
      this.#masks.set(name, mask);
    }
    return mask;
  }
}

interface Sessions {
  /** Of whole prompts, where the runtime's operator is used; `masked` is of it too. */
  causal?: Session;
  masked: Session;
  mass: Session;
}

/** Attention of one head shape on a device. */
export class Attention implements AsyncDisposable {
  readonly #shape: HeadShape;
  readonly #sessions: Sessions;
  readonly #masks = new CausalMasks();
  readonly #opened: AsyncDisposableStack;

  private constructor(
    shape: HeadShape,
    { opened, ...sessions }: Sessions & { opened: AsyncDisposableStack },
  ) {
    this.#shape = shape;
    this.#sessions = sessions;
    this.#opened = opened;
  }

  static async open(backend: Backend, shape: HeadShape): Promise<Attention> {
    await using opened = new AsyncDisposableStack();
    const open = async (graph: GraphBuilder, options: BackendSessionOptions) =>
      opened.use(await backend.open(graph, options));
    const mass = await open(maskedAttentionGraph(shape, { mass: true }), {
      name: "attention mass",
      hostOutputs: ["mass"],
    });
    const name = "prefill attention";
    if (!backend.fusesAttention) {
      const masked = await open(maskedAttentionGraph(shape, { mass: false }), { name });
      return new Attention(shape, { masked, mass, opened: opened.move() });
    }
    const masked = await open(fusedAttentionGraph(shape, { causal: false }), { name });
    const whole = fusedAttentionGraph(shape, { causal: true });
    const causal = await open(whole, { name, keepScratch: true });
    return new Attention(shape, { causal, masked, mass, opened: opened.move() });
  }

  /** Causal attention of sequences of equal lengths, to [rows * queries, heads * headDim]. */
  async attend(args: AttendArguments, tensors: Tensors): Promise<Tensor> {
    const { q, k, v, rows, queries, keys } = args;
    const { numHeads, numKvHeads, headDim } = this.#shape;
    const { causal, masked } = this.#sessions;
    const inputs = causal
      ? {
        ...{ q, k, v },
        queries: intTensor([rows, queries, numHeads * headDim]),
        keys: intTensor([rows, keys, numKvHeads * headDim]),
      }
      : this.#products(args);
    if (causal && queries === keys) return (await causal.compute(inputs, ["out"])).out;
    const mask = await tensors.constant(
      `causal ${queries} ${keys}`,
      () => this.#masks.get(queries, keys),
    );
    return (await masked.compute({ ...inputs, mask }, ["out"])).out;
  }

  /**
   * {@linkcode Attention.attend}, and the mass [rows, heads, queries, masks] that each query gives to
   * each token mask.
   *
   * @param tokenMasks [keys, masks] row-major.
   * @param scores [heads, queries, keys], added to the scores in place of the causal mask.
   */
  async attendWithMass(
    args: AttendArguments,
    tokenMasks: Float32Array,
    scores: Float32Array | null,
  ): Promise<{ out: Tensor; mass: Float32Array }> {
    const { rows, queries, keys } = args;
    const { numHeads, numKvHeads } = this.#shape;
    const masks = tokenMasks.length / keys;
    const { out, mass } = await this.#sessions.mass.compute({
      ...this.#products(args),
      mask: scores
        ? hostTensor(scores, [numKvHeads, numHeads / numKvHeads, queries, keys])
        : hostTensor(this.#masks.get(queries, keys).data, [1, 1, queries, keys]),
      tokenMasks: hostTensor(tokenMasks, [keys, masks]),
      massShape: intTensor([rows, numHeads, queries, masks]),
    }, ["out", "mass"]);
    return { out, mass: hostArray(mass) };
  }

  /** The inputs of `maskedAttentionGraph`, all but the mask. */
  #products({ q, k, v, rows, queries, keys }: AttendArguments) {
    const { numHeads, numKvHeads, headDim } = this.#shape;
    const group = numHeads / numKvHeads;
    return {
      ...{ q, k, v },
      queries: intTensor([rows, queries, numKvHeads, group, headDim]),
      keys: intTensor([rows, keys, numKvHeads, headDim]),
      grid: intTensor([rows, numKvHeads, group, queries, keys]),
      flat: intTensor([rows, numKvHeads, group * queries, keys]),
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#opened.disposeAsync();
  }
}
