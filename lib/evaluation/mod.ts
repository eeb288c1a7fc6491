/**
 * The transferability experiments, their summaries and the frames of abilities.
 *
 * @module
 */
export * from "./ability_difference.ts";
export * from "./ability_records.ts";
export * from "./ability_report.ts";
export * from "./ability_summary.ts";
export * from "./ability_transition_frame.ts";
export * from "./experiments.ts";
export * from "./transitions.ts";
