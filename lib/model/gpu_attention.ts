/**
 * Attention on a GPU.
 *
 * @module
 */
import type { HeadShape } from "./attention.ts";
import type { GpuBackend } from "./gpu_backend.ts";
import { gpuMaskedGraph } from "./gpu_attention_graphs.ts";
import { GpuKvCache } from "./gpu_kv_cache.ts";
import type { GpuTensors } from "./gpu_tensors.ts";
import { CausalMasks, massMask } from "./host_attention.ts";
import type { AttendArguments, Attention, KvCache } from "./kv_cache.ts";
import { intTensor } from "./prefix_groups.ts";
import type { QwenTextConfig } from "./qwen_config.ts";
import type { PlannedRow } from "./row_plan.ts";
import type { Inputs, Session } from "./session.ts";
import { hostTensor, type Tensor } from "./tensors.ts";

type Sessions = Record<"masked" | "mass", Session>;

/** Sessions that attend on a GPU. */
export class GpuAttention implements Attention {
  /** 256 MB. */
  readonly scoreBudget = 2 ** 26;
  readonly #shape: HeadShape;
  readonly #tensors: () => GpuTensors;
  readonly #sessions: Sessions;
  readonly #masks = new CausalMasks();

  private constructor(shape: HeadShape, tensors: () => GpuTensors, sessions: Sessions) {
    this.#shape = shape;
    this.#tensors = tensors;
    this.#sessions = sessions;
  }

  /** Compiles the graphs. */
  static async open(
    backend: GpuBackend,
    shape: HeadShape,
    tensors: () => GpuTensors,
  ): Promise<GpuAttention> {
    return new GpuAttention(shape, tensors, {
      masked: await backend.open(gpuMaskedGraph(shape, { mass: false }), {
        name: "prefill attention",
      }),
      mass: await backend.open(gpuMaskedGraph(shape, { mass: true }), { name: "attention mass" }),
    });
  }

  #masked({ q, k, v, rows, queries, keys }: AttendArguments): Inputs {
    const { numHeads, numKvHeads, headDim } = this.#shape;
    const group = numHeads / numKvHeads;
    return {
      q,
      k,
      v,
      mask: this.#masks.get(queries, keys),
      queries: intTensor([rows, queries, numKvHeads, group, headDim]),
      keys: intTensor([rows, keys, numKvHeads, headDim]),
      grid: intTensor([rows, numKvHeads, group, queries, keys]),
      flat: intTensor([rows, numKvHeads, group * queries, keys]),
    };
  }

  async attend(args: AttendArguments): Promise<Tensor> {
    return (await this.#sessions.masked.compute(this.#masked(args), ["out"])).out;
  }

  async attendWithMass(
    args: AttendArguments,
    tokenMasks: Float32Array,
    scores: Float32Array | null,
  ) {
    const { rows, queries, keys } = args;
    const masks = tokenMasks.length / keys;
    const { out, mass } = await this.#sessions.mass.compute({
      ...this.#masked(args),
      mask: massMask(this.#shape, { queries, keys, scores, causal: this.#masks }),
      tokenMasks: hostTensor(tokenMasks, [keys, masks]),
      massShape: intTensor([rows, this.#shape.numHeads, queries, masks]),
    }, ["out", "mass"]);
    return { out, mass: await this.#tensors().readAny(mass) };
  }

  cache(rows: PlannedRow[], config: QwenTextConfig): KvCache {
    return new GpuKvCache(rows, config, this.#tensors());
  }

  async dispose(): Promise<void> {
    for (const session of Object.values(this.#sessions)) await session.dispose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }
}
