/**
 * Attention shift: how much more attention RL's model gives than IN's, per layer.
 *
 * @module
 */
import type pl from "nodejs-polars";
import { lineFigure, type LinePanel } from "./attention_lines.ts";
import {
  ATTENTION_TARGETS,
  type AttentionSpan,
  checkNames,
  readSelection,
  SPAN_LABELS,
  TARGET_LABELS,
} from "./attention_rows.ts";
import type { Figure } from "./figure.ts";
import { excludesZero } from "./interval_points.ts";
import { TEXT_STYLES } from "./series_styles.ts";
import { readSweepRows, sampleSize, type SweepFigureOptions, type SweepRow } from "./sweep_rows.ts";
import { shortPointsText } from "../number_format.ts";

/** Options of {@linkcode attentionShiftFigure}. */
export interface AttentionShiftFigureOptions extends SweepFigureOptions {
  /** Which generated tokens attention comes from; "generated", all of them, by default. */
  span?: AttentionSpan;
}

const FIGURE = "the attention shift figure";
const HEADINGS = Object.fromEntries(
  ATTENTION_TARGETS.map((target) => [target, `To ${TARGET_LABELS[target]}`]),
);
type ShiftRow = SweepRow<"text" | "span" | "target", "layer", "diff" | "low" | "high" | "n">;

/**
 * Attention that RL's model gives to visual, question and system tokens less what IN's gives, per
 * LLM layer, on each model's own text and on one fixed text (paper, attention shift).
 *
 * @param frame One row per text ("own", "fixed"), span ("generated", "think", "answer"), target
 * ("visual", "question", "system") and layer (LLM layer from 0) with n, diff (RL - IN, -1 to 1), low,
 * high. Missing values are left out and named in a note.
 * @throws {TypeError} if a column is missing or of a wrong type, or holds an unknown name.
 * @throws {RangeError} if the frame is empty, has no row of the span, repeats a row, or an option is
 * out of range.
 *
 * @example
 * ```ts
 * import pl from "nodejs-polars";
 *
 * const frame = pl.DataFrame([0.01, 0.05].map((diff, layer) => ({
 *   ...{ text: "own", span: "generated", target: "visual", layer, n: 20 },
 *   diff,
 *   low: diff - 0.02,
 *   high: diff + 0.02,
 * })));
 * console.log(attentionShiftFigure(frame).alt); // "... largest at layer 1 (+5.0 points) ..."
 * ```
 */
export function attentionShiftFigure(
  frame: pl.DataFrame,
  options: AttentionShiftFigureOptions = {},
): Figure {
  const { span = "generated" } = options;
  const selection = readSelection({ span }, FIGURE);
  const all: ShiftRow[] = readSweepRows(frame, {
    figure: FIGURE,
    source: "the frame of an attention shift",
    keys: ["text", "span", "target"],
    indices: ["layer"],
    measures: ["diff", "low", "high", "n"],
  });
  checkNames(all, FIGURE);
  const rows = selection.of(all);
  const lineRows = rows.map(({ target, text, layer, diff, low, high }) => (
    { panel: target, line: text, layer, value: diff, low, high }
  ));
  const size = sampleSize(rows, "prompts");
  return lineFigure(lineRows, {
    frame,
    figure: FIGURE,
    title: "Attention shift: RL less IN by layer",
    subtitle: `Share of attention from ${SPAN_LABELS[span]}, mean over heads and steps: RL's ` +
      `model less IN's, in percentage points${size === "" ? "" : `; ${size}`}.`,
    headings: HEADINGS,
    styles: TEXT_STYLES,
    name: ({ panel, line }) => `${panel}, ${line} text`,
    describe: describeTarget,
    yLabel: "RL − IN (points)",
    plotHeight: 230,
    zeroLine: true,
    options,
  });
}

function describeTarget({ heading, lines }: LinePanel): string {
  const parts = lines.map(({ style, points }) => {
    if (points.length === 0) return `no values on ${style.label}`;
    if (points.every(({ value }) => value === 0)) return `no difference on ${style.label}`;
    const largest = points.reduce((best, point) =>
      Math.abs(point.value) > Math.abs(best.value) ? point : best
    );
    const certain = points.filter(excludesZero).length;
    return `on ${style.label} the difference is largest at layer ${largest.layer} ` +
      `(${shortPointsText(largest.value)}), its interval excludes zero at ${certain} of ` +
      `${points.length} layers`;
  });
  return `${heading}: ${parts.join("; ")}.`;
}
