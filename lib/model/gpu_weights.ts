/**
 * Weights as tensors of a GPU. Their bytes go up as they are in the file; widening, blending and
 * transposing is the GPU's work, since it takes the host's cores a minute at 7B.
 *
 * @module
 */
import type * as ort from "onnxruntime-node";
import { type TensorInfo, TensorReader } from "../checkpoint/mod.ts";
import type { GpuBackend } from "./gpu_backend.ts";
import { runOnGpu } from "./gpu_run.ts";
import { type BoundWeight, GraphBuilder, type Value } from "./graph_builder.ts";
import { type HostTensor, hostTensor, type Tensor } from "./tensors.ts";
import { weightName, weightShape, type WeightSource } from "./weight_source.ts";

/** Rows of a file tensor's first dimension. */
type Rows = BoundWeight["rows"];

/** f32 of every 16-bit pattern. */
function widened(dtype: string): Float32Array {
  const patterns = Uint32Array.from({ length: 65536 }, (_, i) => i);
  if (dtype === "BF16") return new Float32Array(patterns.map((bits) => bits << 16).buffer);
  return Float32Array.from(new Float16Array(Uint16Array.from(patterns).buffer));
}

/** What of a source the graph is given, and how it gets f32 from it. */
interface Part {
  input: HostTensor;
  /** "pairs" are two numbers of 16 bits each in 32. */
  kind: "pairs" | "f32";
  dtype: string;
}

function partOf(source: Exclude<WeightSource, { a: TensorInfo }>, rows: Rows): Part {
  const [count = 1, ...rest] = source.shape;
  const { from = 0, to = count } = rows ?? {};
  const width = rest.reduce((product, size) => product * size, 1);
  const f32 = (data: Float32Array): Part => ({
    input: hostTensor(data, [to - from, width]),
    kind: "f32",
    dtype: "F32",
  });
  if ("values" in source) return f32(source.values.subarray(from * width, to * width));
  const { dtype } = source;
  if (dtype !== "F32" && dtype !== "BF16" && dtype !== "F16") {
    throw new Error(
      `Cannot bring ${source.name} of ${source.file} to the GPU: its dtype is ${dtype}, not one of ` +
        "BF16, F16, F32",
    );
  }
  using reader = new TensorReader();
  if (dtype === "F32" || width % 2 === 1) {
    return f32(reader.read(source, from * width, (to - from) * width) as Float32Array);
  }
  const pairs = new Uint32Array((to - from) * width / 2);
  reader.readBytes(source, new Uint8Array(pairs.buffer), from * width * 2);
  return { input: hostTensor(pairs, [to - from, width / 2]), kind: "pairs", dtype };
}

/** Adds a part as f32 [rows, width]. */
function addPart(graph: GraphBuilder, { kind }: Part, index: number): Value {
  if (kind === "f32") return graph.input(`w${index}`, "f32", ["R", "C"]);
  const pairs = graph.input(`w${index}`, "u32", ["R", "C2"]);
  const table = graph.input(`table${index}`, "f32", [65536]);
  const base = graph.bytes(new Uint8Array(Uint32Array.of(65536).buffer), "u32", []);
  const high = graph.node("Div", [pairs, base]);
  const low = graph.node("Sub", [pairs, graph.node("Mul", [high, base])]);
  // There is no bf16 on GPUs, but a table of all its numbers.
  const widen = (bits: Value) =>
    graph.node("Unsqueeze", [
      graph.node("Gather", [table, graph.cast(bits, "i32")], { axis: 0n }),
      graph.ints([2]),
    ]);
  return graph.reshape(graph.node("Concat", [widen(low), widen(high)], { axis: 2n }), [0, -1]);
}

/** Loads weights for the sessions of one GPU. */
export class GpuWeights {
  readonly #backend: GpuBackend;
  readonly #tables = new Map<string, Promise<Tensor>>();
  readonly #loaded = new Set<ort.Tensor>();

  get bytes(): number {
    const size = (dims: readonly number[]) => dims.reduce((product, dim) => product * dim, 1);
    return [...this.#loaded].reduce(
      (sum, { dims, type }) => sum + size(dims) * (type === "float16" ? 2 : 4),
      0,
    );
  }

  constructor(backend: GpuBackend) {
    this.#backend = backend;
  }

  /**
   * A weight on the device: vectors [out], matrices [in, out].
   *
   * @throws {Error} if a file is gone or ends early, or a dtype is none.
   */
  async load({ sources, ...form }: BoundWeight): Promise<Tensor> {
    const { type } = form;
    const parts: Tensor[] = [];
    for (const source of sources) parts.push(await this.#loadOne(source, form));
    if (parts.length === 1) return parts[0];
    const graph = new GraphBuilder("weights side by side");
    const vector = parts[0].dims.length === 1;
    const dims = (out: string) => vector ? [out] : ["in", out];
    const inputs = parts.map((_, i) => graph.input(`x${i}`, type, dims(`out${i}`)));
    graph.output("y", graph.node("Concat", inputs, { axis: -1n }), type, dims("out"));
    const joined = await this.#run(
      graph,
      Object.fromEntries(parts.map((part, i) => [`x${i}`, part])),
    );
    for (const part of parts) this.free(part);
    return joined;
  }

  async #run(graph: GraphBuilder, inputs: Record<string, Tensor>): Promise<ort.Tensor> {
    const name = "the loading of weights";
    const session = await this.#backend.compile(graph, { name });
    const { y } = await runOnGpu(session, { name, inputs, fetch: ["y"] });
    this.#loaded.add(y);
    return y;
  }

  async #loadOne(
    source: WeightSource,
    { rows, type, scale = 1 }: Pick<BoundWeight, "rows" | "type" | "scale">,
  ) {
    const shape = weightShape(source);
    const graph = new GraphBuilder("load a weight");
    const vector = shape.length === 1;
    // A vector is one row.
    const flat = <T extends TensorInfo>(tensor: T): T =>
      vector ? { ...tensor, shape: [1, ...shape] } : tensor;
    const terms = "a" in source
      ? [{ part: partOf(flat(source.a), rows), share: 1 - source.alpha }, {
        part: partOf(flat(source.b), rows),
        share: source.alpha,
      }]
      : [{ part: partOf(flat(source as TensorInfo), rows), share: 1 }];
    const inputs: Record<string, Tensor> = {};
    const values: Value[] = [];
    for (const [i, { part, share }] of terms.entries()) {
      inputs[`w${i}`] = part.input;
      if (part.kind === "pairs") inputs[`table${i}`] = await this.#table(part.dtype);
      const value = addPart(graph, part, i);
      values.push(share === 1 ? value : graph.node("Mul", [value, graph.scalar(share)]));
    }
    let value = values.length === 1 ? values[0] : graph.node("Add", values);
    if (scale !== 1) value = graph.node("Mul", [value, graph.scalar(1 / scale)]);
    if (type === "f16") value = graph.cast(value, "f16");
    // A vector may so far be a view of an input.
    value = vector
      ? graph.reshape(graph.node("Mul", [value, graph.cast(graph.scalar(1), type)]), [-1])
      : graph.transpose(value, [1, 0]);
    graph.output("y", value, type, vector ? ["out"] : ["in", "out"]);
    try {
      return await this.#run(graph, inputs);
    } catch (error) {
      (error as Error).message += `; it was ${weightName(source)}`;
      throw error;
    }
  }

  #table(dtype: string): Promise<Tensor> {
    let table = this.#tables.get(dtype);
    if (!table) {
      const graph = new GraphBuilder("table");
      const x = graph.input("x", "f32", [65536]);
      graph.output("y", graph.node("Mul", [x, graph.scalar(1)]), "f32", [65536]);
      table = this.#run(graph, { x: hostTensor(widened(dtype), [65536]) });
      this.#tables.set(dtype, table);
    }
    return table;
  }

  free(tensor: Tensor): void {
    if (this.#loaded.delete(tensor as ort.Tensor)) (tensor as ort.Tensor).dispose();
  }

  dispose(): void {
    for (const tensor of this.#loaded) this.free(tensor);
    this.#tables.clear();
  }
}
