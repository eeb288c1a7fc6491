/**
 * Attention shift per head: RL's model less IN's, layer by head.
 *
 * @module
 */
import type pl from "nodejs-polars";
import {
  crossedLegend,
  divergingRamp,
  drawChart,
  emptyCells,
  type Figure,
  heatMap,
  integerTicks,
  peakOf,
  rampLegend,
  readRows,
} from "../../figures/mod.ts";
import { shortPointsText } from "../../number_format.ts";
import { type LayerFigureOptions, llmBands } from "../layer_bands.ts";
import { TEXTS } from "./names.ts";

const FIGURE = "the attention head figure";

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
 * import { assertStringIncludes } from "@std/assert";
 * import pl from "nodejs-polars";
 *
 * const frame = pl.DataFrame([0.01, -0.05].map((diff, head) => (
 *   { text: "own", layer: 3, head, diff }
 * )));
 * assertStringIncludes(attentionHeadFigure(frame).alt, "falls most in layer 3, head 1");
 * ```
 */
export function attentionHeadFigure(
  frame: pl.DataFrame,
  options: Omit<LayerFigureOptions, "interval"> = {},
): Figure {
  const rows = readRows(frame, {
    figure: FIGURE,
    source: "the frame of an attention shift by head, of one span and one target",
    texts: { text: Object.keys(TEXTS) },
    indices: { layer: 0, head: 0 },
    measures: ["diff"],
  });
  const bands = llmBands(rows, { ...options, figure: FIGURE });
  const heads = rows.reduce((count, { head }) => Math.max(count, head + 1), 1);
  const panels = Object.entries(TEXTS).map(([text, heading]) => ({
    heading,
    cells: rows.filter((row) => row.text === text).map(({ layer, head, diff }) => (
      { x: layer, row: head, value: diff === null ? null : diff * 100 }
    )),
  })).filter(({ cells }) => cells.length > 0);
  const values = panels.flatMap(({ cells }) => cells.flatMap(({ value }) => value ?? []));
  const ramp = divergingRamp(values, "RdBu");
  const ticks = integerTicks(-0.5, heads - 0.5, 7);
  const rowLabels = Array.from(
    { length: heads },
    (_, head) => ticks.includes(head) ? `${head}` : "",
  );
  const gaps = panels.some(({ cells }) => emptyCells(cells, heads, bands).length > 0);
  return drawChart({
    frame,
    title: "Attention shift by head: RL less IN",
    subtitle:
      "Share of attention, RL's model less IN's, in percentage points. Blue: RL gives more; " +
      "red: IN does.",
    legend: [
      rampLegend("points, RL less IN", ramp),
      ...(gaps ? [crossedLegend("no value")] : []),
    ],
    panels: panels.map(({ heading, cells }) => ({
      heading: [heading],
      ...heatMap({
        ...{ cells, rowLabels, bands, ramp, yLabel: "Head" },
        rowHeight: Math.min(24, Math.max(4, 320 / heads)),
      }),
      x: { domain: bands.domain, label: "LLM layer" },
    })),
    notes: [],
    description: panels.map(({ heading, cells }) => {
      const known = cells.flatMap(({ value, ...place }) =>
        value === null ? [] : [{ ...place, value }]
      );
      if (known.length === 0) return `${heading}: no values to draw.`;
      const rise = peakOf(known);
      if (rise === undefined) return `${heading}: no difference in any head.`;
      const fall = known.reduce((least, cell) => cell.value < least.value ? cell : least);
      const place = ({ x, row, value }: typeof fall) =>
        `layer ${x}, head ${row} (${shortPointsText(value)})`;
      return `${heading}: attention ${
        rise.value > 0 ? `rises most in ${place(rise)}` : "rises nowhere"
      } and ${fall.value < 0 ? `falls most in ${place(fall)}` : "falls nowhere"}.`;
    }).join(" "),
    options,
  });
}
