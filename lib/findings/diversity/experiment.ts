/**
 * Spectra of the updates as an experiment.
 *
 * @module
 */
import { z } from "zod";
import { countOption, OPTION_TEXTS } from "../../experiments/mod.ts";
import { DIVERSITY_ANALYSIS } from "../../spectra/mod.ts";
import { defineWeightExperiment, llmOption } from "../weight_experiment.ts";

/** Singular values of both updates of every weight matrix. */
export const DIVERSITY_EXPERIMENT = defineWeightExperiment({
  name: "diversity",
  version: 2,
  options: z.strictObject({
    llmOnly: llmOption(),
    topk: countOption(50, "Singular values to keep of each"),
    weightFilter: z.string().optional().register(OPTION_TEXTS, {
      help: "Only names that contain S",
      value: "S",
    }),
  }),
  analysis: DIVERSITY_ANALYSIS,
});
