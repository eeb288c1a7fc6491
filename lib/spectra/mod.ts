/**
 * What changed in the weights: updates, Frobenius energy, singular values, spectrum metrics.
 *
 * @module
 */
export type { AnalysisOptions } from "./analysis.ts";
export * from "./diversity.ts";
export * from "./diversity_report.ts";
export * from "./energy.ts";
export * from "./energy_report.ts";
export * from "./regions.ts";
export * from "./report.ts";
export * from "./singular_values.ts";
export * from "./spectrum_metrics.ts";
export * from "./triple.ts";
