/**
 * Every figure of a made-up triple.
 *
 * @module
 */
import {
  diversitySummaryFrame,
  representativeSpectraFrame,
} from "../../spectra/diversity_report.ts";
import { energyParameterFrame, energySummaryFrame } from "../../spectra/energy_report.ts";
import { updateAnglesFrame } from "../../spectra/update_angles.ts";
import { updateAnglesFigure } from "../diversity/angles_figure.ts";
import {
  effectiveRankFigure,
  logVolumeFigure,
  spectralNormFigure,
  stableRankFigure,
} from "../diversity/figures.ts";
import { energyFigure } from "../energy/figure.ts";
import { energyShareFigure } from "../energy/share_figure.ts";
import type { Figure, FigureOptions } from "../../figures/mod.ts";
import { normalizedSpectraFigure } from "../diversity/spectra_figure.ts";
import { sampleDiversityReport, sampleEnergyReport, type SampleShape } from "./sample_reports.ts";

/** All figures by name; the share figure only where the LLM has three layers. */
export function sampleFigures(
  shape: SampleShape,
  options: FigureOptions = {},
): Record<string, Figure> {
  const energy = sampleEnergyReport(shape);
  const diversity = sampleDiversityReport(shape);
  const summary = diversitySummaryFrame(diversity);
  return {
    energy: energyFigure(energySummaryFrame(energy), options),
    energy_log: energyFigure(energySummaryFrame(energy), { ...options, scale: "log" }),
    ...(shape.llmLayers < 3
      ? {}
      : { energy_share: energyShareFigure(energyParameterFrame(energy), options) }),
    spectral_norm: spectralNormFigure(summary, options),
    stable_rank: stableRankFigure(summary, options),
    effective_rank: effectiveRankFigure(summary, options),
    log_volume: logVolumeFigure(summary, options),
    normalized_spectra: normalizedSpectraFigure(representativeSpectraFrame(diversity), options),
    update_angles: updateAnglesFigure(updateAnglesFrame(diversity), options),
  };
}
