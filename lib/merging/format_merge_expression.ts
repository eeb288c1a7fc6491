/**
 * Merge expressions back to text.
 *
 * @module
 */
import type { LayerSelection, MergeChange, MergeExpression } from "./merge_expression.ts";
import { isModelRole, ROLE_LABELS, writeModelName } from "./model_alias.ts";

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
    ? `${layers.region === "all" ? "all" : `${layers.region} 1/3`} layers`
    : `layers ${layers.first}-${layers.last}`;
}

/**
 * The canonical text of an expression: roles instead of their other names, one space between words,
 * quotes only where a name needs them.
 * It parses back to the same expression.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseMergeExpression } from "./merge_expression.ts";
 *
 * const merge = parseMergeExpression("Coldstart  layer 3 ABLATE noise=.5");
 * assertEquals(formatMergeExpression(merge), "sft layers 3-3 ablate noise=0.5");
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

const PART_LABELS = { all: "", mlp: " (MLP)", attn: " (attention)" } as const;

/**
 * An expression in few words, for figures and tables: different ones for different expressions.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseMergeExpression } from "./merge_expression.ts";
 *
 * const label = (expression: string) => mergeLabel(parseMergeExpression(expression));
 * assertEquals(label("sft early 1/3 + rl middle 1/3 + base late 1/3"), "IN:RL:Base");
 * assertEquals(label("sft early 2/3 + rl late 1/3"), "IN early 2/3, RL late 1/3");
 * assertEquals(label("sft late 1/3 layers interpolate rl alpha=0.25"), "IN, late: 25 % RL");
 * assertEquals(label("rl layers 9-17 replaced by org/x"), "RL, layers 9 to 17: org/x");
 * ```
 */
export function mergeLabel(merge: MergeExpression): string {
  const name = (model: string) => isModelRole(model) ? ROLE_LABELS[model] : model;
  if (merge.kind === "splice") {
    return merge.parts.length === 3
      ? merge.parts.map(({ model }) => name(model)).join(":")
      : merge.parts.map(({ model, region, thirds }) => `${name(model)} ${region} ${thirds}/3`)
        .join(", ");
  }
  const { model, layers, change } = merge;
  const where = "region" in layers
    ? layers.region + (layers.region === "all" ? " layers" : "")
    : `layers ${layers.first} to ${layers.last}`;
  const percent = (share: number) => `${Number((100 * share).toPrecision(12))} %`;
  const what = change.kind === "replace"
    ? name(change.donor)
    : change.kind === "noise"
    ? `${percent(change.ratio)} noise`
    : `${percent(change.alpha)} ${name(change.donor)}${PART_LABELS[change.component]}`;
  return `${name(model)}, ${where}: ${what}`;
}

/** The models of an expression, each once, in the order in which they are first named. */
export function modelsOfExpression(merge: MergeExpression): string[] {
  if (merge.kind === "splice") return [...new Set(merge.parts.map(({ model }) => model))];
  const { model, change } = merge;
  return [...new Set(change.kind === "noise" ? [model] : [model, change.donor])];
}
