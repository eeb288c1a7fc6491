/**
 * The graphs of the vision encoder over rows of patches. Attention has no weights and is a graph of
 * its own, so that windows of any size and images of any shape share the rest.
 *
 * Arithmetic: the vision encoders of Qwen2-VL and Qwen2.5-VL (biased qkv, rotary embedding; patch
 * embedding and merger); norms and MLPs are the family's.
 *
 * @module
 */
import type { TensorInfo } from "../checkpoint/mod.ts";
import { addRotation } from "./decoder_layer.ts";
import { GraphBuilder, type Value } from "./graph_builder.ts";
import { addLinear, type LinearWeights } from "./linear.ts";
import type { QwenVisionConfig } from "./qwen_config.ts";
import { addVector, type WeightForm } from "./weight_source.ts";

/** What differs between vision encoders; names are those of tensors, without `.weight`. */
export interface VisionParts {
  /** Adds the norm of x [N, hidden]. */
  addNorm: (parts: VisionGraph, x: Value, name: string) => Value;
  /** Adds x + mixed, and its norm. */
  addResidualNorm: (
    parts: VisionGraph,
    values: { x: Value; mixed: Value },
    name: string,
  ) => { residual: Value; normed: Value };
  addMlp: (parts: VisionGraph, x: Value, name: string) => Value;
}

/** What a graph of the vision encoder is made of. */
export interface VisionSource {
  /** Finds a weight by its canonical name. */
  find: (name: string) => TensorInfo;
  parts: VisionParts;
  config: QwenVisionConfig;
  form: WeightForm;
}

/** A graph of the vision encoder that is being built. */
export interface VisionGraph extends VisionSource {
  graph: GraphBuilder;
  /** The tensors `name`.weight and `name`.bias. */
  linear: (name: string) => Required<LinearWeights>;
}

function begin(name: string, source: VisionSource): VisionGraph {
  const { find } = source;
  const linear = (name: string) => ({
    weight: find(`${name}.weight`),
    bias: find(`${name}.bias`),
  });
  return { ...source, graph: new GraphBuilder(name), linear };
}

/** Adds (x - mean) / deviation * weight + bias over the last axis. */
export function addLayerNorm(
  { graph, linear, form }: VisionGraph,
  x: Value,
  { name, epsilon }: { name: string; epsilon: number },
): Value {
  const { weight, bias } = linear(name);
  const vectors = [weight, bias].map((vector) => addVector(graph, vector, form));
  return graph.node("LayerNormalization", [x, ...vectors], { axis: -1n, epsilon });
}

/** pixels [N, patch values] to x [N, hidden]. */
export function patchEmbedGraph({ find, config, form }: VisionSource): GraphBuilder {
  const { hiddenSize, patchSize, temporalPatchSize } = config;
  const values = 3 * temporalPatchSize * patchSize * patchSize;
  const graph = new GraphBuilder("vision patch embedding");
  const pixels = graph.input("pixels", "f32", ["N", values]);
  // A convolution whose stride is its kernel is a matrix product over flattened patches.
  const weight = { ...find("visual.patch_embed.proj.weight"), shape: [hiddenSize, values] };
  const x = addLinear(graph, pixels, { weight }, form);
  graph.output("x", x, "f32", ["N", hiddenSize]);
  return graph;
}

/** x [N, hidden] and cos, sin [N, headDim / 2] to q, k (rotated) and v, [N, hidden] each. */
export function visionProjectionGraph(source: VisionSource, block: number): GraphBuilder {
  const begun = begin("vision block projections", source);
  const { graph, linear, parts, config: { hiddenSize, numHeads }, form } = begun;
  const half = hiddenSize / numHeads / 2;
  const at = `visual.blocks.${block}`;
  const x = graph.input("x", "f32", ["N", hiddenSize]);
  const [cos, sin] = ["cos", "sin"].map((name) =>
    graph.node("Unsqueeze", [graph.input(name, "f32", ["N", half]), graph.ints([0])])
  );
  const normed = parts.addNorm(begun, x, `${at}.norm1`);
  const qkv = addLinear(graph, normed, linear(`${at}.attn.qkv`), form);
  const [q, k, v] = graph.nodes("Split", [qkv], {
    attributes: { axis: -1n, num_outputs: 3n },
    outputs: 3,
  });
  const shape = { heads: numHeads, headDim: 2 * half };
  const rotate = (x: Value) => addRotation(graph, { x, cos, sin }, shape);
  graph.output("q", rotate(q), "f32", ["N", hiddenSize]);
  graph.output("k", rotate(k), "f32", ["N", hiddenSize]);
  graph.output("v", v, "f32", ["N", hiddenSize]);
  return graph;
}

/**
 * q [B N, hidden], k and v [B M, hidden] to attention's result y [B N, hidden]; no mask. queryShape [3]
 * = B, N, hidden; keyShape [3] = B, M, hidden. The runtime's own operator walks over the keys block by
 * block and never holds all scores: at 5,476 patches twice as fast as matrix products and a softmax.
 * On a GPU it was seen to be wrong, and products are used.
 */
export function visionAttentionGraph({ config, form: { bound } }: VisionSource): GraphBuilder {
  const { hiddenSize, numHeads } = config;
  const graph = new GraphBuilder("vision attention");
  const queryShape = graph.input("queryShape", "i64", [3]);
  const keyShape = graph.input("keyShape", "i64", [3]);
  const headDim = hiddenSize / numHeads;
  const operand = (name: string, shape: Value) =>
    graph.reshape(graph.input(name, "f32", [`${name} rows`, hiddenSize]), shape);
  const [q, k, v] = [operand("q", queryShape), operand("k", keyShape), operand("v", keyShape)];
  const heads = (value: Value, order: number[]) =>
    graph.transpose(graph.reshape(value, [0, 0, numHeads, headDim]), order);
  let y: Value;
  if (bound) {
    const scaled = graph.node("Mul", [q, graph.scalar(1 / Math.sqrt(headDim))]);
    const scores = graph.node("MatMul", [heads(scaled, [0, 2, 1, 3]), heads(k, [0, 2, 3, 1])]);
    const shares = graph.node("Softmax", [scores], { axis: -1n });
    y = graph.transpose(graph.node("MatMul", [shares, heads(v, [0, 2, 1, 3])]), [0, 2, 1, 3]);
  } else {
    y = graph.node("com.microsoft:MultiHeadAttention", [q, k, v], { num_heads: BigInt(numHeads) });
  }
  graph.output("y", graph.reshape(y, [-1, hiddenSize]), "f32", ["R", hiddenSize]);
  return graph;
}

/** x and attention's result, [N, hidden], to the block's output y [N, hidden]. */
export function visionMlpGraph(source: VisionSource, block: number): GraphBuilder {
  const begun = begin("vision block MLP", source);
  const { graph, linear, parts, config: { hiddenSize }, form } = begun;
  const at = `visual.blocks.${block}`;
  const x = graph.input("x", "f32", ["N", hiddenSize]);
  const attention = graph.input("attention", "f32", ["N", hiddenSize]);
  const mixed = addLinear(graph, attention, linear(`${at}.attn.proj`), form);
  const { residual, normed } = parts.addResidualNorm(begun, { x, mixed }, `${at}.norm2`);
  const y = graph.node("Add", [residual, parts.addMlp(begun, normed, `${at}.mlp`)]);
  graph.output("y", y, "f32", ["N", hiddenSize]);
  return graph;
}

/** x [N, hidden] to tokens [N / mergeSize^2, outHidden]; a token's patches follow each other. */
export function mergerGraph(source: VisionSource): GraphBuilder {
  const begun = begin("vision merger", source);
  const { graph, linear, parts, config, form } = begun;
  const { hiddenSize, outHiddenSize, spatialMergeSize } = config;
  const x = graph.input("x", "f32", ["N", hiddenSize]);
  const normed = parts.addNorm(begun, x, "visual.merger.ln_q");
  const groups = graph.reshape(normed, [-1, hiddenSize * spatialMergeSize ** 2]);
  const merged = addLinear(graph, groups, linear("visual.merger.mlp.0"), form);
  const tokens = addLinear(
    graph,
    graph.node("Gelu", [merged]),
    linear("visual.merger.mlp.2"),
    form,
  );
  graph.output("tokens", tokens, "f32", ["G", outHiddenSize]);
  return graph;
}
