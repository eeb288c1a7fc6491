/**
 * The diversity figures over layers: spectral norm, stable rank, effective rank, log volume.
 *
 * @module
 */
import type pl from "nodejs-polars";
import {
  drawChart,
  extentOf,
  type Figure,
  type FigureOptions,
  linearScale,
  logScale,
} from "../../figures/mod.ts";
import { sectionBands } from "../layer_bands.ts";
import { describePhases, phaseNotes, phaseSeries, readPhaseRows } from "../phase_rows.ts";

/** Options of the diversity figures. */
export interface DiversityFigureOptions extends FigureOptions {
  /**
   * Scale of the y axis; `log` for the spectral norm and `linear` for ranks by default; the log
   * volume, which may be negative, is always linear.
   */
  scale?: "linear" | "log";
}

interface Measure {
  readonly column: string;
  readonly title: string;
  readonly subtitle: string;
  readonly yLabel: string;
  readonly scale: "linear" | "log";
  /** Whether values are never negative, so that a linear axis starts at zero. */
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
 * import { assertStringIncludes } from "@std/assert";
 * import pl from "nodejs-polars";
 *
 * const row = { layer_idx: 1, section: "LLM Backbone" };
 * const figure = spectralNormFigure(pl.DataFrame([
 *   { ...row, phase: "IN", spectral_norm_mean: 2 },
 *   { ...row, phase: "RL", spectral_norm_mean: 0.5 },
 * ]));
 * assertStringIncludes(figure.alt, "RL is largest at layer index 1 (0.5)");
 * ```
 */
export const spectralNormFigure: DiversityFigure = diversityFigure({
  column: "spectral_norm_mean",
  title: "Spectral norm of the updates by layer",
  subtitle: "Largest singular value σ₁ of ΔW, mean over the weight matrices of a layer.",
  yLabel: "Spectral norm σ₁",
  scale: "log",
  zero: true,
});

/**
 * Stable rank ‖ΔW‖² / σ₁², mean over the matrices of each layer index (see
 * {@linkcode spectralNormFigure} for frame and errors; stable_rank_mean is needed too).
 */
export const stableRankFigure: DiversityFigure = diversityFigure({
  column: "stable_rank_mean",
  title: "Stable rank of the updates by layer",
  subtitle: "Squared Frobenius norm over squared spectral norm of ΔW, mean over the weight " +
    "matrices of a layer. Low: few directions carry the update.",
  yLabel: "Stable rank",
  scale: "linear",
  zero: true,
});

/**
 * Effective rank exp(entropy of σ / Σσ), mean over the matrices of each layer index (see
 * {@linkcode spectralNormFigure} for frame and errors; effective_rank_mean is needed too).
 */
export const effectiveRankFigure: DiversityFigure = diversityFigure({
  column: "effective_rank_mean",
  title: "Effective rank of the updates by layer",
  subtitle: "Exponential of the entropy of ΔW's normalized singular values, mean over the " +
    "weight matrices of a layer. Depends on the matrices' size: compare within a section.",
  yLabel: "Effective rank",
  scale: "linear",
  zero: true,
});

/**
 * Log volume Σ ln σ of the top singular values, mean over the matrices of each layer index (see
 * {@linkcode spectralNormFigure} for frame and errors; log_volume_mean is needed too).
 */
export const logVolumeFigure: DiversityFigure = diversityFigure({
  column: "log_volume_mean",
  title: "Log volume of the updates by layer",
  subtitle: "Sum of ln σ over ΔW's top singular values, mean over the weight matrices of a layer.",
  yLabel: "Log volume Σ ln σ",
  scale: "linear",
  zero: false,
});

/** A figure of a measure over layers. */
export type DiversityFigure = (summary: pl.DataFrame, options?: DiversityFigureOptions) => Figure;

function diversityFigure(measure: Measure): DiversityFigure {
  const { column, title, subtitle, zero } = measure;
  return (summary, options = {}) => {
    const rows = readPhaseRows(summary, {
      figure: `the figure "${title}"`,
      source: "diversitySummaryFrame(report)",
      measures: [...new Set([column, "spectral_norm_mean"])],
    });
    // A zero update has no spectrum: its ranks and its log volume are made of the formulas' epsilons.
    const unchanged = rows.filter((row) => row.spectral_norm_mean === 0);
    const rest = rows.filter((row) => row.spectral_norm_mean !== 0);
    const log = (zero && options.scale || measure.scale) === "log";
    const series = phaseSeries(rest, column, (value) => !log || value > 0);
    const values = series.flatMap(({ points }) => extentOf(points));
    const bands = sectionBands(rows);
    const all = { all: rows };
    return drawChart({
      ...{ frame: summary, title, subtitle, options },
      panels: [{
        ...{ bands, series, height: 260 },
        x: { domain: bands.domain, label: "Layer index" },
        y: {
          ...(log ? logScale(values) : linearScale(values, { zero, ticks: 7 })),
          label: measure.yLabel,
        },
      }],
      notes: [
        ...phaseNotes(unchanged, { ...all, reason: "zero update" }),
        ...phaseNotes(
          rest.filter((row) => row[column] === null || row.spectral_norm_mean === null),
          { ...all, reason: "no finite value" },
        ),
        ...phaseNotes(rest.filter((row) => log && row[column] !== null && row[column] <= 0), {
          ...all,
          reason: "no positive value",
        }),
      ],
      description: describePhases(series),
    });
  };
}
