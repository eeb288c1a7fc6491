/**
 * Attention without weights: graphs that every layer of every model of one head shape shares.
 * Scores, softmax and the weighted sum are standard grouped-query attention (scale
 * 1 / sqrt(headDim)). Keys are kept transposed where they are read more than once, and the rows of a
 * group are one matrix against the prompt that they share.
 *
 * @module
 */
import { GraphBuilder, type Value } from "./graph_builder.ts";
import type { QwenTextConfig } from "./qwen_config.ts";

/** The head shape that attention depends on. */
export type HeadShape = Pick<QwenTextConfig, "numHeads" | "numKvHeads" | "headDim">;

/** What a masked score gets added: its probability becomes exactly 0, with no infinity about. */
export const MASKED = -1e30;

/**
 * Sequences of equal lengths by the runtime's own operator: q [B T, heads * headDim], k and v
 * [B S, kvHeads * headDim] to out [B T, heads * headDim]; queries [3] = B, T, heads * headDim; keys
 * [3] = B, S, kvHeads * headDim. `causal` is for whole prompts, T = S; otherwise mask [T, S] is added
 * to the scores.
 */
export function fusedAttentionGraph(
  { numHeads, numKvHeads, headDim }: HeadShape,
  { causal }: { causal: boolean },
): GraphBuilder {
  const width = numHeads * headDim;
  const graph = new GraphBuilder("attention");
  const queries = graph.input("queries", "i64", [3]);
  const keys = graph.input("keys", "i64", [3]);
  const operand = (name: string, width: number, shape: Value) =>
    graph.reshape(graph.input(name, "f32", [`${name} rows`, width]), shape);
  const inputs = [
    operand("q", width, queries),
    operand("k", numKvHeads * headDim, keys),
    operand("v", numKvHeads * headDim, keys),
    ...(causal ? [] : [graph.input("mask", "f32", ["T", "S"])]),
  ];
  const out = graph.node("Attention", inputs, {
    q_num_heads: BigInt(numHeads),
    kv_num_heads: BigInt(numKvHeads),
    is_causal: causal ? 1n : 0n,
  });
  graph.output("out", graph.reshape(out, [-1, width]), "f32", ["N", width]);
  return graph;
}

function scaled(graph: GraphBuilder, q: Value, headDim: number): Value {
  return graph.node("Mul", [q, graph.scalar(1 / Math.sqrt(headDim))]);
}

function softmax(graph: GraphBuilder, value: Value): Value {
  return graph.node("Softmax", [value], { axis: -1n });
}

/**
 * {@linkcode fusedAttentionGraph} of plain products, under a mask: q [B T, heads * headDim], k and v [B S, kvHeads * headDim],
 * mask [T, S] to out [B T, heads * headDim]. queries [5] = B, T, kvHeads, group, headDim; keys [4] = B,
 * S, kvHeads, headDim; grid [5] = B, kvHeads, group, T, S; flat [4] = B, kvHeads, group T, S. With `mass` the
 * mask is [kvHeads or 1, group or 1, T, S], and mass [B, heads, T, M] is what each query gives to the
 * tokens of each of tokenMasks [S, M]; massShape [4] = B, heads, T, M.
 *
 * On GPUs the runtime's own GroupQueryAttention was wrong from 32 tokens on with one driver that was
 * tried, and is no faster.
 */
export function maskedAttentionGraph(
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
    graph.reshape(scaled(graph, q, headDim), shape("queries", 5)),
    [0, 2, 3, 1, 4],
  );
  const heads = (value: Value, order: number[]) =>
    graph.transpose(graph.reshape(value, keys), order);
  const raw = graph.node("MatMul", [
    graph.reshape(rows, [0, numKvHeads, -1, headDim]),
    heads(k, [0, 2, 3, 1]),
  ]);
  const masked = graph.node("Add", [graph.reshape(raw, grid), mask]);
  const probabilities = graph.reshape(softmax(graph, masked), flat);
  const sums = graph.node("MatMul", [probabilities, heads(v, [0, 2, 1, 3])]);
  const mixed = graph.transpose(
    graph.reshape(sums, [0, numKvHeads, group, -1, headDim]),
    [0, 3, 1, 2, 4],
  );
  graph.output("out", graph.reshape(mixed, [-1, width]), "f32", ["N", width]);
  if (mass) {
    const given = graph.node("MatMul", [probabilities, input("tokenMasks", ["S", "K"])]);
    const result = graph.reshape(given, shape("massShape", 4));
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
  /**
   * What the rows have generated: "none" before this token; "grows" where the graph puts this token
   * behind tailK and tailV; "held" where the tail has it already, and tailMask [C] is added.
   */
  tail: "none" | "grows" | "held";
  /** Whether the rows that share come in turns: row i is of group i mod G. */
  inTurns: boolean;
  /** Whether attention is cut: cuts [n, kvHeads, group, P + C + 1] is added to the scores. */
  cut: boolean;
}

/**
 * One query a row: q [n, heads * headDim] and the newest token's k, v [n, kvHeads * headDim] to out
 * [n, heads * headDim] and, unless tails are held, the longer ones. tailK [n, kvHeads, headDim, C], tailV
 * [n, kvHeads, C, headDim]; promptK [G, kvHeads, headDim, P], promptV [G, kvHeads, P, headDim],
 * promptMask [G, P] of groups; ownK, ownV, ownMask the same of single rows; lengths [2] = P and the
 * tail's length;
 * counts [2], the rows that share and the others. members [G R] lists each group's rows (any row where a group has
 * fewer than R), places [shared] is where a row stands in that list; gridQueries [5] = G, R, kvHeads,
 * group, headDim; gridScores [5] = G, kvHeads, R, group, P; flatScores [4] = G, kvHeads, R group, P;
 * listScores [4] = G R, kvHeads, group, P; backScores [5] = G, R, kvHeads, group, P. Where rows come in
 * turns nothing is gathered: gridQueries and backScores then begin with R, G.
 */
export function decodeAttentionGraph(
  { numHeads, numKvHeads, headDim }: HeadShape,
  { shared, single, tail, inTurns, cut }: DecodeForm,
): GraphBuilder {
  const group = numHeads / numKvHeads;
  const width = numHeads * headDim;
  const graph = new GraphBuilder("decode attention");
  const input = (name: string, shape: (string | number)[]) => graph.input(name, "f32", shape);
  const shape = (name: string, length: number) => graph.input(name, "i64", [length]);
  const q = input("q", ["n", width]);
  const tailOf = (part: "K" | "V", axis: bigint) => {
    const dims = (length: string | number) => part === "K" ? [headDim, length] : [length, headDim];
    const older = () => input(`tail${part}`, ["n", numKvHeads, ...dims("C")]);
    if (tail === "held") return older();
    const own = input(part.toLowerCase(), ["n", numKvHeads * headDim]);
    const newest = graph.reshape(own, [0, numKvHeads, ...dims(1) as number[]]);
    return tail === "none" ? newest : graph.node("Concat", [older(), newest], { axis });
  };
  const tailK = tailOf("K", 3n);
  const tailV = tailOf("V", 2n);
  const queries = graph.reshape(scaled(graph, q, headDim), [0, numKvHeads, group, headDim]);
  const counts = shared && single ? shape("counts", 2) : "";
  /** Of the rows that share, and of those that do not. */
  const apart = (value: Value) =>
    counts
      ? graph.nodes("Split", [value, counts], { attributes: { axis: 0n }, outputs: 2 })
      : [value, value];
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
  const [sharing, alone] = apart(queries);
  if (groups) {
    const grid = graph.transpose(
      graph.reshape(take(sharing, members), shape("gridQueries", 5)),
      toGroups,
    );
    const raw = graph.node("MatMul", [graph.reshape(grid, [0, numKvHeads, -1, headDim]), groups.k]);
    const masked = graph.node("Add", [raw, groups.mask]);
    const list = graph.transpose(
      graph.reshape(masked, shape("gridScores", 5)),
      toRows,
    );
    scores.push(take(graph.reshape(list, listScores), places));
  }
  if (own) {
    const raw = graph.node("MatMul", [alone, own.k]);
    scores.push(graph.node("Add", [raw, own.mask]));
  }
  const raw = graph.node("MatMul", [queries, tailK]);
  const ofOwn = tail === "held" ? graph.node("Add", [raw, input("tailMask", ["C"])]) : raw;
  const seen = graph.node("Concat", [both(scores), ofOwn], { axis: -1n });
  const joint = cut
    ? graph.node("Add", [seen, input("cuts", ["n", numKvHeads, group, "S"])])
    : seen;
  const [ofPrompt, ofTail] = graph.nodes("Split", [softmax(graph, joint), shape("lengths", 2)], {
    attributes: { axis: -1n },
    outputs: 2,
  });
  const sums: Value[] = [];
  const [ofSharing, ofAlone] = apart(ofPrompt);
  if (groups) {
    const list = graph.reshape(
      take(ofSharing, members),
      shape("backScores", 5),
    );
    const flat = graph.reshape(graph.transpose(list, toGroups), flatScores);
    const mixed = graph.transpose(
      graph.reshape(graph.node("MatMul", [flat, groups.v]), [0, numKvHeads, -1, group, headDim]),
      toRows,
    );
    sums.push(take(graph.reshape(mixed, [-1, numKvHeads, group, headDim]), places));
  }
  if (own) sums.push(graph.node("MatMul", [ofAlone, own.v]));
  // A result that only gets another shape would be copied; what goes into a sum is not.
  const flat = (value: Value) => graph.reshape(value, [0, width]);
  const out = graph.node("Add", [flat(both(sums)), flat(graph.node("MatMul", [ofTail, tailV]))]);
  graph.output("out", out, "f32", ["n", width]);
  if (tail === "held") return graph;
  graph.output("longerK", tailK, "f32", ["n", numKvHeads, headDim, "C1"]);
  graph.output("longerV", tailV, "f32", ["n", numKvHeads, "C1", headDim]);
  return graph;
}

/** Tokens [G P, width] to blocks: keys [G, kvHeads, headDim, P] or values [G, kvHeads, P, headDim]. */
export function blocksGraph(transposed: boolean): GraphBuilder {
  const graph = new GraphBuilder("keys and values by head");
  const x = graph.input("x", "f32", ["N", "W"]);
  const heads = graph.reshape(x, graph.input("heads", "i64", [4]));
  const y = graph.transpose(heads, transposed ? [0, 2, 3, 1] : [0, 2, 1, 3]);
  graph.output("y", y, "f32", ["G", "kv", "a", "b"]);
  return graph;
}

/** The chosen blocks of x [blocks, kvHeads, a, b] or, with `flat`, [blocks, P]. */
export function pickGraph(flat: boolean): GraphBuilder {
  const graph = new GraphBuilder("rows that stay");
  const rest = flat ? ["P"] : ["kv", "a", "b"];
  const x = graph.input("x", "f32", ["N", ...rest]);
  const rows = graph.input("rows", "i32", ["R"]);
  graph.output("y", graph.node("Gather", [x, rows], { axis: 0n }), "f32", ["R", ...rest]);
  return graph;
}
