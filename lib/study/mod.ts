/**
 * Recipes, stored results, progress and the headless run of all notebooks.
 *
 * @module
 */
export * from "./paragraph.ts";
export * from "./recipe.ts";
export * from "./record_log.ts";
export * from "./reproduce.ts";
export * from "./resolve_triple.ts";
export * from "./show_progress.ts";
export * from "./study.ts";
export * from "./weight_findings.ts";
export * from "./weight_readings.ts";
