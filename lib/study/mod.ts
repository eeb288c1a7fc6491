/**
 * Recipes, stored results, progress and the headless run of all notebooks.
 *
 * @module
 */
export * from "./ability_findings.ts";
export { type GradedRecords, type GradeRecordsOptions, regradeRun } from "./ability_grading.ts";
export * from "./ability_models.ts";
export * from "./attention_shift.ts";
export * from "./hook_tour.ts";
export * from "./localization_reasoning.ts";
export * from "./localization_vision.ts";
export * from "./probing_findings.ts";
export * from "./recipe.ts";
export * from "./recipe_kind.ts";
export * from "./record_log.ts";
export * from "./reproduce.ts";
export * from "./resolve_triple.ts";
export * from "./show_progress.ts";
export * from "./study.ts";
export * from "./transferability.ts";
export * from "./weight_findings.ts";
