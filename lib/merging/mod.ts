/**
 * Merging models by layers: expressions, plans, and what a plan becomes, a running model or a written
 * checkpoint.
 *
 * Many names: an expression is read, named, planned, checked, drawn, run and written, each by a function
 * of its own.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { planMerge } from "./mod.ts";
 *
 * const plan = planMerge("sft late 1/3 layers replaced by rl", { numLayers: 6 });
 * assertEquals(plan.layers.map(({ model }) => model), ["sft", "sft", "sft", "sft", "rl", "rl"]);
 * ```
 *
 * @module
 */
export { parseByteSize } from "./byte_size.ts";
export { checkChange } from "./check_change.ts";
export { checkDonors, type DonorReport } from "./check_donors.ts";
export {
  formatMergeExpression,
  mergeLabel,
  modelsOfExpression,
} from "./format_merge_expression.ts";
export {
  isMergeExpression,
  type MergeExpression,
  parseMergeExpression,
} from "./merge_expression.ts";
export { type MergePlan, parseLayerCuts, planMerge } from "./merge_plan.ts";
export { mergedModel } from "./merged_model.ts";
export {
  isModelRole,
  MODEL_ALIASES,
  type ModelRole,
  readModelName,
  ROLE_LABELS,
} from "./model_alias.ts";
export { checkNewFolder } from "./new_folder.ts";
export { PAPER_SPLICES, REST_SPLICES } from "./paper_splices.ts";
export { drawMergePlan, mergePlanSummary } from "./show_merge_plan.ts";
export { ACCOUNT_FILE, writeMerge, type WrittenMerge } from "./write_merge.ts";
