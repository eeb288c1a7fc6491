/**
 * Attention in the operators that GPUs have: keys are kept transposed, and a group's rows are one
 * matrix against the prompt that they share.
 *
 * @module
 */
import type { HeadShape } from "./attention.ts";
import { GraphBuilder, type Value } from "./graph_builder.ts";

function scaled(graph: GraphBuilder, q: Value, headDim: number): Value {
  return graph.node("Mul", [q, graph.scalar(1 / Math.sqrt(headDim))]);
}

function softmax(graph: GraphBuilder, value: Value): Value {
  return graph.node("Softmax", [value], { axis: -1n });
}

/**
 * Sequences of equal lengths under a mask: q [B T, heads * headDim], k and v [B S, kvHeads * headDim],
 * mask [T, S] to out [B T, heads * headDim]. queries [5] = B, T, kvHeads, group, headDim; keys [4] = B,
 * S, kvHeads, headDim; grid [5] = B, kvHeads, group, T, S; flat [4] = B, kvHeads, group T, S. `mass` adds
 * what `attentionMassGraph` does: a mask [kvHeads or 1, group or 1, T, S], tokenMasks [S, M] and massShape to mass [B, heads, T, M].
 *
 * The runtime's own GroupQueryAttention is not used: it was wrong from 32 tokens on with one driver
 * that was tried, and is no faster.
 */
export function gpuMaskedGraph(
  { numHeads, numKvHeads, headDim }: HeadShape,
  { mass }: { mass: boolean },
): GraphBuilder {
  const width = numHeads * headDim;
  const group = numHeads / numKvHeads;
  const graph = new GraphBuilder("masked attention");
  const input = (name: string, shape: (string | number)[]) => graph.input(name, "f32", shape);
  const shape = (name: string, length: number) => graph.input(name, "i64", [length]);
  const q = input("q", ["N", width]);
  const k = input("k", ["M", numKvHeads * headDim]);
  const v = input("v", ["M", numKvHeads * headDim]);
  const mask = input("mask", mass ? ["KV", "R", "T", "S"] : ["T", "S"]);
  const keys = shape("keys", 4);
  const grid = shape("grid", 5);
  const flat = shape("flat", 4);
  const rows = graph.transpose(
    graph.node("Reshape", [scaled(graph, q, headDim), shape("queries", 5)]),
    [0, 2, 3, 1, 4],
  );
  const heads = (value: Value, order: number[]) =>
    graph.transpose(graph.node("Reshape", [value, keys]), order);
  const raw = graph.node("MatMul", [
    graph.reshape(rows, [0, numKvHeads, -1, headDim]),
    heads(k, [0, 2, 3, 1]),
  ]);
  const masked = graph.node("Add", [graph.node("Reshape", [raw, grid]), mask]);
  const probabilities = graph.node("Reshape", [softmax(graph, masked), flat]);
  const sums = graph.node("MatMul", [probabilities, heads(v, [0, 2, 1, 3])]);
  const mixed = graph.transpose(
    graph.reshape(sums, [0, numKvHeads, group, -1, headDim]),
    [0, 3, 1, 2, 4],
  );
  graph.output("out", graph.reshape(mixed, [-1, width]), "f32", ["N", width]);
  if (mass) {
    const given = graph.node("MatMul", [probabilities, input("tokenMasks", ["S", "K"])]);
    const result = graph.node("Reshape", [given, shape("massShape", 4)]);
    graph.output("mass", result, "f32", ["B", numHeads, "T", "K"]);
  }
  return graph;
}

/** Which inputs a decode graph has. */
export interface DecodeForm {
  /** Whether there are rows that share prompts. */
  shared: boolean;
  /** Whether there are rows with prompts of their own; they come after the others. */
  single: boolean;
  /** Whether this is the first token, with none before it. */
  first: boolean;
  /** Whether the rows that share come in turns: row i is of group i mod G. */
  inTurns: boolean;
  /** Whether attention is cut: cuts [n, kvHeads, group, P + C + 1] is added to the scores. */
  cut: boolean;
}

/**
 * One query a row: q [n, heads * headDim] and the newest token's k, v [n, kvHeads * headDim] to out
 * [n, heads * headDim] and the longer tails. tailK [n, kvHeads, headDim, C], tailV
 * [n, kvHeads, C, headDim]; promptK [G, kvHeads, headDim, P], promptV [G, kvHeads, P, headDim],
 * promptMask [G, P] of groups; ownK, ownV, ownMask the same of single rows; lengths [2] = P, C + 1;
 * shared [1], the rows that share. members [G R] lists each group's rows (any row where a group has
 * fewer than R), places [shared] is where a row stands in that list; gridQueries [5] = G, R, kvHeads,
 * group, headDim; gridScores [5] = G, kvHeads, R, group, P; flatScores [4] = G, kvHeads, R group, P;
 * listScores [4] = G R, kvHeads, group, P; backScores [5] = G, R, kvHeads, group, P. Where rows come in
 * turns nothing is gathered: gridQueries and backScores then begin with R, G.
 */
export function gpuDecodeGraph(
  { numHeads, numKvHeads, headDim }: HeadShape,
  { shared, single, first, inTurns, cut }: DecodeForm,
): GraphBuilder {
  const group = numHeads / numKvHeads;
  const width = numHeads * headDim;
  const graph = new GraphBuilder("decode attention");
  const input = (name: string, shape: (string | number)[]) => graph.input(name, "f32", shape);
  const shape = (name: string, length: number) => graph.input(name, "i64", [length]);
  const q = input("q", ["n", width]);
  const newK = graph.reshape(input("k", ["n", numKvHeads * headDim]), [0, numKvHeads, headDim, 1]);
  const newV = graph.reshape(input("v", ["n", numKvHeads * headDim]), [0, numKvHeads, 1, headDim]);
  const append = (name: string, value: Value, dims: (string | number)[], axis: bigint) =>
    first ? value : graph.node("Concat", [input(name, dims), value], { axis });
  const tailK = append("tailK", newK, ["n", numKvHeads, headDim, "C"], 3n);
  const tailV = append("tailV", newV, ["n", numKvHeads, "C", headDim], 2n);
  const queries = graph.reshape(scaled(graph, q, headDim), [0, numKvHeads, group, headDim]);
  const end = graph.ints([2 ** 31 - 1]);
  const axis = graph.ints([0]);
  const count = shared && single ? shape("shared", 1) : "";
  const sharing = (value: Value) =>
    count ? graph.node("Slice", [value, graph.ints([0]), count, axis]) : value;
  const alone = (value: Value) => count ? graph.node("Slice", [value, count, end, axis]) : value;
  const both = (parts: Value[]) =>
    parts.length === 1 ? parts[0] : graph.node("Concat", parts, { axis: 0n });

  const prompt = (name: string) => ({
    k: input(`${name}K`, ["G", numKvHeads, headDim, "P"]),
    v: input(`${name}V`, ["G", numKvHeads, "P", headDim]),
    mask: graph.node("Unsqueeze", [input(`${name}Mask`, ["G", "P"]), graph.ints([1, 2])]),
  });
  const members = shared && !inTurns ? graph.input("members", "i32", ["GR"]) : "";
  const places = shared && !inTurns ? graph.input("places", "i32", ["ns"]) : "";
  const take = (value: Value, rows: Value) =>
    rows ? graph.node("Gather", [value, rows], { axis: 0n }) : value;
  // [G, R, kv, ...] or, in turns, [R, G, kv, ...] to [G, kv, R, ...] and back.
  const toGroups = inTurns ? [1, 2, 0, 3, 4] : [0, 2, 1, 3, 4];
  const toRows = inTurns ? [2, 0, 1, 3, 4] : [0, 2, 1, 3, 4];
  const groups = shared ? prompt("prompt") : null;
  const own = single ? prompt("own") : null;
  const flatScores = shared ? shape("flatScores", 4) : "";
  const listScores = shared ? shape("listScores", 4) : "";
  const scores: Value[] = [];
  if (groups) {
    const grid = graph.transpose(
      graph.node("Reshape", [take(sharing(queries), members), shape("gridQueries", 5)]),
      toGroups,
    );
    const raw = graph.node("MatMul", [graph.reshape(grid, [0, numKvHeads, -1, headDim]), groups.k]);
    const masked = graph.node("Add", [raw, groups.mask]);
    const list = graph.transpose(
      graph.node("Reshape", [masked, shape("gridScores", 5)]),
      toRows,
    );
    scores.push(take(graph.node("Reshape", [list, listScores]), places));
  }
  if (own) {
    const raw = graph.node("MatMul", [alone(queries), own.k]);
    scores.push(graph.node("Add", [raw, own.mask]));
  }
  const seen = graph.node("Concat", [both(scores), graph.node("MatMul", [queries, tailK])], {
    axis: -1n,
  });
  const joint = cut
    ? graph.node("Add", [seen, input("cuts", ["n", numKvHeads, group, "S"])])
    : seen;
  const [ofPrompt, ofTail] = graph.nodes("Split", [softmax(graph, joint), shape("lengths", 2)], {
    attributes: { axis: -1n },
    outputs: 2,
  });
  const sums: Value[] = [];
  if (groups) {
    const list = graph.node("Reshape", [
      take(sharing(ofPrompt), members),
      shape("backScores", 5),
    ]);
    const flat = graph.node("Reshape", [graph.transpose(list, toGroups), flatScores]);
    const mixed = graph.transpose(
      graph.reshape(graph.node("MatMul", [flat, groups.v]), [0, numKvHeads, -1, group, headDim]),
      toRows,
    );
    sums.push(take(graph.reshape(mixed, [-1, numKvHeads, group, headDim]), places));
  }
  if (own) sums.push(graph.node("MatMul", [alone(ofPrompt), own.v]));
  const out = graph.node("Add", [both(sums), graph.node("MatMul", [ofTail, tailV])]);
  graph.output("out", graph.reshape(out, [0, width]), "f32", ["n", width]);
  graph.output("longerK", tailK, "f32", ["n", numKvHeads, headDim, "C1"]);
  graph.output("longerV", tailV, "f32", ["n", numKvHeads, "C1", headDim]);
  return graph;
}

/** Tokens [G P, width] to blocks: keys [G, kvHeads, headDim, P] or values [G, kvHeads, P, headDim]. */
export function gpuBlocksGraph(transposed: boolean): GraphBuilder {
  const graph = new GraphBuilder("keys and values by head");
  const x = graph.input("x", "f32", ["N", "W"]);
  const heads = graph.node("Reshape", [x, graph.input("heads", "i64", [4])]);
  const y = graph.transpose(heads, transposed ? [0, 2, 3, 1] : [0, 2, 1, 3]);
  graph.output("y", y, "f32", ["G", "kv", "a", "b"]);
  return graph;
}

/** The chosen blocks of x [blocks, kvHeads, a, b] or, with `flat`, [blocks, P]. */
export function gpuPickGraph(flat: boolean): GraphBuilder {
  const graph = new GraphBuilder("rows that stay");
  const rest = flat ? ["P"] : ["kv", "a", "b"];
  const x = graph.input("x", "f32", ["N", ...rest]);
  const rows = graph.input("rows", "i32", ["R"]);
  graph.output("y", graph.node("Gather", [x, rows], { axis: 0n }), "f32", ["R", ...rest]);
  return graph;
}
