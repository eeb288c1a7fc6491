/**
 * How phases and models are drawn: colour, marker and dash, each enough to tell them apart.
 *
 * @module
 */
import type { SeriesStyle } from "../figures/mod.ts";

/** The two training phases of a Base -> IN -> RL triple, in drawing order. */
export const PHASES = ["IN", "RL"] as const;
/** A training phase: `IN` is Base -> IN, `RL` is IN -> RL. */
export type Phase = typeof PHASES[number];

/** The style of each phase; the colours are the paper's. */
export const PHASE_STYLES: Readonly<Record<Phase, SeriesStyle>> = {
  IN: { label: "IN (Base → IN)", color: "#d62728", marker: "circle" },
  RL: { label: "RL (IN → RL)", color: "#1f77b4", marker: "square", dash: "5,2.5" },
};

/** The models of a triple, in drawing order. */
export const MODELS = ["Base", "IN", "RL"] as const;
/** A model of a triple. */
export type Model = typeof MODELS[number];

/** The style of each model: IN and RL as their phases are, Base in grey. */
export const MODEL_STYLES: Readonly<Record<Model, SeriesStyle>> = {
  Base: { label: "Base", color: "#6b6b6b", marker: "triangle", dash: "2,2" },
  IN: { ...PHASE_STYLES.IN, label: "IN" },
  RL: { ...PHASE_STYLES.RL, label: "RL" },
};
