/**
 * The diversity figures over layers: spectral norm, stable rank, effective rank, log volume.
 *
 * @module
 */
import type pl from "nodejs-polars";
import { linearScale, logScale } from "./axes.ts";
import { bandsOf } from "./bands.ts";
import { composeFigure, contentWidth, type FigureOptions } from "./compose_figure.ts";
import type { Figure } from "./figure.ts";
import { layerPanel } from "./layer_panel.ts";
import { describePeaks, missingPoints, pointsOf, readLayerRows } from "./layer_rows.ts";
import { phaseLegend } from "./legend.ts";
import { pointNotes } from "./notes.ts";
import { createDocument } from "./svg_document.ts";
import { PHASES } from "./theme.ts";

/** Options of {@linkcode logVolumeFigure}. */
export type DiversityFigureOptions = FigureOptions;

/** Options of the diversity figures whose measure is never negative. */
export interface ScaledDiversityFigureOptions extends FigureOptions {
  /** Scale of the y axis; `log` for the spectral norm and `linear` for ranks by default. */
  scale?: "linear" | "log";
}

interface Measure {
  readonly column: string;
  readonly title: string;
  readonly subtitle: string;
  readonly yLabel: string;
  readonly scale: "linear" | "log";
  /** Whether a linear axis starts at zero. */
  readonly zero: boolean;
}

/**
 * Spectral norm (largest singular value of ΔW), mean over the matrices of each layer index: paper,
 * "Update Characterization", diversity. The y axis is logarithmic unless `scale` says otherwise,
 * since the phases' updates differ in size.
 *
 * @param summary One row per layer index and phase with layer_idx, section, phase and
 * spectral_norm_mean, as `diversitySummaryFrame` gives. A layer whose update is zero (spectral norm
 * 0) or not finite is left out and named in a note.
 * @throws {TypeError} if a column is missing or of a wrong type.
 * @throws {RangeError} if the frame is empty, repeats a row, or the width is out of range.
 *
 * @example
 * ```ts
 * import pl from "nodejs-polars";
 *
 * const summary = pl.DataFrame([
 *   { layer_idx: 1, section: "LLM Backbone", phase: "IN", spectral_norm_mean: 2 },
 *   { layer_idx: 1, section: "LLM Backbone", phase: "RL", spectral_norm_mean: 0.5 },
 * ]);
 * const figure = spectralNormFigure(summary);
 * console.log(figure.alt);
 * ```
 */
export function spectralNormFigure(
  summary: pl.DataFrame,
  options: ScaledDiversityFigureOptions = {},
): Figure {
  return diversityFigure(summary, options, {
    column: "spectral_norm_mean",
    title: "Spectral norm of the updates by layer",
    subtitle: "Largest singular value σ₁ of ΔW, mean over the weight matrices of a layer.",
    yLabel: "Spectral norm σ₁",
    scale: options.scale ?? "log",
    zero: true,
  });
}

/**
 * Stable rank ‖ΔW‖² / σ₁², mean over the matrices of each layer index (see
 * {@linkcode spectralNormFigure} for frame and errors; stable_rank_mean is needed too).
 *
 * @example
 * ```ts
 * import pl from "nodejs-polars";
 *
 * const summary = pl.DataFrame([
 *   { layer_idx: 1, section: "LLM Backbone", phase: "IN", spectral_norm_mean: 2, stable_rank_mean: 9 },
 *   { layer_idx: 1, section: "LLM Backbone", phase: "RL", spectral_norm_mean: 0.5, stable_rank_mean: 4 },
 * ]);
 * const figure = stableRankFigure(summary);
 * console.log(figure.alt);
 * ```
 */
export function stableRankFigure(
  summary: pl.DataFrame,
  options: ScaledDiversityFigureOptions = {},
): Figure {
  return diversityFigure(summary, options, {
    column: "stable_rank_mean",
    title: "Stable rank of the updates by layer",
    subtitle: "Squared Frobenius norm over squared spectral norm of ΔW, mean over the weight " +
      "matrices of a layer. Low: few directions carry the update.",
    yLabel: "Stable rank",
    scale: options.scale ?? "linear",
    zero: true,
  });
}

/**
 * Effective rank exp(entropy of σ / Σσ), mean over the matrices of each layer index (see
 * {@linkcode spectralNormFigure} for frame and errors; effective_rank_mean is needed too).
 *
 * @example
 * ```ts
 * import pl from "nodejs-polars";
 *
 * const summary = pl.DataFrame([
 *   { layer_idx: 1, section: "LLM Backbone", phase: "IN", spectral_norm_mean: 2, effective_rank_mean: 9 },
 *   { layer_idx: 1, section: "LLM Backbone", phase: "RL", spectral_norm_mean: 0.5, effective_rank_mean: 4 },
 * ]);
 * const figure = effectiveRankFigure(summary);
 * console.log(figure.alt);
 * ```
 */
export function effectiveRankFigure(
  summary: pl.DataFrame,
  options: ScaledDiversityFigureOptions = {},
): Figure {
  return diversityFigure(summary, options, {
    column: "effective_rank_mean",
    title: "Effective rank of the updates by layer",
    subtitle: "Exponential of the entropy of ΔW's normalized singular values, mean over the " +
      "weight matrices of a layer. Depends on the matrices' size: compare within a section.",
    yLabel: "Effective rank",
    scale: options.scale ?? "linear",
    zero: true,
  });
}

/**
 * Log volume Σ ln σ of the top singular values, mean over the matrices of each layer index (see
 * {@linkcode spectralNormFigure} for frame and errors; log_volume_mean is needed too).
 *
 * @example
 * ```ts
 * import pl from "nodejs-polars";
 *
 * const summary = pl.DataFrame([
 *   { layer_idx: 1, section: "LLM Backbone", phase: "IN", spectral_norm_mean: 2, log_volume_mean: 9 },
 *   { layer_idx: 1, section: "LLM Backbone", phase: "RL", spectral_norm_mean: 0.5, log_volume_mean: 4 },
 * ]);
 * const figure = logVolumeFigure(summary);
 * console.log(figure.alt);
 * ```
 */
export function logVolumeFigure(
  summary: pl.DataFrame,
  options: DiversityFigureOptions = {},
): Figure {
  return diversityFigure(summary, options, {
    column: "log_volume_mean",
    title: "Log volume of the updates by layer",
    subtitle:
      "Sum of ln σ over ΔW's top singular values, mean over the weight matrices of a layer.",
    yLabel: "Log volume Σ ln σ",
    scale: "linear",
    zero: false,
  });
}

function diversityFigure(summary: pl.DataFrame, options: FigureOptions, measure: Measure): Figure {
  const { column } = measure;
  const columns = [...new Set([column, "spectral_norm_mean"])];
  const rows = readLayerRows(summary, {
    figure: `the figure "${measure.title}"`,
    source: "diversitySummaryFrame(report)",
    measures: columns,
  });
  // A zero update has no spectrum: its ranks and its log volume are made of the formulas' epsilons.
  const zero = rows.filter(({ values }) => values.spectral_norm_mean === 0);
  const rest = rows.filter(({ values }) => values.spectral_norm_mean !== 0);
  const missing = missingPoints(rest, columns);
  const log = measure.scale === "log";
  const finite = pointsOf(rest, column);
  const points = finite.filter(({ value }) => !log || value > 0);
  const values = points.map(({ value }) => value);
  const document = createDocument();
  const panel = layerPanel(document, {
    points,
    bands: bandsOf(rows),
    scale: log ? logScale(values) : linearScale(values, { zero: measure.zero, ticks: 7 }),
    yLabel: measure.yLabel,
    xLabel: "Layer index",
    width: contentWidth(options),
    plotHeight: 260,
  });
  return composeFigure(document, {
    frame: summary,
    title: measure.title,
    subtitle: measure.subtitle,
    legend: PHASES.map((phase) => phaseLegend(phase)),
    rows: [[panel]],
    notes: [
      ...pointNotes(zero, { all: rows, reason: "zero update" }),
      ...pointNotes(missing, { all: rows, reason: "no finite value" }),
      ...pointNotes(finite.filter(({ value }) => log && value <= 0), {
        all: rows,
        reason: "no positive value",
      }),
    ],
    description: describePeaks(points),
    options,
  });
}
