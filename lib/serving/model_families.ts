/**
 * Which models can be run together: those that differ in decoder layers only, and those that share
 * layers.
 *
 * @module
 */
import type { LayerWeights, ModelPlan } from "../model/mod.ts";

/** A model as a list of layers. */
interface Planned {
  plan: ModelPlan;
  /** Models of different numbers are kept apart. */
  batchGroup?: number;
}

/**
 * Models that have everything but the decoder layers from the same checkpoint: the same prompts
 * serve them all.
 */
export function familiesOf<M extends Planned>(models: readonly M[]): M[][] {
  const groups = [...Map.groupBy(models, ({ batchGroup }) => batchGroup).values()];
  return groups.flatMap((group) => [
    ...Map.groupBy(group, ({ plan }) => plan.checkpoint).values(),
  ]);
}

/**
 * Families that share layers, directly or through others: their layers are opened once.
 *
 * @param families From {@linkcode familiesOf}.
 * @returns Groups of families, in order of first appearance.
 */
export function relatedFamilies<M extends Planned>(families: readonly M[][]): M[][][] {
  const groups: { families: M[][]; layers: Set<LayerWeights> }[] = [];
  for (const family of families) {
    const own = new Set(family.flatMap(({ plan }) => plan.layers));
    const related = groups.filter(({ layers }) => !layers.isDisjointFrom(own));
    const [first] = related;
    if (!first) {
      groups.push({ families: [family], layers: own });
      continue;
    }
    for (const other of related.slice(1)) {
      first.families.push(...other.families);
      for (const layer of other.layers) first.layers.add(layer);
      groups.splice(groups.indexOf(other), 1);
    }
    first.families.push(family);
    for (const layer of own) first.layers.add(layer);
  }
  return groups.map(({ families }) => families);
}
