/**
 * Figures and tables: a Polars frame in, an SVG and PNG figure or an aligned table out.
 *
 * Every figure is one function. It checks its frame, draws with Observable Plot, needs no browser,
 * and gives a {@linkcode Figure} that a notebook shows and `save` writes. The same frame gives the
 * same bytes.
 *
 * @module
 */
/// <reference lib="dom" />
export { integerTicks, linearScale, logScale } from "./axes.ts";
export type { Band, Bands } from "./bands.ts";
export type { FigureOptions } from "./compose_figure.ts";
export { drawChart } from "./draw.ts";
export { referenceLegend, swatchLegend } from "./legend.ts";
export { boxMarks, textMarks } from "./marks.ts";
export { seriesNotes, shortNumber } from "./notes.ts";
export { extentOf, type Point, pointsOf } from "./points.ts";
export { readRows, type Row } from "./read_rows.ts";
export type { Series } from "./spec.ts";
export { INK, type SeriesStyle, tint } from "./theme.ts";
export { spliceDifferenceFigure } from "./ability_difference_figure.ts";
export { abilityFigure } from "./ability_figure.ts";
export { necessityFigure } from "./ability_necessity_figure.ts";
export { spliceFigure } from "./ability_splice_figure.ts";
export { transitionFigure } from "./ability_transition_figure.ts";
export { attentionFigure } from "./attention_figure.ts";
export { attentionHeadFigure } from "./attention_head_figure.ts";
export { attentionShiftFigure } from "./attention_shift_figure.ts";
export { Figure } from "./figure.ts";
export { plotFigure, type PlotFigureText } from "./plot_figure.ts";
export { reasoningByLevelFigure } from "./reasoning_level_figure.ts";
export { reasoningLocalizationFigure } from "./reasoning_localization_figure.ts";
export { formatTable, frameTable } from "./table.ts";
export { visionLocalizationFigure } from "./vision_localization_figure.ts";
export { visionStepFigure } from "./vision_step_figure.ts";
