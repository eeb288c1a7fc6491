/**
 * Panels of coloured cells: columns along the x axis, rows from top to bottom.
 *
 * @module
 */
import type { Bands } from "./bands.ts";
import type { DivergingRamp } from "./diverging_ramp.ts";
import { type Cell, cellMarks, cellTextMarks } from "./marks.ts";
import type { PanelSpec } from "./spec.ts";

/** What a heat map shows. */
export interface HeatMapSpec {
  readonly cells: readonly Cell[];
  /** Label of each row, from the top; rows with "" have none. */
  readonly rowLabels: readonly string[];
  readonly bands: Bands;
  readonly ramp: DivergingRamp;
  readonly rowHeight: number;
  readonly yLabel?: string;
}

/** The places without a value: nothing was measured there, or no finite number. */
export function emptyCells(
  cells: readonly Cell[],
  rows: number,
  { domain: [from, to] }: Bands,
): Omit<Cell, "value">[] {
  const known = new Set(
    cells.flatMap(({ x, row, value }) => value === null ? [] : [`${x} ${row}`]),
  );
  const columns = to - from;
  return Array.from({ length: rows * columns }, (_, i) => (
    { x: i % columns, row: Math.floor(i / columns) }
  )).filter(({ x, row }) => !known.has(`${x} ${row}`));
}

/** The parts of a panel that make it a heat map; values stand in the cells where each has room. */
export function heatMap(spec: HeatMapSpec): Omit<PanelSpec, "x"> {
  const { cells, rowLabels, bands, ramp, rowHeight } = spec;
  const rows = rowLabels.length;
  return {
    bands: { ...bands, regions: bands.regions.map((band) => ({ ...band, fill: "none" })) },
    height: rows * rowHeight,
    y: {
      domain: [rows - 0.5, -0.5],
      ticks: rowLabels.flatMap((label, row) => label === "" ? [] : [row]),
      format: (row) => rowLabels[row],
      grid: false,
      ...(spec.yLabel === undefined ? {} : { label: spec.yLabel }),
    },
    ground: cellMarks(cells, emptyCells(cells, rows, bands), ramp),
    marks: ({ perX }) => cellTextMarks(cells, { ramp, perX, rowHeight }),
  };
}
