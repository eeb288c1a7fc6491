/**
 * Attention shift: how much more attention RL's model gives than IN's, per layer.
 *
 * @module
 */
import type pl from "nodejs-polars";
import {
  excludesZero,
  type Figure,
  readRows,
  sampleSize,
  sentence,
  type SeriesStyle,
} from "../../figures/mod.ts";
import { shortPointsText } from "../../number_format.ts";
import type { LayerFigureOptions } from "../layer_bands.ts";
import { lineFigure, type LineRow } from "./line_figure.ts";
import { COLUMNS, selectRows, SPANS, TARGETS } from "./names.ts";

/** The style of each text. */
export const TEXT_STYLES: Readonly<Record<string, SeriesStyle>> = {
  own: { label: "each model's own text", color: "#117733", marker: "circle" },
  fixed: { label: "one fixed text", color: "#aa4499", marker: "square", dash: "5,2.5" },
  second: { label: "a second fixed text", color: "#dd7700", marker: "triangle", dash: "2,2" },
};

/** Options of {@linkcode attentionShiftFigure}. */
export interface AttentionShiftFigureOptions extends LayerFigureOptions {
  /** Which generated tokens attention comes from; "generated", all of them, by default. */
  span?: keyof typeof SPANS;
}

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
 * import { assertStringIncludes } from "@std/assert";
 * import pl from "nodejs-polars";
 *
 * const frame = pl.DataFrame([0.01, 0.05].map((diff, layer) => ({
 *   ...{ text: "own", span: "generated", target: "visual", layer, n: 20 },
 *   ...{ diff, low: diff - 0.02, high: diff + 0.02 },
 * })));
 * assertStringIncludes(attentionShiftFigure(frame).alt, "largest at layer 1 (+5.0 points)");
 * ```
 */
export function attentionShiftFigure(
  frame: pl.DataFrame,
  options: AttentionShiftFigureOptions = {},
): Figure {
  const { span = "generated" } = options;
  const figure = "the attention shift figure";
  const all = readRows(frame, {
    ...{ figure, ...COLUMNS },
    source: "the frame of an attention shift",
    measures: ["diff", "low", "high", "n"],
  });
  const rows = selectRows(all, { span }, figure).map((row): LineRow => (
    { ...row, panel: row.target, line: row.text, value: row.diff }
  ));
  const headings = Object.entries(TARGETS).map(([target, label]) => [target, `To ${label}`]);
  return lineFigure(rows, {
    ...{ frame, figure, options, headings: Object.fromEntries(headings), styles: TEXT_STYLES },
    title: "Attention shift: RL less IN by layer",
    subtitle: sentence(
      `Share of attention from ${SPANS[span]}, mean over heads and steps: RL's model less IN's, ` +
        "in percentage points",
      sampleSize(rows, "prompts"),
    ),
    yLabel: "RL − IN (points)",
    zeroLine: true,
    name: (target, text) => `${target}, ${text} text`,
    describe: ({ label }, points) => {
      if (points.length === 0) return `no values on ${label}`;
      const largest = points.reduce((best, point) =>
        Math.abs(point.value) > Math.abs(best.value) ? point : best
      );
      if (largest.value === 0) return `no difference on ${label}`;
      const certain = points.filter(excludesZero).length;
      return `on ${label} the difference is largest at layer ${largest.x} ` +
        `(${shortPointsText(largest.value)}), its interval excludes zero at ${certain} of ` +
        `${points.length} layers`;
    },
    separator: "; ",
  });
}
