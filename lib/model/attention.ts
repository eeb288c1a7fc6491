/**
 * Attention without weights: graphs that every layer of every model of one head shape shares.
 * Scores, softmax and the weighted sum are standard grouped-query attention (scale
 * 1 / sqrt(headDim)); the forms differ in where K and V lie.
 *
 * @module
 */
import { GraphBuilder, type Value } from "./graph_builder.ts";
import type { QwenTextConfig } from "./qwen_config.ts";

/** The head shape that attention depends on. */
export type HeadShape = Pick<QwenTextConfig, "numHeads" | "numKvHeads" | "headDim">;

/** What a masked score gets added: its probability becomes exactly 0, with no infinity about. */
export const MASKED = -1e30;

/** scale * a b^T, batched. */
function scores(graph: GraphBuilder, a: Value, b: Value, headDim: number): Value {
  return graph.node("com.microsoft:FusedMatMul", [a, b], {
    transB: 1n,
    alpha: 1 / Math.sqrt(headDim),
  });
}

function softmax(graph: GraphBuilder, value: Value): Value {
  return graph.node("Softmax", [value], { axis: -1n });
}

function prefillInputs(graph: GraphBuilder, { numHeads, numKvHeads, headDim }: HeadShape) {
  return {
    q: graph.input("q", "f32", ["B", "T", numHeads * headDim]),
    k: graph.input("k", "f32", ["B", "S", numKvHeads * headDim]),
    v: graph.input("v", "f32", ["B", "S", numKvHeads * headDim]),
  };
}

/**
 * Many queries a row, over K and V in token order: q [B, T, heads * headDim], k and v
 * [B, S, kvHeads * headDim] to out [B, T, heads * headDim]. `causal` is for whole prompts, T = S;
 * otherwise mask [T, S] is added to the scores.
 */
export function prefillAttentionGraph(shape: HeadShape, { causal = false } = {}): GraphBuilder {
  const { numHeads, numKvHeads, headDim } = shape;
  const graph = new GraphBuilder("prefill attention");
  const { q, k, v } = prefillInputs(graph, shape);
  const inputs = causal ? [q, k, v] : [q, k, v, graph.input("mask", "f32", ["T", "S"])];
  const out = graph.node("Attention", inputs, {
    q_num_heads: BigInt(numHeads),
    kv_num_heads: BigInt(numKvHeads),
    is_causal: causal ? 1n : 0n,
  });
  graph.output("out", out, "f32", ["B", "T", numHeads * headDim]);
  return graph;
}

/**
 * {@linkcode prefillAttentionGraph} with a mask [kvHeads or 1, group or 1, T, S], and the mass [B, heads, T, M] that each query gives
 * to the tokens of each of tokenMasks [S, M]; massShape [4] = B, heads, T, M.
 */
export function attentionMassGraph(shape: HeadShape): GraphBuilder {
  const { numHeads, numKvHeads, headDim } = shape;
  const group = numHeads / numKvHeads;
  const graph = new GraphBuilder("prefill attention with mass");
  const { q, k, v } = prefillInputs(graph, shape);
  const mask = graph.input("mask", "f32", ["KV", "R", "T", "S"]);
  const tokenMasks = graph.input("tokenMasks", "f32", ["S", "M"]);
  const massShape = graph.input("massShape", "i64", [4]);
  // [B, kv, group, T, headDim]; K and V get a group axis of 1 to broadcast over.
  const queries = graph.transpose(
    graph.reshape(q, [0, 0, numKvHeads, group, headDim]),
    [0, 2, 3, 1, 4],
  );
  const heads = (value: Value) =>
    graph.node("Unsqueeze", [
      graph.transpose(graph.reshape(value, [0, 0, numKvHeads, headDim]), [0, 2, 1, 3]),
      graph.ints([2]),
    ]);
  const raw = scores(graph, queries, heads(k), headDim);
  const probabilities = softmax(graph, graph.node("Add", [raw, mask]));
  const mixed = graph.transpose(graph.node("MatMul", [probabilities, heads(v)]), [0, 3, 1, 2, 4]);
  const out = graph.reshape(mixed, [0, 0, numHeads * headDim]);
  graph.output("out", out, "f32", ["B", "T", numHeads * headDim]);
  const sums = graph.node("MatMul", [probabilities, tokenMasks]); // [B, kv, group, T, M]
  const mass = graph.node("Reshape", [sums, massShape]);
  graph.output("mass", mass, "f32", ["B", numHeads, "T", "M"]);
  return graph;
}

/**
 * One query a row, each row with K and V of its own: q [n, heads * headDim], k and v
 * [n, kvHeads, S, headDim], mask [n, kvHeads or 1, group or 1, S] to out [n, heads * headDim].
 */
export function decodeAttentionGraph(shape: HeadShape): GraphBuilder {
  const { numHeads, numKvHeads, headDim } = shape;
  const width = numHeads * headDim;
  const graph = new GraphBuilder("decode attention");
  const q = graph.input("q", "f32", ["n", width]);
  const k = graph.input("k", "f32", ["n", numKvHeads, "S", headDim]);
  const v = graph.input("v", "f32", ["n", numKvHeads, "S", headDim]);
  const mask = graph.input("mask", "f32", ["n", "KV", "R", "S"]);
  const queries = graph.reshape(q, [0, numKvHeads, numHeads / numKvHeads, headDim]);
  const raw = graph.node("Add", [scores(graph, queries, k, headDim), mask]);
  const out = graph.node("MatMul", [softmax(graph, raw), v]);
  graph.output("out", graph.reshape(out, [0, width]), "f32", ["n", width]);
  return graph;
}

/**
 * One query a row, over prompts that groups of rows share and the rows' own tokens: prefixK, prefixV
 * [G, kvHeads, P, headDim], prefixMask [G, 1, 1, P]; ownK, ownV [n, kvHeads, C, headDim], ownMask
 * [C]; lengths [2] = P, C. rows [G, R] lists each group's rows (any row where a group has fewer than
 * R) and places [n, 2] is where a row stands in that list; the rows of a group become one matrix.
 * gridScores [5] = G, kvHeads, R, heads / kvHeads, P; flatScores [4] = G, kvHeads,
 * R heads / kvHeads, P.
 */
export function groupedDecodeAttentionGraph(shape: HeadShape): GraphBuilder {
  const { numHeads, numKvHeads, headDim } = shape;
  const group = numHeads / numKvHeads;
  const width = numHeads * headDim;
  const graph = new GraphBuilder("grouped decode attention");
  const q = graph.input("q", "f32", ["n", width]);
  const prefixK = graph.input("prefixK", "f32", ["G", numKvHeads, "P", headDim]);
  const prefixV = graph.input("prefixV", "f32", ["G", numKvHeads, "P", headDim]);
  const prefixMask = graph.input("prefixMask", "f32", ["G", 1, 1, "P"]);
  const ownK = graph.input("ownK", "f32", ["n", numKvHeads, "C", headDim]);
  const ownV = graph.input("ownV", "f32", ["n", numKvHeads, "C", headDim]);
  const ownMask = graph.input("ownMask", "f32", ["C"]);
  const lengths = graph.input("lengths", "i64", [2]);
  const rows = graph.input("rows", "i64", ["G", "R"]);
  const places = graph.input("places", "i64", ["n", 2]);
  const gridScores = graph.input("gridScores", "i64", [5]);
  const flatScores = graph.input("flatScores", "i64", [4]);
  // [n, kv, group, X] -> [G, kv, R, group, X]
  const toGrid = (value: Value) =>
    graph.transpose(graph.node("Gather", [value, rows], { axis: 0n }), [0, 2, 1, 3, 4]);
  // [G, kv, R, group, X] -> [n, kv, group, X]
  const fromGrid = (value: Value) =>
    graph.node("GatherND", [graph.transpose(value, [0, 2, 1, 3, 4]), places]);

  const queries = graph.reshape(q, [0, numKvHeads, group, headDim]);
  const flat = graph.reshape(toGrid(queries), [0, numKvHeads, -1, headDim]);
  const prefixScores = graph.node("Add", [scores(graph, flat, prefixK, headDim), prefixMask]);
  const ownScores = graph.node("Add", [scores(graph, queries, ownK, headDim), ownMask]);
  const joint = graph.node("Concat", [
    fromGrid(graph.node("Reshape", [prefixScores, gridScores])),
    ownScores,
  ], { axis: -1n });
  const [prefix, own] = graph.nodes("Split", [softmax(graph, joint), lengths], {
    attributes: { axis: -1n },
    outputs: 2,
  });
  const sums = graph.node("MatMul", [
    graph.node("Reshape", [toGrid(prefix), flatScores]),
    prefixV,
  ]);
  const out = graph.node("Add", [
    fromGrid(graph.reshape(sums, [0, numKvHeads, -1, group, headDim])),
    graph.node("MatMul", [own, ownV]),
  ]);
  graph.output("out", graph.reshape(out, [0, width]), "f32", ["n", width]);
  return graph;
}
