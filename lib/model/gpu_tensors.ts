/**
 * Tensors on a GPU and the few operations on their rows, each a small graph.
 *
 * @module
 */
import type * as ort from "onnxruntime-node";
import type { Pass } from "./backend.ts";
import type { GpuBackend } from "./gpu_backend.ts";
import { runOnGpu } from "./gpu_run.ts";
import { GraphBuilder } from "./graph_builder.ts";
import type { Inputs } from "./session.ts";
import { hostTensor, merged, rowsOf, type Tensor, type View } from "./tensors.ts";

/** Tensors that one graph puts together. */
const MOST_JOINED = 6;

/** A tensor as it is, to another place: up to the device or down from it. */
function copyGraph(): GraphBuilder {
  const graph = new GraphBuilder("copy");
  const x = graph.input("x", "f32", ["N", "W"]);
  // An identity would be left out.
  graph.output("y", graph.node("Mul", [x, graph.scalar(1)]), "f32", ["N", "W"]);
  return graph;
}

/** Tensors put one after the other; with `rows`, the chosen rows of that. */
function joinGraph(count: number, chosen: boolean): GraphBuilder {
  const graph = new GraphBuilder("join");
  const parts = Array.from(
    { length: count },
    (_, i) => graph.input(`x${i}`, "f32", [`N${i}`, "W"]),
  );
  const all = count === 1 ? parts[0] : graph.node("Concat", parts, { axis: 0n });
  const y = chosen
    ? graph.node("Gather", [all, graph.input("rows", "i32", ["R"])], { axis: 0n })
    : all;
  graph.output("y", y, "f32", ["R", "W"]);
  return graph;
}

/** `values` where `mask` [N, 1] is above 0, else `base`. */
function selectGraph(): GraphBuilder {
  const graph = new GraphBuilder("select");
  const base = graph.input("base", "f32", ["N", "W"]);
  const values = graph.input("values", "f32", ["N", "W"]);
  const mask = graph.node("Greater", [graph.input("mask", "f32", ["N", 1]), graph.scalar(0)]);
  graph.output("y", graph.node("Where", [mask, values, base]), "f32", ["N", "W"]);
  return graph;
}

/** x scale + shift [1, W], of those that are there. */
function adjustGraph(parts: { scale: boolean; shift: boolean }): GraphBuilder {
  const graph = new GraphBuilder("adjust");
  let y = graph.input("x", "f32", ["N", "W"]);
  if (parts.scale) y = graph.node("Mul", [y, graph.input("scale", "f32", [1, "W"])]);
  if (parts.shift) y = graph.node("Add", [y, graph.input("shift", "f32", [1, "W"])]);
  graph.output("y", y, "f32", ["N", "W"]);
  return graph;
}

/** a + b. */
function addGraph(): GraphBuilder {
  const graph = new GraphBuilder("add");
  const [a, b] = ["a", "b"].map((name) => graph.input(name, "f32", ["N", "W"]));
  graph.output("y", graph.node("Add", [a, b]), "f32", ["N", "W"]);
  return graph;
}

/** Sums of (a - b)^2 over each row, [N]. */
function distanceGraph(): GraphBuilder {
  const graph = new GraphBuilder("distance");
  const [a, b] = ["a", "b"].map((name) => graph.input(name, "f32", ["N", "W"]));
  const difference = graph.node("Sub", [a, b]);
  const squares = graph.node("Mul", [difference, difference]);
  const sums = graph.node("ReduceSum", [squares, graph.ints([1])], { keepdims: 0n });
  graph.output("y", sums, "f32", ["N"]);
  return graph;
}

/** Tensors of one pass; see `Tensors` for what is done with them. */
export class GpuTensors implements Pass {
  readonly inPlace = false;
  readonly #backend: GpuBackend;
  readonly #owned = new Set<ort.Tensor>();
  readonly #end: () => void;

  /** @param end Called at the end of the pass. */
  constructor(backend: GpuBackend, end: () => void = () => {}) {
    this.#backend = backend;
    this.#end = end;
  }

  /** Takes a tensor that is to be freed with the others. */
  own(tensor: Tensor): void {
    this.#owned.add(tensor as ort.Tensor);
  }

  hold(tensor: Tensor): Tensor {
    this.#owned.delete(tensor as ort.Tensor);
    return tensor;
  }

  drop(tensor: Tensor): void {
    (tensor as ort.Tensor).dispose();
  }

  async #run(
    name: string,
    make: () => GraphBuilder,
    { inputs, hostOutputs = [] }: { inputs: Inputs; hostOutputs?: readonly string[] },
  ): Promise<Record<string, ort.Tensor>> {
    const { session, outputs } = await this.#backend.operation(name, make, hostOutputs);
    const results = await runOnGpu(session, { name, inputs, fetch: outputs });
    for (const output of outputs) if (!hostOutputs.includes(output)) this.own(results[output]);
    return results;
  }

  /** {@linkcode GpuTensors.runAll} for one output y. */
  async run(name: string, make: () => GraphBuilder, inputs: Inputs): Promise<Tensor> {
    return (await this.#run(name, make, { inputs })).y;
  }

  runAll(name: string, make: () => GraphBuilder, inputs: Inputs): Promise<Record<string, Tensor>> {
    return this.#run(name, make, { inputs });
  }

  upload(data: Float32Array, width: number): Promise<Tensor> {
    const x = hostTensor(data, [data.length / width, width]);
    return this.run("upload", copyGraph, { x });
  }

  async read(tensor: Tensor): Promise<Float32Array> {
    const { y } = await this.#run("read", copyGraph, {
      inputs: { x: tensor },
      hostOutputs: ["y"],
    });
    return y.data as Float32Array;
  }

  async join(views: readonly View[]): Promise<Tensor> {
    const parts = merged(views);
    const [first] = parts;
    if (parts.length === 1 && first.from === 0 && first.to === first.tensor.dims[0]) {
      return first.tensor;
    }
    const sources = [...new Set(parts.map(({ tensor }) => tensor))];
    const ofWhole = parts.length === sources.length &&
      parts.every(({ tensor, from, to }) => from === 0 && to === tensor.dims[0]);
    const starts = new Map<Tensor, number>();
    let start = 0;
    for (const source of sources) {
      starts.set(source, start);
      start += source.dims[0];
    }
    const rows = new Int32Array(rowsOf(parts));
    let at = 0;
    for (const { tensor, from, to } of parts) {
      const offset = starts.get(tensor)!;
      for (let row = from; row < to; row++) rows[at++] = offset + row;
    }
    return await this.#gather(sources, ofWhole ? null : rows);
  }

  /** Rows of tensors put one after the other; all for null. */
  async #gather(sources: readonly Tensor[], rows: Int32Array | null): Promise<Tensor> {
    let parts = sources;
    while (parts.length > MOST_JOINED) {
      const next: Tensor[] = [];
      for (let i = 0; i < parts.length; i += MOST_JOINED) {
        next.push(await this.#gather(parts.slice(i, i + MOST_JOINED), null));
      }
      parts = next;
    }
    if (parts.length === 1 && rows === null) return parts[0];
    const inputs: Record<string, Tensor> = Object.fromEntries(
      parts.map((part, i) => [`x${i}`, part]),
    );
    if (rows) inputs.rows = hostTensor(rows, [rows.length]);
    const chosen = rows !== null;
    return await this.run(
      `join ${parts.length} ${chosen}`,
      () => joinGraph(parts.length, chosen),
      inputs,
    );
  }

  rowsToCompute(active: readonly number[], count: number): readonly number[] | null {
    return 2 * active.length > count ? null : active;
  }

  async take(tensor: Tensor, rows: readonly number[] | null): Promise<Tensor> {
    return rows === null ? tensor : await this.#gather([tensor], Int32Array.from(rows));
  }

  async put(base: Tensor, values: Tensor, { rows, active }: {
    rows: readonly number[] | null;
    active: readonly number[];
  }): Promise<Tensor> {
    const count = base.dims[0];
    if (active.length === count) return values;
    if (rows === null) {
      const mask = new Float32Array(count);
      for (const row of active) mask[row] = 1;
      return await this.run("select", selectGraph, {
        base,
        values,
        mask: hostTensor(mask, [count, 1]),
      });
    }
    const order = Int32Array.from({ length: count }, (_, row) => row);
    rows.forEach((row, i) => order[row] = count + i);
    return await this.#gather([base, values], order);
  }

  async adjust(
    x: Tensor,
    { scale, shift }: { scale: Float32Array | null; shift: Float32Array | null },
  ): Promise<Tensor> {
    const inputs: Record<string, Tensor> = { x };
    if (scale) inputs.scale = hostTensor(scale, [1, scale.length]);
    if (shift) inputs.shift = hostTensor(shift, [1, shift.length]);
    const parts = { scale: scale !== null, shift: shift !== null };
    return await this.run(
      `adjust ${parts.scale} ${parts.shift}`,
      () => adjustGraph(parts),
      inputs,
    );
  }

  add(a: Tensor, b: Tensor): Promise<Tensor> {
    return this.run("add", addGraph, { a, b });
  }

  async squaredDistance(a: Tensor, b: Tensor): Promise<number> {
    const { y } = await this.#run("distance", distanceGraph, {
      inputs: { a, b },
      hostOutputs: ["y"],
    });
    return (y.data as Float32Array).reduce((sum, value) => sum + value, 0);
  }

  blank(rows: number, width: number): Promise<Tensor> {
    return this.upload(new Float32Array(rows * width), width);
  }

  free(kept: Iterable<Tensor>): void {
    const stays = new Set<Tensor>(kept);
    for (const tensor of this.#owned) {
      if (stays.has(tensor)) continue;
      this.#owned.delete(tensor);
      tensor.dispose();
    }
  }

  [Symbol.dispose](): void {
    this.free([]);
    this.#end();
  }
}
