/**
 * `deno task characterisation-energy`: Frobenius energy of the IN and RL updates.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { energyFigure } from "../findings/mod.ts";
import { energySummaryFrame } from "../spectra/mod.ts";
import { resolveTriple, storedEnergy } from "../study/mod.ts";
import { runCommand } from "./command_line.ts";
import { TRIPLE_FLAGS } from "./flags.ts";
import { inShards, SHARD_FLAGS } from "./shard_flags.ts";
import { sectionMeans } from "./section_means.ts";

if (import.meta.main) {
  await runCommand({
    name: "deno task characterisation-energy",
    resumes: true,
    summary: "Frobenius norm of every weight's update, Base -> IN (sft) and IN -> RL, as JSON in " +
      "the original's\nlayout, and a figure of it beside the JSON.",
    flags: {
      ...TRIPLE_FLAGS,
      output: { value: "FILE", help: "JSON to write", default: "fro_norm.json" },
      llm: { help: "Analyse the language model's layers only" },
      overwrite: { help: "Replace whatever stands at FILE and beside it" },
      ...SHARD_FLAGS,
    },
    run: async (flags, { signal, onProgress }) => {
      const { base, sft, rl, output, llm, overwrite } = flags;
      const { folders, modelNames } = await resolveTriple({ base, sft, rl }, {
        onProgress,
        signal,
      });
      const drawn = output.replace(/\.json$/, "");
      const report = await inShards(flags, {
        output: dirname(output),
        settings: { models: modelNames, llm },
        device: "cpu",
        signal,
        run: (part) =>
          storedEnergy(folders, {
            path: join(part.output, basename(output)),
            beside: [`${drawn}.svg`, `${drawn}.png`],
            overwrite,
            llmOnly: llm,
            modelNames,
            onProgress,
            ...part,
          }),
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
