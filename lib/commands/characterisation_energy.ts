/**
 * `deno task characterisation-energy`: Frobenius energy of the IN and RL updates.
 *
 * @module
 */
import { ENERGY_EXPERIMENT, energyFigure } from "../findings/mod.ts";
import { energySummaryFrame } from "../spectra/mod.ts";
import { runCommand } from "./command_line.ts";
import { flagsOf } from "./option_flags.ts";
import { analyseWeights, sectionMeans, WEIGHT_FLAGS } from "./weight_analysis.ts";

if (import.meta.main) {
  await runCommand({
    name: "deno task characterisation-energy",
    resumes: true,
    summary: "Frobenius norm of every weight's update, Base -> IN (sft) and IN -> RL, as JSON in " +
      "the original's\nlayout, and a figure of it beside the JSON.",
    flags: {
      ...WEIGHT_FLAGS,
      output: { value: "FILE", help: "JSON to write", default: "fro_norm.json" },
      ...flagsOf(ENERGY_EXPERIMENT.options),
      overwrite: { help: "Replace whatever stands at FILE and beside it" },
    },
    run: async (flags, context) => {
      const { output } = flags;
      const drawn = output.replace(/\.json$/, "");
      const beside = [`${drawn}.svg`, `${drawn}.png`];
      const report = await analyseWeights(ENERGY_EXPERIMENT, flags, { ...context, beside });
      if ("shard" in report) return report;
      const figure = energyFigure(energySummaryFrame(report));
      const files = await figure.save(drawn);
      const means = sectionMeans(report.layers, "fro_norm");
      console.log(`\nWrote ${[output, ...files].join(", ")}`);
      return { files: [output, ...files], fro_norm: means };
    },
  });
}
