/**
 * Reasoning localization by difficulty: the drop of accuracy per level and ablated layer.
 *
 * @module
 */
import type pl from "nodejs-polars";
import { llmBands } from "./bands.ts";
import { composeFigure, contentWidth } from "./compose_figure.ts";
import { datasetLabel, datasetsOf } from "./dataset_labels.ts";
import { divergingRamp } from "./diverging_ramp.ts";
import type { Figure } from "./figure.ts";
import {
  emptyCellLegend,
  emptyCells,
  type HeatmapCell,
  heatmapPanel,
  labelWidth,
  rampLegend,
} from "./heatmap_panel.ts";
import { peakOf } from "./interval_points.ts";
import { createDocument } from "./svg_document.ts";
import {
  llmLayersOf,
  readSweepRows,
  sampleSize,
  type SweepFigureOptions,
  type SweepRow,
} from "./sweep_rows.ts";
import { shortPercentText, shortPointsText } from "../number_format.ts";

const FIGURE = "the reasoning by level figure";
type LevelRow = SweepRow<"dataset", "level" | "layer", "n" | "accuracy" | "drop">;

/** A dataset's cells, row by row. */
interface LevelGrid {
  readonly dataset: string;
  readonly levels: readonly number[];
  readonly rowLabels: readonly string[];
  readonly cells: readonly HeatmapCell[];
}

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
 * import pl from "nodejs-polars";
 *
 * const frame = pl.DataFrame([0, 0.1, 0.5].map((drop, i) => (
 *   { dataset: "math500", level: 5, layer: i - 1, n: 20, accuracy: 0.6 - drop, drop }
 * )));
 * console.log(reasoningByLevelFigure(frame).alt); // "... level 5 most without layer 1 ..."
 * ```
 */
export function reasoningByLevelFigure(
  frame: pl.DataFrame,
  options: Omit<SweepFigureOptions, "interval"> = {},
): Figure {
  const rows = readSweepRows(frame, {
    figure: FIGURE,
    source: "the frame of a reasoning localization sweep by level",
    keys: ["dataset"],
    indices: ["level", "layer"],
    measures: ["n", "accuracy", "drop"],
    lowest: -1,
    skipWithout: "level",
  });
  if (!rows.some(({ layer }) => layer >= 0)) {
    throw new RangeError(
      `Cannot draw ${FIGURE}: no row has both a level and an ablated layer; ` +
        "pass a sweep over a dataset with levels, such as MATH-500",
    );
  }
  const bands = llmBands(llmLayersOf(rows, { ...options, figure: FIGURE }));
  const grids = datasetsOf(rows).map((dataset) => gridOf(rows, dataset));
  const cells = grids.flatMap((grid) => grid.cells);
  const ramp = divergingRamp(cells.flatMap(({ value }) => value === null ? [] : [value]), "PuOr");
  const document = createDocument();
  const skipped = frame.height - rows.length;
  const size = sampleSize(rows, "questions a level");
  return composeFigure(document, {
    frame,
    title: "Reasoning localization: drop of accuracy by level",
    subtitle:
      "Accuracy of the whole model (in brackets) less that with one LLM layer ablated, by " +
      `difficulty of the question${size === "" ? "" : `; ${size}`}.`,
    legend: [
      rampLegend("points of accuracy lost", ramp),
      ...(grids.some((grid) =>
          emptyCells(grid.cells, { rows: grid.levels.length, bands }).length > 0
        )
        ? [emptyCellLegend("no value")]
        : []),
    ],
    rows: grids.map((grid, i) => [heatmapPanel(document, {
      ...grid,
      bands,
      ramp,
      labelWidth: labelWidth(grids.flatMap(({ rowLabels }) => rowLabels)),
      heading: datasetLabel(grid.dataset),
      width: contentWidth(options),
      rowHeight: 24,
      ...(i === grids.length - 1 ? { xLabel: "Ablated LLM layer" } : {}),
    })]),
    notes: skipped === 0 ? [] : [`${skipped} rows have no level; not drawn.`],
    description: grids.map(describeGrid).join(" "),
    options,
  });
}

function gridOf(rows: readonly LevelRow[], dataset: string): LevelGrid {
  const own = rows.filter((row) => row.dataset === dataset);
  const levels = [...new Set(own.map(({ level }) => level))].sort((a, b) => a - b);
  const cells = own.filter(({ layer }) => layer >= 0).map(({ layer, level, drop }) => ({
    layer,
    row: levels.indexOf(level),
    value: drop === null ? null : drop * 100,
  }));
  const rowLabels = levels.map((level) => {
    const ofLevel = own.filter((row) => row.level === level);
    const whole = ofLevel.find(({ layer }) => layer === -1)?.accuracy ?? null;
    const details = [sampleSize(ofLevel), whole === null ? "" : shortPercentText(whole * 100)]
      .filter((text) => text !== "");
    return `level ${level}${details.length === 0 ? "" : ` (${details.join(", ")})`}`;
  });
  return { dataset, levels, rowLabels, cells };
}

function describeGrid({ dataset, levels, cells }: LevelGrid): string {
  const parts = levels.map((level, row) => {
    const known = cells.flatMap(({ row: ofRow, layer, value }) =>
      ofRow === row && value !== null ? [{ layer, value }] : []
    );
    if (known.length === 0) return `level ${level} has no values`;
    const worst = peakOf(known);
    if (worst === undefined || worst.value <= 0) return `level ${level} loses nothing`;
    return `level ${level} loses most without layer ${worst.layer} (${
      shortPointsText(-worst.value)
    })`;
  });
  return `${datasetLabel(dataset)}: ${parts.join("; ")}.`;
}
