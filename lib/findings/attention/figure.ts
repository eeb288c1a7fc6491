/**
 * Attention mass per layer of Base, IN and RL.
 *
 * @module
 */
import type pl from "nodejs-polars";
import {
  type Figure,
  peakLayers,
  peakOf,
  readRows,
  sampleSize,
  sentence,
} from "../../figures/mod.ts";
import { shortPercentText } from "../../number_format.ts";
import { MODEL_STYLES, MODELS } from "../series_styles.ts";
import { lineFigure, type LineRow } from "./line_figure.ts";
import { COLUMNS, selectRows, SPANS, TARGETS, TEXTS } from "./names.ts";
import type { AttentionShiftFigureOptions } from "./shift_figure.ts";

/** Options of {@linkcode attentionFigure}. */
export interface AttentionFigureOptions extends AttentionShiftFigureOptions {
  /** Which tokens attention goes to; "visual" by default. */
  target?: keyof typeof TARGETS;
}

/**
 * Share of attention that generated tokens give to visual (or question, or system) tokens, per LLM
 * layer, mean over heads, steps and prompts, of Base, IN and RL (paper, attention shift). One panel
 * for each model's own text and one for each fixed text, on which a difference is not one of the
 * text.
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
 * import { assertStringIncludes } from "@std/assert";
 * import pl from "nodejs-polars";
 *
 * const frame = pl.DataFrame([0.2, 0.1].map((mass, layer) => ({
 *   ...{ model: "Base", text: "own", span: "generated", target: "visual", layer, n: 20 },
 *   ...{ mass, low: mass - 0.05, high: mass + 0.05 },
 * })));
 * assertStringIncludes(attentionFigure(frame).alt, "Base is highest at layer 0 (20 %");
 * ```
 */
export function attentionFigure(frame: pl.DataFrame, options: AttentionFigureOptions = {}): Figure {
  const { target = "visual", span = "generated" } = options;
  const figure = "the attention figure";
  const all = readRows(frame, {
    ...{ figure, ...COLUMNS, texts: { model: MODELS, ...COLUMNS.texts } },
    source: "the frame of an attention measurement",
    measures: ["mass", "low", "high", "n"],
  });
  const rows = selectRows(all, { target, span }, figure).map((row): LineRow => (
    { ...row, panel: row.text, line: row.model, value: row.mass }
  ));
  return lineFigure(rows, {
    ...{ frame, figure, options, headings: TEXTS, styles: MODEL_STYLES },
    title: `Attention to ${TARGETS[target]} by layer`,
    subtitle: sentence(
      `Share of attention from ${SPANS[span]} to ${TARGETS[target]}, mean over heads and steps`,
      sampleSize(rows, "prompts"),
    ),
    yLabel: "Share of attention (%)",
    name: (text, model) => `${model}, ${text} text`,
    describe: ({ label }, points) => {
      if (points.length === 0) return `${label} has no values`;
      const peak = peakOf(points);
      if (peak === undefined) return `${label} is zero in every layer`;
      const mean = points.reduce((sum, { value }) => sum + value, 0) / points.length;
      return `${label} is highest at ${peakLayers(points)} (${shortPercentText(peak.value)}; ` +
        `mean over layers ${shortPercentText(mean)})`;
    },
    separator: ", ",
  });
}
