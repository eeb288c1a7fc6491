/**
 * Merging models by layers: expressions, plans, and what a plan becomes: a running model or a
 * written checkpoint.
 *
 * @module
 */
export * from "./byte_size.ts";
export * from "./check_donors.ts";
export * from "./encode_floats.ts";
export * from "./format_merge_expression.ts";
export * from "./layer_cuts.ts";
export type { MergeAccount, MergeSource } from "./merge_account.ts";
export * from "./merge_expression.ts";
export * from "./merge_plan.ts";
export * from "./merged_model.ts";
export * from "./merged_tensors.ts";
export * from "./model_alias.ts";
export { checkNewFolder } from "./new_folder.ts";
export * from "./paper_splices.ts";
export * from "./show_merge_plan.ts";
export * from "./write_merge.ts";
