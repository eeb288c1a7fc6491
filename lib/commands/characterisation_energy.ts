/**
 * `deno task characterisation-energy`: Frobenius energy of the IN and RL updates.
 *
 * @module
 */
import { ENERGY_EXPERIMENT, energyFigure } from "../findings/mod.ts";
import { energySummaryFrame } from "../spectra/mod.ts";
import { runCommand } from "./command_line.ts";
import { TRIPLE_FLAGS } from "./flags.ts";
import { flagsOf } from "./option_flags.ts";
import { SHARD_FLAGS } from "./shard_flags.ts";
import { sectionMeans } from "./section_means.ts";
import { analyseWeights } from "./weight_analysis.ts";

if (import.meta.main) {
  await runCommand({
    name: "deno task characterisation-energy",
    resumes: true,
    summary: "Frobenius norm of every weight's update, Base -> IN (sft) and IN -> RL, as JSON in " +
      "the original's\nlayout, and a figure of it beside the JSON.",
    flags: {
      ...TRIPLE_FLAGS,
      output: { value: "FILE", help: "JSON to write", default: "fro_norm.json" },
      ...flagsOf(ENERGY_EXPERIMENT.options),
      overwrite: { help: "Replace whatever stands at FILE and beside it" },
      ...SHARD_FLAGS,
    },
    run: async (flags, { signal, onProgress }) => {
      const { output } = flags;
      const drawn = output.replace(/\.json$/, "");
      const beside = [`${drawn}.svg`, `${drawn}.png`];
      const report = await analyseWeights(ENERGY_EXPERIMENT, flags, {
        ...{ beside, signal, onProgress },
      });
      if ("shard" in report) return report;
      const figure = energyFigure(energySummaryFrame(report));
      const files = await figure.save(drawn);
      const means = sectionMeans(report.layers, "fro_norm");
      console.log(`\nWrote ${[output, ...files].join(", ")}`);
      return { files: [output, ...files], fro_norm: means };
    },
  });
}
