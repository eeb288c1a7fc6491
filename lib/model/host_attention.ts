/**
 * Attention on the host.
 *
 * @module
 */
import {
  attentionMassGraph,
  decodeAttentionGraph,
  groupedDecodeAttentionGraph,
  type HeadShape,
  MASKED,
  prefillAttentionGraph,
} from "./attention.ts";
import type { Backend } from "./backend.ts";
import type { GraphBuilder } from "./graph_builder.ts";
import { HostKvCache } from "./host_kv_cache.ts";
import type { AttendArguments, Attention, KvCache } from "./kv_cache.ts";
import type { QwenTextConfig } from "./qwen_config.ts";
import type { PlannedRow } from "./row_plan.ts";
import type { Inputs, Session } from "./session.ts";
import { hostArray, type HostTensor, type Tensor } from "./tensors.ts";

/**
 * The additive causal mask [queries, keys] of the last `queries` of `keys` tokens.
 */
export class CausalMasks {
  readonly #masks = new Map<string, HostTensor>();

  /** Made once a length. */
  get(queries: number, keys: number): HostTensor {
    const name = `${queries} ${keys}`;
    let mask = this.#masks.get(name);
    if (!mask) {
      const data = new Float32Array(queries * keys);
      for (let i = 0; i < queries; i++) {
        data.fill(MASKED, i * keys + keys - queries + i + 1, (i + 1) * keys);
      }
      mask = { data, dims: [queries, keys] };
      // Lengths repeat within a batch; a whole run may see any number of them.
      if (this.#masks.size >= 64) this.#masks.clear();
      this.#masks.set(name, mask);
    }
    return mask;
  }
}

/** The mask of attention with mass: [kvHeads, group, queries, keys], or the same for all heads. */
export function massMask(
  { numHeads, numKvHeads }: HeadShape,
  { queries, keys, scores, causal }: {
    queries: number;
    keys: number;
    scores: Float32Array | null;
    causal: CausalMasks;
  },
): HostTensor {
  return scores
    ? { data: scores, dims: [numKvHeads, numHeads / numKvHeads, queries, keys] }
    : { data: causal.get(queries, keys).data, dims: [1, 1, queries, keys] };
}

type Sessions = Record<"causal" | "masked" | "mass" | "single" | "grouped", Session>;

/** Sessions that attend on the host. */
export class HostAttention implements Attention {
  /**
   * 1 MB, which stays in a core's cache. 16 prompts of 128 tokens in calls of 4 take 3/4 of the time
   * of one call.
   */
  readonly scoreBudget = 262_144;
  readonly #shape: HeadShape;
  readonly #sessions: Sessions;
  readonly #masks = new CausalMasks();

  private constructor(shape: HeadShape, sessions: Sessions) {
    this.#shape = shape;
    this.#sessions = sessions;
  }

  /** Opens the sessions. */
  static async open(backend: Backend, shape: HeadShape): Promise<HostAttention> {
    const opened: Session[] = [];
    const open = async (graph: GraphBuilder, name: string, keepScratch = false) => {
      const session = await backend.open(graph, { name, keepScratch });
      opened.push(session);
      return session;
    };
    try {
      return new HostAttention(shape, {
        causal: await open(
          prefillAttentionGraph(shape, { causal: true }),
          "causal attention",
          true,
        ),
        masked: await open(prefillAttentionGraph(shape), "prefill attention"),
        mass: await open(attentionMassGraph(shape), "attention mass"),
        single: await open(decodeAttentionGraph(shape), "decode attention", true),
        grouped: await open(groupedDecodeAttentionGraph(shape), "grouped decode attention", true),
      });
    } catch (error) {
      for (const session of opened) await session.dispose();
      throw error;
    }
  }

  #inputs({ q, k, v, rows, queries, keys }: AttendArguments): Inputs {
    const { headDim, numHeads, numKvHeads } = this.#shape;
    const tensor = (values: Tensor, dims: number[]): HostTensor => ({
      data: hostArray(values),
      dims,
    });
    return {
      q: tensor(q, [rows, queries, numHeads * headDim]),
      k: tensor(k, [rows, keys, numKvHeads * headDim]),
      v: tensor(v, [rows, keys, numKvHeads * headDim]),
    };
  }

  /** [rows * queries, heads * headDim] */
  #flat(out: Tensor, { rows, queries }: AttendArguments): HostTensor {
    const data = hostArray(out);
    return { data, dims: [rows * queries, data.length / (rows * queries)] };
  }

  async attend(args: AttendArguments): Promise<Tensor> {
    const inputs = this.#inputs(args);
    const { queries, keys } = args;
    const { out } = queries === keys
      ? await this.#sessions.causal.compute(inputs, ["out"])
      : await this.#sessions.masked.compute(
        { ...inputs, mask: this.#masks.get(queries, keys) },
        ["out"],
      );
    return this.#flat(out, args);
  }

  async attendWithMass(
    args: AttendArguments,
    tokenMasks: Float32Array,
    scores: Float32Array | null,
  ) {
    const { rows, queries, keys } = args;
    const masks = tokenMasks.length / keys;
    const massShape = BigInt64Array.from([rows, this.#shape.numHeads, queries, masks], BigInt);
    const { out, mass } = await this.#sessions.mass.compute({
      ...this.#inputs(args),
      mask: massMask(this.#shape, { queries, keys, scores, causal: this.#masks }),
      tokenMasks: { data: tokenMasks, dims: [keys, masks] } as HostTensor,
      massShape: { data: massShape, dims: [4] } as HostTensor,
    }, ["out", "mass"]);
    return { out: this.#flat(out, args), mass: hostArray(mass) };
  }

  cache(rows: PlannedRow[], config: QwenTextConfig, newTokens: number): KvCache {
    return new HostKvCache(rows, config, {
      newTokens,
      attend: async (inputs, part) => {
        const session = part === "shared" ? this.#sessions.grouped : this.#sessions.single;
        return (await session.run(inputs, ["out"])).out;
      },
    });
  }

  async dispose(): Promise<void> {
    for (const session of Object.values(this.#sessions)) await session.dispose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }
}
