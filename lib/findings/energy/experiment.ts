/**
 * Energy of the updates as an experiment.
 *
 * @module
 */
import { z } from "zod";
import { ENERGY_ANALYSIS } from "../../spectra/mod.ts";
import { defineWeightExperiment, llmOption } from "../weight_experiment.ts";

/** Frobenius norms of both updates of every weight. */
export const ENERGY_EXPERIMENT = defineWeightExperiment({
  name: "energy",
  version: 2,
  options: z.strictObject({ llmOnly: llmOption() }),
  analysis: ENERGY_ANALYSIS,
});
