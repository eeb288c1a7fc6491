/**
 * Attention shift per head: RL's model less IN's, layer by head.
 *
 * @module
 */
import type pl from "nodejs-polars";
import { checkNames, TEXT_HEADINGS } from "./attention_rows.ts";
import { integerTicks } from "./axes.ts";
import { llmBands } from "./bands.ts";
import { composeFigure, contentWidth, panelWidth } from "./compose_figure.ts";
import { type DivergingRamp, divergingRamp } from "./diverging_ramp.ts";
import type { Figure } from "./figure.ts";
import { emptyCellLegend, heatmapPanel, rampLegend } from "./heatmap_panel.ts";
import { peakOf } from "./interval_points.ts";
import { TEXTS } from "./series_styles.ts";
import { createDocument } from "./svg_document.ts";
import {
  llmLayersOf,
  readSweepRows,
  type SweepFigureOptions,
  type SweepRow,
} from "./sweep_rows.ts";
import { shortPointsText } from "../number_format.ts";

const FIGURE = "the attention head figure";
type HeadRow = SweepRow<"text", "layer" | "head", "diff">;

/**
 * RL's attention less IN's for each LLM layer and head, in percentage points: blue where RL's model
 * gives more, red where IN's does. A panel for each text.
 *
 * @param frame One row per text ("own", "fixed"), layer (LLM layer from 0) and head (from 0) with
 * diff (RL - IN, -1 to 1), of one span and one target; missing values are crossed out. Say span and
 * target in the title or caption.
 * @throws {TypeError} if a column is missing or of a wrong type, or holds an unknown name.
 * @throws {RangeError} if the frame is empty, repeats a row, or an option is out of range.
 *
 * @example
 * ```ts
 * import pl from "nodejs-polars";
 *
 * const frame = pl.DataFrame([0.01, -0.05].map((diff, head) => (
 *   { text: "own", layer: 3, head, diff }
 * )));
 * console.log(attentionHeadFigure(frame).alt); // "... falls most in layer 3, head 1 ..."
 * ```
 */
export function attentionHeadFigure(
  frame: pl.DataFrame,
  options: Omit<SweepFigureOptions, "interval"> = {},
): Figure {
  const rows: HeadRow[] = readSweepRows(frame, {
    figure: FIGURE,
    source: "the frame of an attention shift by head, of one span and one target",
    keys: ["text"],
    indices: ["layer", "head"],
    measures: ["diff"],
  });
  checkNames(rows, FIGURE);
  const llmLayers = llmLayersOf(rows, { ...options, figure: FIGURE });
  const heads = rows.reduce((count, { head }) => Math.max(count, head + 1), 1);
  const values = rows.flatMap(({ diff }) => diff === null ? [] : [diff * 100]);
  const ramp: DivergingRamp = divergingRamp(values, "RdBu");
  const ticks = integerTicks(-0.5, heads - 0.5, 7);
  const texts = TEXTS.filter((text) => rows.some((row) => row.text === text));
  const document = createDocument();
  return composeFigure(document, {
    frame,
    title: "Attention shift by head: RL less IN",
    subtitle: "Share of attention, RL's model less IN's, in percentage points.",
    legend: [
      rampLegend("points; blue: RL more, red: IN more", ramp),
      ...(values.length < texts.length * heads * llmLayers ? [emptyCellLegend("no value")] : []),
    ],
    rows: [texts.map((text) =>
      heatmapPanel(document, {
        cells: rows.filter((row) => row.text === text).map(({ layer, head, diff }) => ({
          layer,
          row: head,
          value: diff === null ? null : diff * 100,
        })),
        rowLabels: Array.from(
          { length: heads },
          (_, head) => ticks.includes(head) ? `${head}` : "",
        ),
        bands: llmBands(llmLayers),
        ramp,
        heading: TEXT_HEADINGS[text],
        width: panelWidth(contentWidth(options), texts.length),
        rowHeight: Math.min(24, Math.max(4, 320 / heads)),
        xLabel: "LLM layer",
        yLabel: "Head",
      })
    )],
    notes: [],
    description: texts.map((text) => describeHeads(text, rows)).join(" "),
    options,
  });
}

function describeHeads(text: typeof TEXTS[number], rows: readonly HeadRow[]): string {
  const known = rows.flatMap(({ text: own, layer, head, diff }) =>
    own === text && diff !== null ? [{ layer, head, value: diff * 100 }] : []
  );
  if (known.length === 0) return `${TEXT_HEADINGS[text]}: no values to draw.`;
  const rise = peakOf(known);
  if (rise === undefined) return `${TEXT_HEADINGS[text]}: no difference in any head.`;
  const fall = known.reduce((least, cell) => cell.value < least.value ? cell : least);
  const place = ({ layer, head, value }: typeof fall) =>
    `layer ${layer}, head ${head} (${shortPointsText(value)})`;
  const parts = [
    ...(rise.value > 0 ? [`rises most in ${place(rise)}`] : ["rises nowhere"]),
    ...(fall.value < 0 ? [`falls most in ${place(fall)}`] : ["falls nowhere"]),
  ];
  return `${TEXT_HEADINGS[text]}: attention ${parts.join(" and ")}.`;
}
