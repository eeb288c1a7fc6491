/**
 * How tasks, models and texts are drawn. Colours are from palettes made for colour-blind readers
 * (Okabe and Ito; Tol), and markers and dashes differ too.
 *
 * @module
 */
import { PHASE_STYLES, type SeriesStyle } from "./theme.ts";

/** The tasks of vision localization, in drawing order. */
export const TASKS = ["counting", "ocr", "grounding", "recognition"] as const;
/** A task of vision localization. */
export type Task = typeof TASKS[number];

/** The style of each task. */
export const TASK_STYLES: Readonly<Record<Task, SeriesStyle>> = {
  counting: { label: "Counting", color: "#d55e00", marker: "circle" },
  ocr: { label: "OCR", color: "#0072b2", marker: "square", dash: "6,2.5" },
  grounding: { label: "Grounding", color: "#009e73", marker: "triangle", dash: "2,2" },
  recognition: { label: "Recognition", color: "#882255", marker: "diamond", dash: "8,2,2,2" },
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

/** Which text attention is measured on: each model's own, or the same for all. */
export const TEXTS = ["own", "fixed"] as const;
/** A text that attention is measured on. */
export type AttentionText = typeof TEXTS[number];

/** The style of each text. */
export const TEXT_STYLES: Readonly<Record<AttentionText, SeriesStyle>> = {
  own: { label: "each model's own text", color: "#117733", marker: "circle" },
  fixed: { label: "one fixed text", color: "#aa4499", marker: "square", dash: "5,2.5" },
};

/** The style of answers with a layer ablated. */
export const ABLATED_STYLE: SeriesStyle = {
  label: "one layer ablated",
  color: "#117733",
  marker: "circle",
};
