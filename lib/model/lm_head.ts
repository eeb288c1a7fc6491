/**
 * The two ends of the language model: token embedding and head.
 *
 * @module
 */
import { addRmsNorm } from "./decoder_layer.ts";
import { GraphBuilder, type Value } from "./graph_builder.ts";
import type { ModelPlan } from "./layer_list.ts";
import { addLinear } from "./linear.ts";
import { addLogitEdits } from "./logit_edits.ts";
import type { QwenTextConfig } from "./qwen_config.ts";
import type { WeightForm } from "./weight_source.ts";

/** ids [N] i32 to embeddings [N, hidden]; the matrix stays in its file whatever the precision. */
export function embeddingGraph(
  { embedding, config }: Pick<ModelPlan, "embedding"> & {
    config: Pick<QwenTextConfig, "hiddenSize">;
  },
): GraphBuilder {
  if ("a" in embedding || "values" in embedding) {
    throw new Error("Cannot embed tokens: the embedding must be a tensor of a checkpoint");
  }
  const graph = new GraphBuilder("token embedding");
  const ids = graph.input("ids", "i32", ["N"]);
  const rows = graph.node("Gather", [graph.fileTensor(embedding), ids], { axis: 0n });
  const y = embedding.dtype === "F32" ? rows : graph.cast(rows, "f32");
  graph.output("y", y, "f32", ["N", config.hiddenSize]);
  return graph;
}

/**
 * Hidden states x [N, hidden] to logits [N, vocab], edited, and to the index of the largest logit of
 * each, the first of equals: tokens [N] i32; and to that logit, top [N]. Final norm, then the head,
 * then the edits.
 */
export function headGraph(
  { finalNorm, head, config }: Pick<ModelPlan, "finalNorm" | "head"> & {
    config: Pick<QwenTextConfig, "hiddenSize" | "vocabSize" | "rmsNormEps">;
  },
  form: WeightForm,
): GraphBuilder {
  const graph = new GraphBuilder("head");
  const x = graph.input("x", "f32", ["N", config.hiddenSize]);
  const normed = addRmsNorm(graph, { x, weight: finalNorm, form }, config.rmsNormEps);
  const plain = addLinear(graph, normed, { weight: head }, form);
  const logits = addLogitEdits(graph, plain, config.vocabSize);
  graph.output("logits", logits, "f32", ["N", config.vocabSize]);
  const axis = graph.ints([1]);
  const top = graph.node("ReduceMax", [logits, axis], { keepdims: 1n });
  graph.output("top", graph.reshape(top, [-1]), "f32", ["N"]);
  graph.output("tokens", addArgMax(graph, { logits, top, axis }, config, form), "i32", ["N"]);
  return graph;
}

/** The index of the largest of each row; the vocabulary's size where there is none. */
function addArgMax(
  graph: GraphBuilder,
  { logits, top, axis }: { logits: Value; top: Value; axis: Value },
  { vocabSize }: { vocabSize: number },
  { bound }: WeightForm,
): Value {
  if (!bound) {
    return graph.cast(graph.node("ArgMax", [logits], { axis: -1n, keepdims: 0n }), "i32");
  }
  // The operator does not exist on GPUs: the least index of those that equal the largest.
  const indices = graph.floats(Float32Array.from({ length: vocabSize }, (_, i) => i));
  const found = graph.node("Where", [
    graph.node("Equal", [logits, top]),
    indices,
    graph.scalar(vocabSize),
  ]);
  return graph.cast(graph.node("ReduceMin", [found, axis], { keepdims: 0n }), "i32");
}
