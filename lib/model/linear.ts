/**
 * x W^T + b over weights in files, in the precision asked for.
 *
 * @module
 */
import type { GraphBuilder, Value } from "./graph_builder.ts";
import { quantizeInt8 } from "./int8_weight.ts";
import { addWeight, weightShape, type WeightSource } from "./weight_source.ts";

/**
 * How weights are held. f32: unfolded once into private memory, twice the size of bf16 files, the
 * fastest exact way. bf16: left mapped in the files and widened block by block at every run; same
 * results up to rounding in the sums, bounded memory. int8: blocks of 128 quantised at opening,
 * half the size of bf16 files in private memory; approximate.
 */
export type Precision = "f32" | "bf16" | "int8";

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

/** Rows of a block of an [out, width] matrix. */
function rowsOfBlock([out, width]: readonly number[], precision: Precision): number {
  if (precision === "f32") return Math.min(out, Math.floor(FOLDED_ELEMENTS / width));
  const elements = Math.max(BLOCK_ELEMENTS, out * width / MOST_BLOCKS);
  const rows = Math.floor(elements / width / 16) * 16;
  return Math.min(out, Math.max(LEAST_ROWS, rows));
}

/** Options of {@linkcode addLinear}. */
export interface LinearOptions {
  /** [out] bias. */
  bias?: WeightSource;
  /** Default "f32". */
  precision?: Precision;
}

/**
 * Adds x W^T + b to a graph.
 *
 * @param operands x, a [N, in] f32 value; and W, [out, in].
 * @returns A [N, out] f32 value.
 */
export function addLinear(
  graph: GraphBuilder,
  { x, weight }: { x: Value; weight: WeightSource },
  options: LinearOptions = {},
): Value {
  const { bias, precision = "f32" } = options;
  const [out] = weightShape(weight);
  if (precision === "int8") {
    const product = addInt8(graph, x, weight);
    return bias ? graph.node("Add", [product, addWeight(graph, bias)]) : product;
  }
  const blockRows = rowsOfBlock(weightShape(weight), precision);
  const blocks: Value[] = [];
  for (let from = 0; from < out; from += blockRows) {
    const rows = { from, to: Math.min(out, from + blockRows) };
    const inputs = [x, addWeight(graph, weight, rows)];
    if (bias) inputs.push(addWeight(graph, bias, rows));
    blocks.push(graph.node("Gemm", inputs, { transB: 1n }));
  }
  return blocks.length === 1 ? blocks[0] : graph.node("Concat", blocks, { axis: -1n });
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
