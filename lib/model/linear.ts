/**
 * x W^T + b over weights in files, in the precision asked for.
 *
 * @module
 */
import type { GraphBuilder, Value } from "./graph_builder.ts";
import {
  addVector,
  addWeight,
  quantizeInt8,
  type WeightForm,
  weightShape,
  type WeightSource,
} from "./weight_source.ts";

/**
 * How weights are held. f32: unfolded once into private memory, twice the size of bf16 files, the
 * fastest exact way. bf16: left mapped in the files and widened block by block at every run; same
 * results up to rounding in the sums, bounded memory. int8: blocks of 128 quantised at opening,
 * half the size of bf16 files in private memory; approximate. f16: for GPUs; products in f16, all
 * else in f32.
 */
export type Precision = "f32" | "bf16" | "int8" | "f16";

/**
 * Elements of a row block: 2 MB when widened, which stays in the caches. Measured on a 3584 x 18944
 * matrix: blocks of 4 M elements take 1.5 times as long at 1 to 32 rows, blocks of half the size are
 * no faster and open four times as slowly.
 */
const BLOCK_ELEMENTS = 524_288;
/** Blocks a matrix has at most: each is two nodes. */
const MOST_BLOCKS = 512;
/** Rows a block has at least, where more exist; narrower products waste vector lanes. */
const LEAST_ROWS = 64;
/**
 * Elements of a matrix that is unfolded in one piece: 512 MB in f32. The runtime folds no constant
 * above 1 GB and would widen the head of a published vocabulary, 2.2 GB, at every run.
 */
const FOLDED_ELEMENTS = 2 ** 27;

/** Elements of a matrix that is one tensor on a device: 512 MB in f16. */
const BOUND_ELEMENTS = 2 ** 28;

/** Rows of a block of an [out, width] matrix. */
function rowsOfBlock([out, width]: readonly number[], precision: Precision): number {
  if (precision === "f32") return Math.min(out, Math.floor(FOLDED_ELEMENTS / width));
  const elements = Math.max(BLOCK_ELEMENTS, out * width / MOST_BLOCKS);
  const rows = Math.floor(elements / width / 16) * 16;
  return Math.min(out, Math.max(LEAST_ROWS, rows));
}

/** A weight [out, in] and its bias [out]. */
export interface LinearWeights {
  weight: WeightSource;
  bias?: WeightSource;
}

/** Adds x W^T + b to a graph; x [N, in] and the result [N, out] are f32 values. */
export function addLinear(
  graph: GraphBuilder,
  x: Value,
  weights: LinearWeights,
  form: WeightForm,
): Value {
  return addLinears(graph, x, [weights], form)[0];
}

export type SwiGluWeights = Record<"gate" | "up" | "down", LinearWeights>;

/** Adds down(silu(gate(x)) up(x)) to a graph. */
export function addSwiGlu(
  graph: GraphBuilder,
  x: Value,
  { gate, up, down }: SwiGluWeights,
  form: WeightForm,
): Value {
  if (form.bound) return addBoundSwiGlu(graph, x, { gate, up, down }, boundType(form));
  const [gated, raised] = addLinears(graph, x, [gate, up], form);
  const silu = graph.node("Mul", [gated, graph.node("Sigmoid", [gated])]);
  return addLinear(graph, graph.node("Mul", [silu, raised]), down, form);
}

/** Adds second(quickGelu(first(x))) to a graph; quickGelu is x sigmoid(1.702 x). */
export function addTwoLayerMlp(
  graph: GraphBuilder,
  x: Value,
  [first, second]: readonly [LinearWeights, LinearWeights],
  form: WeightForm,
): Value {
  const raised = addLinear(graph, x, first, form);
  const activated = graph.node("com.microsoft:QuickGelu", [raised], { alpha: 1.702 });
  return addLinear(graph, activated, second, form);
}

/**
 * What the down projection's sums are divided by where they are f16, so that results beyond its range
 * (65,504), which are known of the MLP, are not.
 */
const DOWN_SCALE = 64;

function addBoundSwiGlu(
  graph: GraphBuilder,
  x: Value,
  { gate, up, down }: SwiGluWeights,
  type: BoundType,
): Value {
  const as = (to: BoundType, { value, type }: { value: Value; type: BoundType }) =>
    type === to ? value : graph.cast(value, to);
  const operand = as(type, { value: x, type: "f32" });
  const [gated, raised] = addProducts(graph, operand, [gate, up], type).map((own) => as(type, own));
  const silu = graph.node("com.microsoft:QuickGelu", [gated], { alpha: 1 });
  const activated = graph.node("Mul", [silu, raised]);
  const { bias, weight } = down;
  const scale = type === "f16" ? DOWN_SCALE : 1;
  const [product] = addProducts(graph, activated, [{ weight }], type, { scale });
  const wide = as("f32", product);
  const y = scale === 1 ? wide : graph.node("Mul", [wide, graph.scalar(scale)]);
  return bias
    ? graph.node("Add", [y, addVector(graph, bias, { precision: type, bound: true })])
    : y;
}

/** {@linkcode addLinear} with several matrices over the same x. */
export function addLinears(
  graph: GraphBuilder,
  x: Value,
  weights: readonly LinearWeights[],
  form: WeightForm,
): Value[] {
  if (form.bound) {
    const type = boundType(form);
    const operand = type === "f16" ? graph.cast(x, "f16") : x;
    return addProducts(graph, operand, weights, type, { wide: true }).map(({ value }) => value);
  }
  return weights.map((own) => addFolded(graph, x, own, form.precision));
}

function addFolded(
  graph: GraphBuilder,
  x: Value,
  { weight, bias }: LinearWeights,
  precision: Precision,
): Value {
  const [out] = weightShape(weight);
  if (precision === "int8") {
    const product = addInt8(graph, x, weight);
    return bias ? graph.node("Add", [product, addWeight(graph, bias)]) : product;
  }
  const blocks = rowBlocks(out, rowsOfBlock(weightShape(weight), precision)).map((rows) => {
    const inputs = [x, addWeight(graph, weight, rows)];
    if (bias) inputs.push(addWeight(graph, bias, rows));
    return graph.node("Gemm", inputs, { transB: 1n });
  });
  return blocks.length === 1 ? blocks[0] : graph.node("Concat", blocks, { axis: -1n });
}

function rowBlocks(out: number, size: number): { from: number; to: number }[] {
  return Array.from({ length: Math.ceil(out / size) }, (_, i) => ({
    from: i * size,
    to: Math.min(out, (i + 1) * size),
  }));
}

/**
 * A sum of f16 products longer than this is made of several, put together afterwards: GPUs add in f16
 * too, and lose accuracy with the root of the length. With 512 terms, logits of 28 layers are as near
 * to f32 as bf16's; with 4,096 they are 2.3 times as far. It also keeps more of the machine busy.
 */
const LONGEST_SUM = 512;

/** Parts of equal length, a multiple of 4, that a sum of `width` products is cut into. */
function sumParts(width: number): number {
  for (let parts = Math.ceil(width / LONGEST_SUM); parts <= width / 64; parts++) {
    if (width % (4 * parts) === 0) return parts;
  }
  return 1;
}

/** Bytes of x W^T of one row on a device, before its parts are put together. */
export function productBytes([out, width]: readonly number[], precision: Precision): number {
  return sumParts(width) * out * (precision === "f16" ? 2 : 4);
}

type BoundType = "f16" | "f32";

function boundType({ precision }: WeightForm): BoundType {
  return precision === "f16" ? "f16" : "f32";
}

/**
 * One product with matrices of the device side by side, split again.
 *
 * @param x Of the matrices' type.
 * @param options.wide Whether f16 results become f32, default false. Those with a bias do in any case.
 * @param options.scale What the matrices are divided by, default 1.
 */
function addProducts(
  graph: GraphBuilder,
  x: Value,
  weights: readonly LinearWeights[],
  type: BoundType,
  { wide = false, scale = 1 }: { wide?: boolean; scale?: number } = {},
): { value: Value; type: BoundType }[] {
  const sources = weights.map(({ weight }) => weight);
  const outs = sources.map((source) => weightShape(source)[0]);
  const out = outs.reduce((sum, rows) => sum + rows, 0);
  const [, width] = weightShape(sources[0]);
  const parts = sumParts(width);
  const biases = weights.flatMap(({ bias }) => bias ?? []);
  const widens = type === "f16" && (wide || biases.length > 0);
  const widen = (value: Value) => widens ? graph.cast(value, "f32") : value;
  const operand = parts === 1
    ? x
    : graph.transpose(graph.reshape(x, [-1, parts, width / parts]), [1, 0, 2]);
  const product = (rows?: { from: number; to: number }) => {
    const size = rows ? rows.to - rows.from : out;
    const matrix = graph.bind({ sources, rows, type, scale }, [width, size]);
    if (parts === 1) return widen(graph.node("MatMul", [operand, matrix]));
    const blocks = graph.reshape(matrix, [parts, width / parts, size]);
    const sums = graph.node("MatMul", [operand, blocks]);
    return widen(graph.node("ReduceSum", [sums, graph.ints([0])], { keepdims: 0n }));
  };
  const most = Math.floor(BOUND_ELEMENTS / width);
  // Only the head of a published vocabulary is larger, and it stands alone.
  const products = weights.length > 1 || out <= most
    ? [product()]
    : rowBlocks(out, most).map(product);
  let y = products.length === 1 ? products[0] : graph.node("Concat", products, { axis: -1n });
  if (biases.length > 0) {
    y = graph.node("Add", [y, graph.bind({ sources: biases, type: "f32" }, [out])]);
  }
  const values = outs.length === 1 ? [y] : graph.nodes("Split", [y, graph.ints(outs)], {
    attributes: { axis: -1n },
    outputs: outs.length,
  });
  return values.map((value) => ({ value, type: widens ? "f32" : type }));
}

function addInt8(graph: GraphBuilder, x: Value, weight: WeightSource): Value {
  const [out, width] = weightShape(weight);
  const { blocks, quantized, scales, blockSize } = quantizeInt8(weight);
  return graph.node("com.microsoft:MatMulNBits", [
    x,
    graph.bytes(quantized, "u8", [out, blocks, blockSize]),
    graph.floats(scales, [out * blocks]),
  ], {
    K: BigInt(width),
    N: BigInt(out),
    bits: 8n,
    block_size: BigInt(blockSize),
    accuracy_level: 4n,
  });
}
