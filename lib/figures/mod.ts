/**
 * Charts and tables: data and a spec in, an SVG and PNG figure or an aligned table out.
 *
 * A chart is a {@linkcode ChartSpec}: panels with axes, bands, series and marks, rows that panels
 * share, a legend, notes. {@linkcode drawChart} draws it with Observable Plot, needs no browser, and
 * gives a {@linkcode Figure} that a notebook shows and `save` writes. The same spec gives the same
 * bytes. Many names: the parts that a spec is made of.
 *
 * @module
 */
/// <reference lib="dom" />
export { integerTicks, linearScale, logScale } from "./axes.ts";
export type { Band, Bands } from "./bands.ts";
export type { FigureOptions } from "./compose_figure.ts";
export { drawChart } from "./draw.ts";
export { divergingRamp } from "./diverging_ramp.ts";
export { emptyCells, heatMap } from "./heat_map.ts";
export {
  arrowLegend,
  blockLegend,
  crossedLegend,
  dotLegend,
  type LegendItem,
  rampLegend,
  referenceLegend,
  ringLegend,
  seriesLegend,
  stretchLegend,
  swatchLegend,
  whiskerLegend,
} from "./legend.ts";
export { type Box, boxMarks, dotMarks, textMarks } from "./marks.ts";
export { phrase, sentence, seriesNotes, shortNumber } from "./notes.ts";
export {
  excludesZero,
  extentOf,
  type Interval,
  peakLayers,
  peakOf,
  type Point,
  pointsOf,
} from "./points.ts";
export { readRows, type Row, sampleSize } from "./read_rows.ts";
export type { Block, ChartSpec, PanelSpec, Room, RowSpec, Series } from "./spec.ts";
export { textWidth } from "./text_width.ts";
export { FONT_SIZES, INK, type SeriesStyle, tint } from "./theme.ts";
export { Figure } from "./figure.ts";
export { plotFigure, type PlotFigureText } from "./plot_figure.ts";
export { formatTable, frameTable, type TableColumn } from "./table.ts";
