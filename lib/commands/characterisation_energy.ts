/**
 * `deno task characterisation-energy`: Frobenius energy of the IN and RL updates.
 *
 * @module
 */
import { energyFigure } from "../findings/mod.ts";
import { energySummaryFrame } from "../spectra/mod.ts";
import { resolveTriple, showProgress, storedEnergy } from "../study/mod.ts";
import { runCommand } from "./command_line.ts";
import { printSectionMeans, TRIPLE_FLAGS } from "./triple_flags.ts";

if (import.meta.main) {
  await runCommand({
    name: "deno task characterisation-energy",
    summary: "Frobenius norm of every weight's update, Base -> IN (sft) and IN -> RL, as JSON in " +
      "the original's\nlayout, and a figure of it beside the JSON.",
    flags: {
      ...TRIPLE_FLAGS,
      output: { type: "string", value: "FILE", help: "JSON to write", default: "fro_norm.json" },
      llm: { type: "boolean", help: "Analyse the language model's layers only" },
      overwrite: { type: "boolean", help: "Replace whatever stands at FILE and beside it" },
    },
    run: async ({ base, sft, rl, output, llm, overwrite }, signal) => {
      using progress = showProgress();
      const { listener: onProgress } = progress;
      const { folders, modelNames } = await resolveTriple({ base, sft, rl }, {
        onProgress,
        signal,
      });
      const drawn = output.replace(/\.json$/, "");
      const report = await storedEnergy(folders, {
        path: output,
        beside: [`${drawn}.svg`, `${drawn}.png`],
        overwrite,
        llmOnly: llm,
        modelNames,
        onProgress,
        signal,
      });
      const figure = energyFigure(energySummaryFrame(report));
      const files = await figure.save(drawn);
      progress[Symbol.dispose]();
      printSectionMeans(report.layers, "fro_norm");
      console.log(`\nWrote ${[output, ...files].join(", ")}`);
    },
  });
}
