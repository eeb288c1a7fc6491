/**
 * Merge expressions back to text.
 *
 * @module
 */
import type { LayerSelection, MergeChange, MergeExpression } from "./merge_expression.ts";
import { writeModelName } from "./model_alias.ts";

function formatChange(change: MergeChange): string {
  switch (change.kind) {
    case "noise":
      return `ablate noise=${change.ratio}`;
    case "replace":
      return `replaced by ${writeModelName(change.donor)}`;
    case "interpolate": {
      const component = change.component === "all" ? "" : ` component=${change.component}`;
      return `interpolate ${writeModelName(change.donor)} alpha=${change.alpha}${component}`;
    }
  }
}

function formatSelection(layers: LayerSelection): string {
  return "region" in layers
    ? `${layers.region} 1/3 layers`
    : `layers ${layers.first}-${layers.last}`;
}

/**
 * The canonical text of an expression: roles instead of their other names, one space between words,
 * quotes only where a name needs them.
 * It parses back to the same expression.
 *
 * @example
 * ```ts
 * const layers = { first: 3, last: 3 };
 * const change = { kind: "noise", ratio: 0.5 } as const;
 * console.log(formatMergeExpression({ kind: "edit", model: "sft", layers, change }));
 * // sft layers 3-3 ablate noise=0.5
 * ```
 */
export function formatMergeExpression(merge: MergeExpression): string {
  if (merge.kind === "edit") {
    const model = writeModelName(merge.model);
    return `${model} ${formatSelection(merge.layers)} ${formatChange(merge.change)}`;
  }
  // As the original writes them: "layers" after each part of two, after the last of three.
  const between = merge.parts.length === 2 ? " layers + " : " + ";
  const parts = merge.parts.map(({ model, region, thirds }) =>
    `${writeModelName(model)} ${region} ${thirds}/3`
  );
  return `${parts.join(between)} layers`;
}

/** The models of an expression, each once, in the order in which they are first named. */
export function modelsOfExpression(merge: MergeExpression): string[] {
  if (merge.kind === "splice") return [...new Set(merge.parts.map(({ model }) => model))];
  const { model, change } = merge;
  return [...new Set(change.kind === "noise" ? [model] : [model, change.donor])];
}
