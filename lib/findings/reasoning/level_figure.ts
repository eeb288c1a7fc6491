/**
 * Reasoning localization by difficulty: the drop of accuracy per level and ablated layer.
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
  peakOf,
  rampLegend,
  readRows,
  sampleSize,
  sentence,
} from "../../figures/mod.ts";
import { shortPercentText, shortPointsText } from "../../number_format.ts";
import { type LayerFigureOptions, llmBands } from "../layer_bands.ts";
import { byDataset } from "./figure.ts";

const FIGURE = "the reasoning by level figure";

/**
 * Drop of accuracy by difficulty level and ablated LLM layer, in percentage points, a panel a
 * dataset: orange where the ablation costs accuracy, purple where it gains some.
 *
 * @param frame One row per dataset, level and layer with dataset, level (whole number; rows without
 * one are left out and counted in a note), layer (LLM layer from 0; -1 is the baseline, whose
 * accuracy then stands in the row's label), n, accuracy (0 to 1), drop (baseline less accuracy).
 * @throws {TypeError} if a column is missing or of a wrong type.
 * @throws {RangeError} if the frame is empty, has no level or only the baseline, repeats a row, or
 * an option is out of range.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import pl from "nodejs-polars";
 *
 * const frame = pl.DataFrame([0, 0.1, 0.5].map((drop, i) => (
 *   { dataset: "math500", level: 5, layer: i - 1, n: 20, accuracy: 0.6 - drop, drop }
 * )));
 * const { alt } = reasoningByLevelFigure(frame);
 * assertStringIncludes(alt, "level 5 loses most without layer 1");
 * ```
 */
export function reasoningByLevelFigure(
  frame: pl.DataFrame,
  options: Omit<LayerFigureOptions, "interval"> = {},
): Figure {
  const rows = readRows(frame, {
    figure: FIGURE,
    source: "the frame of a reasoning localization sweep by level",
    texts: { dataset: null },
    indices: { level: -1, layer: -1 },
    measures: ["n", "accuracy", "drop"],
    skipWithout: "level",
  });
  if (!rows.some(({ layer }) => layer >= 0)) {
    throw new RangeError(
      `Cannot draw ${FIGURE}: no row has both a level and an ablated layer; ` +
        "pass a sweep over a dataset with levels, such as MATH-500",
    );
  }
  const bands = llmBands(rows, { ...options, figure: FIGURE });
  const grids = byDataset(rows).map(({ label, rows }) => {
    const levels = [...new Set(rows.map(({ level }) => level))].sort((a, b) => a - b);
    const cells = rows.filter(({ layer }) => layer >= 0).map(({ layer, level, drop }) => (
      { x: layer, row: levels.indexOf(level), value: drop === null ? null : drop * 100 }
    ));
    const rowLabels = levels.map((level) => {
      const own = rows.filter((row) => row.level === level);
      const whole = own.find(({ layer }) => layer === -1)?.accuracy ?? null;
      const details = [sampleSize(own), whole === null ? "" : shortPercentText(whole * 100)]
        .filter(Boolean).join(", ");
      return `level ${level}${details && ` (${details})`}`;
    });
    return { label, levels, cells, rowLabels };
  });
  const ramp = divergingRamp(
    grids.flatMap(({ cells }) => cells.flatMap(({ value }) => value ?? [])),
    "PuOr",
  );
  const gaps = grids.some((grid) => emptyCells(grid.cells, grid.levels.length, bands).length > 0);
  const skipped = frame.height - rows.length;
  return drawChart({
    frame,
    title: "Reasoning localization: drop of accuracy by level",
    subtitle: sentence(
      "Accuracy of the whole model (in brackets) less that with one LLM layer ablated, by " +
        "difficulty of the question",
      sampleSize(rows, "questions a level"),
    ),
    legend: [
      rampLegend("points of accuracy lost", ramp),
      ...(gaps ? [crossedLegend("no value")] : []),
    ],
    columns: 1,
    panels: grids.map(({ label, cells, rowLabels }) => ({
      heading: [label],
      ...heatMap({ cells, rowLabels, bands, ramp, rowHeight: 24 }),
      x: { domain: bands.domain, label: "Ablated LLM layer" },
    })),
    notes: skipped === 0 ? [] : [`${skipped} rows have no level; not drawn.`],
    description: grids.map(({ label, levels, cells }) => {
      const parts = levels.map((level, row) => {
        const known = cells.flatMap((cell) =>
          cell.row === row && cell.value !== null ? [{ x: cell.x, value: cell.value }] : []
        );
        if (known.length === 0) return `level ${level} has no values`;
        const worst = peakOf(known);
        if (worst === undefined || worst.value <= 0) return `level ${level} loses nothing`;
        return `level ${level} loses most without layer ${worst.x} ` +
          `(${shortPointsText(-worst.value)})`;
      });
      return `${label}: ${parts.join("; ")}.`;
    }).join(" "),
    options,
  });
}
