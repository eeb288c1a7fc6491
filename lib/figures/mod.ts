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
export type { FigureOptions } from "./compose_figure.ts";
export {
  type DiversityFigureOptions,
  effectiveRankFigure,
  logVolumeFigure,
  type ScaledDiversityFigureOptions,
  spectralNormFigure,
  stableRankFigure,
} from "./diversity_figures.ts";
export { attentionFigure, type AttentionFigureOptions } from "./attention_figure.ts";
export { attentionHeadFigure } from "./attention_head_figure.ts";
export type { AttentionSpan, AttentionTarget } from "./attention_rows.ts";
export {
  attentionShiftFigure,
  type AttentionShiftFigureOptions,
} from "./attention_shift_figure.ts";
export { abilityFigure } from "./ability_figure.ts";
export { necessityFigure } from "./ability_necessity_figure.ts";
export type { AbilityComparisonOptions, AbilityFigureOptions } from "./ability_rows.ts";
export { spliceDifferenceFigure } from "./ability_difference_figure.ts";
export { spliceFigure } from "./ability_splice_figure.ts";
export { transitionFigure } from "./ability_transition_figure.ts";
export { energyFigure, type EnergyFigureOptions } from "./energy_figure.ts";
export { energyShareFigure } from "./energy_share_figure.ts";
export { Figure, type FigureContent, type MediaBundle } from "./figure.ts";
export { reasoningByLevelFigure } from "./reasoning_level_figure.ts";
export { reasoningLocalizationFigure } from "./reasoning_localization_figure.ts";
export { normalizedSpectraFigure, type SpectraFigureOptions } from "./spectra_figure.ts";
export {
  formatTable,
  frameTable,
  type FrameTableOptions,
  Table,
  type TableColumn,
  type TableRow,
} from "./table.ts";
export type { SweepFigureOptions } from "./sweep_rows.ts";
export { visionLocalizationFigure } from "./vision_localization_figure.ts";
export { visionStepFigure } from "./vision_step_figure.ts";
