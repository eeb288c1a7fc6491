/**
 * Tensors on a GPU and the few operations on their rows, each a small graph.
 *
 * @module
 */
import type * as ort from "onnxruntime-node";
import type { Pass } from "./backend.ts";
import type { GpuBackend } from "./gpu_backend.ts";
import { runOnGpu } from "./gpu_run.ts";
import { type Dimension, GraphBuilder, type Value } from "./graph_builder.ts";
import type { Inputs } from "./session.ts";
import {
  type HostTensor,
  hostTensor,
  intTensor,
  merged,
  rowsOf,
  type Tensor,
  type View,
} from "./tensors.ts";

/** Tensors that one graph puts together. */
const MOST_JOINED = 6;
/** Slices that are no slower than a list of rows, which has to be brought up. */
const MOST_SLICES = 3;
/** Bytes on the device that wait to be read. */
const MOST_WAITING = 128e6;
/** Bytes of constants that a pass keeps: the masks of long prompts of many lengths are large. */
const MOST_CONSTANT = 256e6;

const bytesOf = ({ dims }: Tensor) => 4 * dims.reduce((product, dim) => product * dim, 1);

/** Builds a graph of one output y of f32 inputs, all [N, W] where no shape is given. */
function graphOf(
  name: string,
  build: (graph: GraphBuilder, input: (name: string, shape?: Dimension[]) => Value) => Value,
  shape: Dimension[] = ["N", "W"],
): GraphBuilder {
  const graph = new GraphBuilder(name);
  const y = build(graph, (name, shape = ["N", "W"]) => graph.input(name, "f32", shape));
  graph.output("y", y, "f32", shape);
  return graph;
}

/** A tensor as it is, to another place: up to the device or down from it. */
const copyGraph = () =>
  // An identity would be left out.
  graphOf("copy", (graph, input) => graph.node("Mul", [input("x"), graph.scalar(1)]));

/** How a tensor goes into a joined one: as a whole, or rows [from, to) of it. */
type JoinedPart = "whole" | "slice";

/** Tensors and slices of tensors put one after the other. Bounds of slices stay on the host. */
const joinGraph = (parts: readonly JoinedPart[]) =>
  graphOf("join", (graph, input) => {
    const values = parts.map((part, i) => {
      const x = input(`x${i}`, [`N${i}`, "W"]);
      if (part === "whole") return x;
      const [from, to] = ["from", "to"].map((bound) => graph.input(`${bound}${i}`, "i64", [1]));
      return graph.node("Slice", [x, from, to, graph.ints([0])]);
    });
    return values.length === 1 ? values[0] : graph.node("Concat", values, { axis: 0n });
  }, ["R", "W"]);

/** The chosen rows of tensors put one after the other. */
const gatherGraph = (count: number) =>
  graphOf("gather", (graph, input) => {
    const parts = Array.from({ length: count }, (_, i) => input(`x${i}`, [`N${i}`, "W"]));
    const all = count === 1 ? parts[0] : graph.node("Concat", parts, { axis: 0n });
    return graph.node("Gather", [all, graph.input("rows", "i32", ["R"])], { axis: 0n });
  }, ["R", "W"]);

/** `values` where `mask` [N, 1] is above 0, else `base`. */
const selectGraph = () =>
  graphOf("select", (graph, input) => {
    const chosen = graph.node("Greater", [input("mask", ["N", 1]), graph.scalar(0)]);
    return graph.node("Where", [chosen, input("values"), input("base")]);
  });

/** x scale + shift [1, W], of those that are there. */
const adjustGraph = (parts: { scale: boolean; shift: boolean }) =>
  graphOf("adjust", (graph, input) => {
    const x = input("x");
    const scaled = parts.scale ? graph.node("Mul", [x, input("scale", [1, "W"])]) : x;
    return parts.shift ? graph.node("Add", [scaled, input("shift", [1, "W"])]) : scaled;
  });

const addGraph = () =>
  graphOf("add", (graph, input) => graph.node("Add", [input("a"), input("b")]));

/** Sums of (a - b)^2 over each row, [N, 1]. */
const distanceGraph = () =>
  graphOf("distance", (graph, input) => {
    const difference = graph.node("Sub", [input("a"), input("b")]);
    const squares = graph.node("Mul", [difference, difference]);
    return graph.node("ReduceSum", [squares, graph.ints([1])], { keepdims: 1n });
  }, ["N", 1]);

/** Tensors of one pass; see `Tensors` for what is done with them. */
export class GpuTensors implements Pass {
  readonly inPlace = false;
  readonly #backend: GpuBackend;
  readonly #owned = new Set<ort.Tensor>();
  readonly #end: () => void;
  readonly #constants = new Map<string, Tensor>();
  #constantBytes = 0;
  #waiting: { tensor: Tensor; use: (values: Float32Array) => void }[] = [];
  #waitingBytes = 0;

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
    const isWhole = ({ tensor, from, to }: View) => from === 0 && to === tensor.dims[0];
    const slices = parts.filter((part) => !isWhole(part)).length;
    if (slices === 0) return await this.#concatenate(parts.map(({ tensor }) => tensor));
    if (slices <= MOST_SLICES && parts.length <= MOST_JOINED) {
      const inputs: Record<string, Tensor> = {};
      const forms = parts.map((part, i): JoinedPart => {
        inputs[`x${i}`] = part.tensor;
        if (isWhole(part)) return "whole";
        inputs[`from${i}`] = intTensor([part.from]);
        inputs[`to${i}`] = intTensor([part.to]);
        return "slice";
      });
      return await this.run(`join ${forms}`, () => joinGraph(forms), inputs);
    }
    const sources = [...new Set(parts.map(({ tensor }) => tensor))];
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
    return await this.#gather(sources, rows);
  }

  /** Tensors put one after the other. */
  async #concatenate(tensors: readonly Tensor[]): Promise<Tensor> {
    const parts = await this.#fewer(tensors);
    if (parts.length === 1) return parts[0];
    const forms = parts.map(() => "whole" as const);
    const inputs = Object.fromEntries(parts.map((part, i) => [`x${i}`, part]));
    return await this.run(`join ${forms}`, () => joinGraph(forms), inputs);
  }

  /** Neighbours put together until one graph takes the rest. */
  async #fewer(tensors: readonly Tensor[]): Promise<readonly Tensor[]> {
    let parts = tensors;
    while (parts.length > MOST_JOINED) {
      const next: Tensor[] = [];
      for (let i = 0; i < parts.length; i += MOST_JOINED) {
        next.push(await this.#concatenate(parts.slice(i, i + MOST_JOINED)));
      }
      parts = next;
    }
    return parts;
  }

  /** Chosen rows of tensors put one after the other. */
  async #gather(tensors: readonly Tensor[], rows: Int32Array): Promise<Tensor> {
    const parts = await this.#fewer(tensors);
    const inputs: Record<string, Tensor> = Object.fromEntries(
      parts.map((part, i) => [`x${i}`, part]),
    );
    inputs.rows = hostTensor(rows, [rows.length]);
    return await this.run(`gather ${parts.length}`, () => gatherGraph(parts.length), inputs);
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
      const mask = await this.constant(`rows ${count}: ${active}`, () => {
        const mask = new Float32Array(count);
        for (const row of active) mask[row] = 1;
        return hostTensor(mask, [count, 1]);
      });
      return await this.run("select", selectGraph, { base, values, mask });
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

  async squaredDistance(a: Tensor, b: Tensor, use: (sum: number) => void): Promise<void> {
    const sums = await this.run("distance", distanceGraph, { a, b });
    await this.readLater(sums, (rows) => use(rows.reduce((sum, value) => sum + value, 0)));
  }

  async readLater(tensor: Tensor, use: (values: Float32Array) => void): Promise<void> {
    this.#waiting.push({ tensor: this.hold(tensor), use });
    this.#waitingBytes += bytesOf(tensor);
    if (this.#waitingBytes > MOST_WAITING) await this.settle();
  }

  async settle(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    const values = new Map<Tensor, Float32Array>();
    for (const [width, own] of Map.groupBy(waiting, ({ tensor }) => tensor.dims[1])) {
      const tensors = [...new Set(own.map(({ tensor }) => tensor))];
      const all = await this.read(await this.#concatenate(tensors));
      let at = 0;
      for (const tensor of tensors) {
        values.set(tensor, all.subarray(at, at += tensor.dims[0] * width));
      }
    }
    for (const { tensor, use } of waiting) use(values.get(tensor)!);
    for (const tensor of values.keys()) this.own(tensor);
  }

  async constant(name: string, make: () => HostTensor): Promise<Tensor> {
    let tensor = this.#constants.get(name);
    if (!tensor) {
      const { data, dims } = make();
      tensor = this.hold(await this.upload(data as Float32Array, dims[1]));
      this.#constants.set(name, tensor);
      this.#constantBytes += bytesOf(tensor);
      for (const [oldest, old] of this.#constants) {
        if (this.#constantBytes <= MOST_CONSTANT || old === tensor) break;
        this.#constants.delete(oldest);
        this.#constantBytes -= bytesOf(old);
        this.own(old);
      }
    }
    return tensor;
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
    for (const { tensor } of this.#waiting) this.own(tensor);
    for (const tensor of this.#constants.values()) this.own(tensor);
    this.free([]);
    this.#end();
  }
}
