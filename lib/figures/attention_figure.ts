/**
 * Attention mass per layer of Base, IN and RL.
 *
 * @module
 */
import type pl from "nodejs-polars";
import { lineFigure, type LinePanel } from "./attention_lines.ts";
import {
  type AttentionSpan,
  type AttentionTarget,
  checkNames,
  readSelection,
  SPAN_LABELS,
  TARGET_LABELS,
  TEXT_HEADINGS,
} from "./attention_rows.ts";
import type { Figure } from "./figure.ts";
import { readChoice } from "./frame_rows.ts";
import { peakLayers, peakOf } from "./interval_points.ts";
import { MODEL_STYLES, MODELS } from "./series_styles.ts";
import { readSweepRows, sampleSize, type SweepFigureOptions, type SweepRow } from "./sweep_rows.ts";
import { shortPercentText } from "../number_format.ts";

/** Options of {@linkcode attentionFigure}. */
export interface AttentionFigureOptions extends SweepFigureOptions {
  /** Which tokens attention goes to; "visual" by default. */
  target?: AttentionTarget;
  /** Which generated tokens it comes from; "generated", all of them, by default. */
  span?: AttentionSpan;
}

const FIGURE = "the attention figure";
const SOURCE = "the frame of an attention measurement";
type Keys = "model" | "text" | "span" | "target";
type AttentionRow = SweepRow<Keys, "layer", "mass" | "low" | "high" | "n">;

/**
 * Share of attention that generated tokens give to visual (or question, or system) tokens, per LLM
 * layer, mean over heads, steps and prompts, of Base, IN and RL (paper, attention shift). One panel
 * for each model's own text and one for a fixed text, on which a difference is not one of the text.
 *
 * @param frame One row per model ("Base", "IN", "RL"), text ("own", "fixed"), span ("generated",
 * "think", "answer"), target ("visual", "question", "system") and layer (LLM layer from 0) with n,
 * mass (0 to 1), low, high. Missing values are left out and named in a note.
 * @throws {TypeError} if a column is missing or of a wrong type, or holds an unknown name.
 * @throws {RangeError} if the frame is empty, has no row of the span and target, repeats a row, or
 * an option is out of range.
 *
 * @example
 * ```ts
 * import pl from "nodejs-polars";
 *
 * const frame = pl.DataFrame(["Base", "RL"].flatMap((model, i) =>
 *   [0.2, 0.1].map((mass, layer) => ({
 *     ...{ model, text: "own", span: "generated", target: "visual", layer, n: 20 },
 *     mass: mass + i / 20,
 *     low: mass,
 *     high: mass + 0.1,
 *   }))
 * ));
 * console.log(attentionFigure(frame).alt); // "... Base is highest at layer 0 (20 %) ..."
 * ```
 */
export function attentionFigure(
  frame: pl.DataFrame,
  options: AttentionFigureOptions = {},
): Figure {
  const { target = "visual", span = "generated" } = options;
  const selection = readSelection({ target, span }, FIGURE);
  const all: AttentionRow[] = readSweepRows(frame, {
    figure: FIGURE,
    source: SOURCE,
    keys: ["model", "text", "span", "target"],
    indices: ["layer"],
    measures: ["mass", "low", "high", "n"],
  });
  for (const row of all) {
    readChoice(row.model, { figure: FIGURE, column: "model", known: MODELS });
  }
  checkNames(all, FIGURE);
  const rows = selection.of(all);
  const lineRows = rows.map(({ text, model, layer, mass, low, high }) => (
    { panel: text, line: model, layer, value: mass, low, high }
  ));
  const size = sampleSize(rows, "prompts");
  return lineFigure(lineRows, {
    frame,
    figure: FIGURE,
    title: `Attention to ${TARGET_LABELS[target]} by layer`,
    subtitle: `Share of attention from ${SPAN_LABELS[span]} to ${TARGET_LABELS[target]}, mean ` +
      `over heads and steps${size === "" ? "" : `; ${size}`}.`,
    headings: TEXT_HEADINGS,
    styles: MODEL_STYLES,
    name: ({ panel, line }) => `${line}, ${panel} text`,
    describe: describeText,
    yLabel: "Share of attention (%)",
    plotHeight: 250,
    options,
  });
}

function describeText({ heading, lines }: LinePanel): string {
  const parts = lines.map(({ style, points }) => {
    if (points.length === 0) return `${style.label} has no values`;
    const peak = peakOf(points);
    if (peak === undefined) return `${style.label} is zero in every layer`;
    const mean = points.reduce((sum, { value }) => sum + value, 0) / points.length;
    return `${style.label} is highest at ${peakLayers(points)} (${
      shortPercentText(peak.value)
    }; mean ` +
      `over layers ${shortPercentText(mean)})`;
  });
  return `${heading}: ${parts.join(", ")}.`;
}
