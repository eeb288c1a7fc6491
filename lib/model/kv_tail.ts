/**
 * K and V of what the rows of a batch have generated, in one layer: arrays of the host with room
 * for more, or tensors of a device that a graph makes longer by a token.
 *
 * @module
 */
import type { Projected } from "./attention.ts";
import { type DecodeForm, type HeadShape, MASKED } from "./attention_graphs.ts";
import { hostArray, hostTensor, type Tensor, type Tensors } from "./tensors.ts";

/** A tail of all rows. */
export interface KvTail {
  /** How the graph of decode attention takes it. */
  readonly form: DecodeForm["tail"];
  /** Tokens that the graph attends to, the newest one included. */
  readonly length: number;
  /** [n, kvHeads, headDim, C] and [n, kvHeads, C, headDim]; undefined before the first token. */
  readonly held: { k: Tensor; v: Tensor } | undefined;
  /** The newest token's inputs of the graph, and those of the tokens before it. */
  inputs(projected: Projected, active: readonly number[]): Record<string, Tensor>;
  /** Takes what the graph has put out. */
  take(results: Readonly<Record<string, Tensor>>): void;
  /** Drops all rows but those chosen by `pick`, which gives the rest of a tensor's blocks. */
  keep(pick: (tensor: Tensor) => Promise<Tensor>): Promise<void>;
}

/** Room for generated tokens is added in steps of so many. */
const GROWTH = 16;

/** Moves pieces of `before` values apart, so that each has room for `after`. */
function widen(source: Float32Array, before: number, after: number): Float32Array {
  const pieces = source.length / before;
  const result = new Float32Array(pieces * after);
  for (let i = 0; i < pieces; i++) {
    result.set(source.subarray(i * before, (i + 1) * before), i * after);
  }
  return result;
}

/** Written in place. */
class HostTail implements KvTail {
  readonly form = "held";
  /** Tokens there is room for: attention reads all of it, filled or not, so it starts small. */
  length: number;
  held: { k: Tensor; v: Tensor };
  readonly #shape: HeadShape;
  #filled = 0;

  constructor(rows: number, shape: HeadShape, newTokens: number) {
    this.#shape = shape;
    this.length = Math.min(2 * GROWTH, newTokens);
    const size = rows * shape.numKvHeads * shape.headDim * this.length;
    this.held = this.#tensors(rows, new Float32Array(size), new Float32Array(size));
  }

  #tensors(rows: number, k: Float32Array, v: Float32Array) {
    const { numKvHeads, headDim } = this.#shape;
    return {
      k: hostTensor(k, [rows, numKvHeads, headDim, this.length]),
      v: hostTensor(v, [rows, numKvHeads, this.length, headDim]),
    };
  }

  #grow() {
    const { k, v } = this.held;
    const before = this.length;
    this.length = Math.ceil((before * 1.25 + 1) / GROWTH) * GROWTH;
    const { headDim } = this.#shape;
    this.held = this.#tensors(
      k.dims[0],
      widen(hostArray(k), before, this.length),
      widen(hostArray(v), before * headDim, this.length * headDim),
    );
  }

  inputs(projected: Projected, active: readonly number[]): Record<string, Tensor> {
    if (this.#filled === this.length) this.#grow();
    const { numKvHeads, headDim } = this.#shape;
    const { k: tailK, v: tailV } = this.held;
    const place = this.#filled++;
    const [newK, newV] = [hostArray(projected.k), hostArray(projected.v)];
    const [k, v] = [hostArray(tailK), hostArray(tailV)];
    for (const row of active) {
      for (let head = row * numKvHeads; head < (row + 1) * numKvHeads; head++) {
        const from = head * headDim;
        const to = (head * this.length + place) * headDim;
        v.set(newV.subarray(from, from + headDim), to);
        for (let i = from; i < from + headDim; i++) k[i * this.length + place] = newK[i];
      }
    }
    const mask = new Float32Array(this.length).fill(MASKED, this.#filled);
    return { tailK, tailV, tailMask: hostTensor(mask, [this.length]) };
  }

  take(): void {}

  async keep(pick: (tensor: Tensor) => Promise<Tensor>): Promise<void> {
    this.held = { k: await pick(this.held.k), v: await pick(this.held.v) };
  }
}

/** Made longer by the graph that attends to it. */
class DeviceTail implements KvTail {
  held: { k: Tensor; v: Tensor } | undefined;

  constructor(readonly tensors: Tensors) {}

  get form() {
    return this.held ? "grows" : "none";
  }

  get length() {
    return (this.held?.k.dims[3] ?? 0) + 1;
  }

  inputs({ k, v }: Projected): Record<string, Tensor> {
    return { k, v, ...(this.held && { tailK: this.held.k, tailV: this.held.v }) };
  }

  take({ longerK, longerV }: Readonly<Record<string, Tensor>>): void {
    for (const tensor of Object.values(this.held ?? {})) this.tensors.drop(tensor);
    this.held = { k: this.tensors.hold(longerK), v: this.tensors.hold(longerV) };
  }

  async keep(pick: (tensor: Tensor) => Promise<Tensor>): Promise<void> {
    if (this.held) this.held = { k: await pick(this.held.k), v: await pick(this.held.v) };
  }
}

/**
 * An empty tail.
 *
 * @param newTokens Tokens that are generated at most; room is made as they come.
 */
export function openTail(
  tensors: Tensors,
  { rows, shape, newTokens }: { rows: number; shape: HeadShape; newTokens: number },
): KvTail {
  return tensors.inPlace ? new HostTail(rows, shape, newTokens) : new DeviceTail(tensors);
}
