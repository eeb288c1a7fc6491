/**
 * The weights of a decoder layer as two graphs over packed tokens, one before attention and one
 * after. Attention itself has no weights (see attention.ts): between the two, K and V are plain
 * arrays that an intervention may change, and rows of any lengths share one matrix product.
 *
 * Arithmetic: Qwen2's decoder layer (RMSNorm, biased q/k/v projections, multimodal rotary
 * embedding, grouped-query attention, SwiGLU MLP).
 *
 * @module
 */
import type { LayerRole } from "../checkpoint/architectures/mod.ts";
import { GraphBuilder, type Value } from "./graph_builder.ts";
import { addLinear, addLinears, addSwiGlu } from "./linear.ts";
import type { QwenTextConfig } from "./qwen_config.ts";
import { addVector, type WeightForm, type WeightSource } from "./weight_source.ts";

export type LayerWeights = Record<LayerRole, WeightSource>;

/** Adds x / rms(x) * weight over the last axis. */
export function addRmsNorm(
  graph: GraphBuilder,
  { x, weight, form }: { x: Value; weight: WeightSource; form: WeightForm },
  epsilon: number,
): Value {
  const scale = addVector(graph, weight, form);
  return graph.node("RMSNormalization", [x, scale], { axis: -1n, epsilon });
}

/** x + mixed, and its norm. */
export function addResidualNorm(
  graph: GraphBuilder,
  { x, mixed, weight, form }: { x: Value; mixed: Value; weight: WeightSource; form: WeightForm },
  epsilon: number,
): { residual: Value; normed: Value } {
  if (form.bound) {
    // One operator on a GPU, where each costs more than its arithmetic.
    const [normed, , , residual] = graph.nodes(
      "com.microsoft:SkipSimplifiedLayerNormalization",
      [x, mixed, addVector(graph, weight, form)],
      { attributes: { epsilon }, outputs: 4 },
    );
    return { residual, normed };
  }
  const residual = graph.node("Add", [x, mixed]);
  return { residual, normed: addRmsNorm(graph, { x: residual, weight, form }, epsilon) };
}

/** x cos + rotateHalf(x) sin, per head; x [N, heads * headDim], cos and sin [1, N, headDim / 2]. */
export function addRotation(
  graph: GraphBuilder,
  { x, cos, sin }: { x: Value; cos: Value; sin: Value },
  { heads, headDim }: { heads: number; headDim: number },
): Value {
  // The tokens as one sequence: the operator wants a batch axis.
  const sequence = graph.node("Unsqueeze", [x, graph.ints([0])]);
  const rotated = graph.node("RotaryEmbedding", [sequence, cos, sin], { num_heads: BigInt(heads) });
  return graph.reshape(rotated, [-1, heads * headDim]);
}

/**
 * The graph before attention: x [N, hidden] and the rotation's cos, sin [N, headDim / 2] to q
 * [N, heads * headDim], k and v [N, kvHeads * headDim]; q and k rotated.
 */
function projectionGraph(
  weights: LayerWeights,
  config: QwenTextConfig,
  form: WeightForm,
): GraphBuilder {
  const { hiddenSize, headDim, numHeads, numKvHeads, rmsNormEps } = config;
  const graph = new GraphBuilder("decoder layer projections");
  const x = graph.input("x", "f32", ["N", hiddenSize]);
  const sequence = (value: Value) => graph.node("Unsqueeze", [value, graph.ints([0])]);
  const cos = sequence(graph.input("cos", "f32", ["N", headDim / 2]));
  const sin = sequence(graph.input("sin", "f32", ["N", headDim / 2]));
  const normed = addRmsNorm(graph, { x, weight: weights.inputNorm, form }, rmsNormEps);
  const [qs, ks, vs] = addLinears(graph, normed, [
    { weight: weights.q, bias: weights.qBias },
    { weight: weights.k, bias: weights.kBias },
    { weight: weights.v, bias: weights.vBias },
  ], form);
  const rotate = (value: Value, heads: number) =>
    addRotation(graph, { x: value, cos, sin }, { heads, headDim });
  const q = rotate(qs, numHeads);
  const k = rotate(ks, numKvHeads);
  graph.output("q", q, "f32", ["N", numHeads * headDim]);
  graph.output("k", k, "f32", ["N", numKvHeads * headDim]);
  graph.output("v", vs, "f32", ["N", numKvHeads * headDim]);
  return graph;
}

function addMlp(graph: GraphBuilder, normed: Value, weights: LayerWeights, form: WeightForm) {
  return addSwiGlu(graph, normed, {
    gate: { weight: weights.gate },
    up: { weight: weights.up },
    down: { weight: weights.down },
  }, form);
}

/**
 * The graph after attention: x [N, hidden] and attention's result [N, heads * headDim] to the
 * layer's output y [N, hidden].
 */
function mlpGraph(
  weights: LayerWeights,
  config: QwenTextConfig,
  form: WeightForm,
): GraphBuilder {
  const { hiddenSize, headDim, numHeads, rmsNormEps } = config;
  const graph = new GraphBuilder("decoder layer MLP");
  const x = graph.input("x", "f32", ["N", hiddenSize]);
  const attention = graph.input("attention", "f32", ["N", numHeads * headDim]);
  const mixed = addLinear(graph, attention, { weight: weights.o }, form);
  const { residual, normed } = addResidualNorm(
    graph,
    { x, mixed, weight: weights.postNorm, form },
    rmsNormEps,
  );
  const down = addMlp(graph, normed, weights, form);
  const y = graph.node("Add", [residual, down]);
  graph.output("y", y, "f32", ["N", hiddenSize]);
  return graph;
}

/** The first part of `mlpGraph`: attention's result [N, heads * headDim] to [N, hidden]. */
function mixGraph(
  weights: LayerWeights,
  { hiddenSize, headDim, numHeads }: QwenTextConfig,
  form: WeightForm,
): GraphBuilder {
  const graph = new GraphBuilder("decoder layer output projection");
  const attention = graph.input("attention", "f32", ["N", numHeads * headDim]);
  graph.output(
    "y",
    addLinear(graph, attention, { weight: weights.o }, form),
    "f32",
    ["N", hiddenSize],
  );
  return graph;
}

/** The second part: the residual stream [N, hidden] to what the MLP adds to it. */
function raiseGraph(
  weights: LayerWeights,
  { hiddenSize, rmsNormEps }: QwenTextConfig,
  form: WeightForm,
): GraphBuilder {
  const graph = new GraphBuilder("decoder layer MLP alone");
  const x = graph.input("residual", "f32", ["N", hiddenSize]);
  const normed = addRmsNorm(graph, { x, weight: weights.postNorm, form }, rmsNormEps);
  graph.output("y", addMlp(graph, normed, weights, form), "f32", ["N", hiddenSize]);
  return graph;
}

/** A graph over packed tokens of a layer's tensors. */
type LayerGraph = (weights: LayerWeights, config: QwenTextConfig, form: WeightForm) => GraphBuilder;

/** The graphs of a decoder layer: before attention; after it, at once or in two steps. */
export type LayerGraphs = Readonly<Record<"project" | "mlp" | "mix" | "raise", LayerGraph>>;

/** Qwen2's decoder layer, with rotary angles of any kind. */
export const QWEN2_LAYER: LayerGraphs = {
  project: projectionGraph,
  mlp: mlpGraph,
  mix: mixGraph,
  raise: raiseGraph,
};
