/**
 * Updates by third of the language model, which is how the paper states its findings on weights.
 *
 * @module
 */
import type pl from "nodejs-polars";
import { mean } from "../statistics/mod.ts";
import type { DiversityReport, SpectrumMetrics } from "./diversity_report.ts";
import type { EnergyReport } from "./energy_report.ts";
import { PHASES, weightsFrame } from "./report.ts";
import { thirdOf, THIRDS } from "../thirds.ts";

/**
 * Share of each phase's update energy by third of the LLM: sum of ||delta||_F^2 over the third's
 * weights, divided by the sum over all LLM weights.
 */
export function energyShares({ layers }: EnergyReport) {
  const llm = layers.filter(({ section }) => section === "LLM Backbone");
  const numLayers = Math.max(0, ...llm.map(({ layer_idx }) => layer_idx));
  const byRegion = Map.groupBy(llm, ({ layer_idx }) => thirdOf(layer_idx - 1, numLayers));
  return PHASES.flatMap(([phase, key]) => {
    const energy = (entries: typeof llm) =>
      entries.reduce((sum, entry) => sum + entry[key].fro_norm ** 2, 0);
    const total = energy(llm);
    return THIRDS.flatMap((region) => {
      const entries = byRegion.get(region);
      if (!entries) return [];
      return [{
        region,
        phase,
        /** Weight matrices in this third. */
        n_params: entries.length,
        /** Of squared Frobenius norms over the LLM's, 0 to 1; null where the whole update is zero. */
        energy_share: total > 0 ? energy(entries) / total : null,
        /** Of ||delta||_F / ||IN||_F over the matrices. */
        relative_norm_mean: mean(entries.map((entry) => entry[key].relative_norm)),
      }];
    });
  });
}

/** A smaller last singular value counts as this part of the first: an exact 0 has no logarithm. */
const DECAY_FLOOR = 1e-12;

/** How steep a spectrum is: ln(σ₁/σₖ), k the number of singular values kept. */
export function spectrumDecay({ singular_values: values }: SpectrumMetrics): number {
  return -Math.log(Math.max(values[values.length - 1] / values[0], DECAY_FLOOR));
}

/** Shape of each phase's spectra by third of the LLM; zero updates have none and are left out. */
export function spectrumShapes({ layers }: DiversityReport) {
  return PHASES.flatMap(([phase, key]) =>
    THIRDS.flatMap((region) => {
      const spectra = layers
        .filter((entry) => entry.region === region && entry[key].spectral_norm > 0)
        .map((entry) => entry[key]);
      if (spectra.length === 0) return [];
      return [{
        region,
        phase,
        /** Weight matrices in this third whose update is not zero. */
        n_params: spectra.length,
        stable_rank_mean: mean(spectra.map(({ stable_rank }) => stable_rank)),
        effective_rank_mean: mean(spectra.map(({ effective_rank }) => effective_rank)),
        /** Larger is steeper. */
        decay_mean: mean(spectra.map(spectrumDecay)),
      }];
    })
  );
}

/** {@linkcode energyShares} as a frame: region, phase, n_params, energy_share, relative_norm_mean. */
export function energyShareFrame(report: EnergyReport): pl.DataFrame {
  return weightsFrame(energyShares(report), {
    region: "string",
    phase: "string",
    n_params: "int",
    energy_share: "float",
    relative_norm_mean: "float",
  });
}

/**
 * {@linkcode spectrumShapes} as a frame: region, phase, n_params, stable_rank_mean,
 * effective_rank_mean, decay_mean.
 */
export function spectrumShapeFrame(report: DiversityReport): pl.DataFrame {
  return weightsFrame(spectrumShapes(report), {
    region: "string",
    phase: "string",
    n_params: "int",
    stable_rank_mean: "float",
    effective_rank_mean: "float",
    decay_mean: "float",
  });
}
