/**
 * The end of a layer, after attention: one call, or, where something is edited or captured between
 * its parts, several.
 *
 * @module
 */
import type { Decoder } from "./decoder.ts";
import type { LayerWeights } from "./decoder_layer.ts";
import type { LayerVisits, Segment } from "./edits/layer_visits.ts";
import type { Tensor, Tensors } from "./tensors.ts";

/** Whether a layer's output is put together outside of its graph. */
export function needsParts(visits: LayerVisits, segment: Segment): boolean {
  return visits.concerns(segment, "attention") || visits.concerns(segment, "mlp");
}

/**
 * Groups what can share the calls of a layer: one list of tensors, ended in one way; those that are
 * ended in one call come first.
 */
export function groupByCall<Member>(
  members: readonly Member[],
  { weightsOf, inParts }: {
    weightsOf: (member: Member) => LayerWeights;
    inParts: (member: Member) => boolean;
  },
): { weights: LayerWeights; members: Member[] }[] {
  return [...Map.groupBy(members, weightsOf)].flatMap(([weights, own]) => {
    const { whole = [], parts = [] } = Object.groupBy(own, (m) => inParts(m) ? "parts" : "whole");
    return [whole, parts].filter((list) => list.length > 0).map((members) => ({
      weights,
      members,
    }));
  });
}

/**
 * A layer's output [N, hidden].
 *
 * @param layer `attention` [N, heads * headDim]; `segments` lie one after the other in N.
 */
export async function finishLayer(
  decoder: Decoder,
  tensors: Tensors,
  { weights, x, attention, visits, segments }: {
    weights: LayerWeights;
    x: Tensor;
    attention: Tensor;
    visits: LayerVisits;
    segments: readonly Segment[];
  },
): Promise<Tensor> {
  if (!segments.some((segment) => needsParts(visits, segment))) {
    return await decoder.finish(weights, x, attention);
  }
  const mixed = await decoder.mixHeads(weights, attention);
  const residual = await tensors.add(x, await visits.visitAll(mixed, segments, "attention"));
  const raised = await decoder.raise(weights, residual);
  return await tensors.add(residual, await visits.visitAll(raised, segments, "mlp"));
}
