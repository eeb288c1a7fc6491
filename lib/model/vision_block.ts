/**
 * The graphs of the vision encoder over rows of patches. Attention has no weights and is a graph of
 * its own, so that windows of any size and images of any shape share the rest.
 *
 * Arithmetic: Qwen2.5-VL's vision encoder (RMSNorm, biased qkv, rotary embedding, biased SwiGLU
 * MLP; patch embedding and merger).
 *
 * @module
 */
import { addRmsNorm } from "./decoder_layer.ts";
import { type FileTensor, GraphBuilder, type Value } from "./graph_builder.ts";
import { addLinear, addScaledLinear } from "./linear.ts";
import type { QwenVisionConfig } from "./qwen_config.ts";
import type { WeightForm } from "./weight_source.ts";

/** Finds a weight by its canonical name. */
export type FindTensor = (name: string) => FileTensor;

/** Epsilon of the vision encoder's norms; the config has no field for it. */
const EPSILON = 1e-6;

/** x W^T + b with the tensors `name`.weight and `name`.bias. */
type Linear = (x: Value, name: string) => Value;

function linearOf(graph: GraphBuilder, find: FindTensor, form: WeightForm): Linear {
  return (x, name) =>
    addLinear(graph, x, { weight: find(`${name}.weight`), bias: find(`${name}.bias`) }, form);
}

/** pixels [N, patch values] to x [N, hidden]. */
export function patchEmbedGraph(
  find: FindTensor,
  { hiddenSize, patchSize, temporalPatchSize }: QwenVisionConfig,
  form: WeightForm,
): GraphBuilder {
  const values = 3 * temporalPatchSize * patchSize * patchSize;
  const graph = new GraphBuilder("vision patch embedding");
  const pixels = graph.input("pixels", "f32", ["N", values]);
  // A convolution whose stride is its kernel is a matrix product over flattened patches.
  const weight = { ...find("visual.patch_embed.proj.weight"), shape: [hiddenSize, values] };
  const x = addLinear(graph, pixels, { weight }, form);
  graph.output("x", x, "f32", ["N", hiddenSize]);
  return graph;
}

/** x [N, hidden] and cos, sin [1, N, headDim / 2] to q, k (rotated) and v, [N, hidden] each. */
export function visionProjectionGraph(
  { find, block }: { find: FindTensor; block: number },
  { hiddenSize, numHeads }: QwenVisionConfig,
  form: WeightForm,
): GraphBuilder {
  const graph = new GraphBuilder("vision block projections");
  const half = hiddenSize / numHeads / 2;
  const at = `visual.blocks.${block}`;
  const x = graph.input("x", "f32", ["N", hiddenSize]);
  const cos = graph.input("cos", "f32", [1, "N", half]);
  const sin = graph.input("sin", "f32", [1, "N", half]);
  const normed = addRmsNorm(graph, { x, weight: find(`${at}.norm1.weight`), form }, EPSILON);
  const qkv = linearOf(graph, find, form)(normed, `${at}.attn.qkv`);
  const [q, k, v] = graph.nodes("Split", [qkv], {
    attributes: { axis: -1n, num_outputs: 3n },
    outputs: 3,
  });
  const rotate = (value: Value) => {
    const rows = graph.reshape(value, [1, -1, hiddenSize]);
    const rotated = graph.node("RotaryEmbedding", [rows, cos, sin], {
      num_heads: BigInt(numHeads),
    });
    return graph.reshape(rotated, [-1, hiddenSize]);
  };
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
export function visionAttentionGraph(
  { hiddenSize, numHeads }: QwenVisionConfig,
  { bound }: WeightForm,
): GraphBuilder {
  const graph = new GraphBuilder("vision attention");
  const queryShape = graph.input("queryShape", "i64", [3]);
  const keyShape = graph.input("keyShape", "i64", [3]);
  const headDim = hiddenSize / numHeads;
  const operand = (name: string, shape: Value) =>
    graph.node("Reshape", [graph.input(name, "f32", [`${name} rows`, hiddenSize]), shape]);
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
export function visionMlpGraph(
  { find, block }: { find: FindTensor; block: number },
  { hiddenSize }: QwenVisionConfig,
  form: WeightForm,
): GraphBuilder {
  const graph = new GraphBuilder("vision block MLP");
  const at = `visual.blocks.${block}`;
  const linear = linearOf(graph, find, form);
  const x = graph.input("x", "f32", ["N", hiddenSize]);
  const attention = graph.input("attention", "f32", ["N", hiddenSize]);
  const residual = graph.node("Add", [x, linear(attention, `${at}.attn.proj`)]);
  const normed = addRmsNorm(
    graph,
    { x: residual, weight: find(`${at}.norm2.weight`), form },
    EPSILON,
  );
  const gate = linear(normed, `${at}.mlp.gate_proj`);
  const activated = graph.node("Mul", [
    graph.node("Mul", [gate, graph.node("Sigmoid", [gate])]),
    linear(normed, `${at}.mlp.up_proj`),
  ]);
  const down = {
    weight: find(`${at}.mlp.down_proj.weight`),
    bias: find(`${at}.mlp.down_proj.bias`),
  };
  const y = graph.node("Add", [residual, addScaledLinear(graph, activated, down, form)]);
  graph.output("y", y, "f32", ["N", hiddenSize]);
  return graph;
}

/** x [N, hidden] to tokens [N / mergeSize^2, outHidden]; a token's patches follow each other. */
export function mergerGraph(
  find: FindTensor,
  { hiddenSize, outHiddenSize, spatialMergeSize }: QwenVisionConfig,
  form: WeightForm,
): GraphBuilder {
  const graph = new GraphBuilder("vision merger");
  const linear = linearOf(graph, find, form);
  const x = graph.input("x", "f32", ["N", hiddenSize]);
  const normed = addRmsNorm(graph, { x, weight: find("visual.merger.ln_q.weight"), form }, EPSILON);
  const groups = graph.reshape(normed, [-1, hiddenSize * spatialMergeSize ** 2]);
  const hidden = graph.node("Gelu", [linear(groups, "visual.merger.mlp.0")]);
  const tokens = linear(hidden, "visual.merger.mlp.2");
  graph.output("tokens", tokens, "f32", ["G", outHiddenSize]);
  return graph;
}
