/**
 * The two ends of the language model: token embedding and head.
 *
 * @module
 */
import { addRmsNorm } from "./decoder_layer.ts";
import { GraphBuilder } from "./graph_builder.ts";
import type { ModelPlan } from "./layer_list.ts";
import { addLinear, type Precision } from "./linear.ts";
import { addLogitEdits } from "./logit_edits.ts";
import type { QwenTextConfig } from "./qwen_config.ts";

/** ids [N] i32 to embeddings [N, hidden]; the matrix stays in its file whatever the precision. */
export function embeddingGraph(
  { embedding, config }: Pick<ModelPlan, "embedding"> & {
    config: Pick<QwenTextConfig, "hiddenSize">;
  },
): Uint8Array {
  if ("a" in embedding || "values" in embedding) {
    throw new Error("Cannot embed tokens: the embedding must be a tensor of a checkpoint");
  }
  const graph = new GraphBuilder("token embedding");
  const ids = graph.input("ids", "i32", ["N"]);
  const rows = graph.node("Gather", [graph.fileTensor(embedding), ids], { axis: 0n });
  const y = embedding.dtype === "F32" ? rows : graph.cast(rows, "f32");
  graph.output("y", y, "f32", ["N", config.hiddenSize]);
  return graph.serialize();
}

/**
 * Hidden states x [N, hidden] to logits [N, vocab], edited, and to the index of the largest logit of
 * each, the first of equals: tokens [N] i32. Final norm, then the head, then the edits.
 */
export function headGraph(
  { finalNorm, head, config }: Pick<ModelPlan, "finalNorm" | "head"> & {
    config: Pick<QwenTextConfig, "hiddenSize" | "vocabSize" | "rmsNormEps">;
  },
  precision: Precision,
): Uint8Array {
  const graph = new GraphBuilder("head");
  const x = graph.input("x", "f32", ["N", config.hiddenSize]);
  const normed = addRmsNorm(graph, { x, weight: finalNorm }, config.rmsNormEps);
  const plain = addLinear(graph, { x: normed, weight: head }, { precision });
  const logits = addLogitEdits(graph, plain, config.vocabSize);
  graph.output("logits", logits, "f32", ["N", config.vocabSize]);
  const largest = graph.node("ArgMax", [logits], { axis: -1n, keepdims: 0n });
  graph.output("tokens", graph.cast(largest, "i32"), "i32", ["N"]);
  return graph.serialize();
}
