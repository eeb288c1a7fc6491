/**
 * `deno task characterisation-diversity compute|plot`: singular value spectra of the IN and RL
 * updates.
 *
 * @module
 */
import { join } from "node:path";
import { readReport } from "../read_report.ts";
import {
  effectiveRankFigure,
  logVolumeFigure,
  normalizedSpectraFigure,
  spectralNormFigure,
  stableRankFigure,
} from "../findings/mod.ts";
import {
  diversityReportSchema,
  diversitySummaryFrame,
  representativeSpectraFrame,
} from "../spectra/mod.ts";
import { resolveTriple, showProgress, storedDiversity } from "../study/mod.ts";
import { runCommand, runSubcommand, wholeNumber } from "./command_line.ts";
import { printSectionMeans, TRIPLE_FLAGS } from "./triple_flags.ts";

const NAME = "deno task characterisation-diversity";

const compute = (args: string[]) =>
  runCommand({
    name: `${NAME} compute`,
    summary:
      "All singular values of every weight matrix' update, Base -> IN (sft) and IN -> RL, and\n" +
      "what is read off them, as JSON in the original's layout.",
    flags: {
      ...TRIPLE_FLAGS,
      output: {
        type: "string",
        value: "FILE",
        help: "JSON to write",
        default: "layerwise_svd.json",
      },
      topk: { type: "string", value: "K", help: "Singular values to keep of each", default: "50" },
      "weight-filter": { type: "string", value: "S", help: "Only names that contain S" },
      llm: { type: "boolean", help: "Analyse the language model's layers only" },
      overwrite: { type: "boolean", help: "Replace whatever stands at FILE" },
    },
    run: async (flags, signal) => {
      const { base, sft, rl, output, topk, "weight-filter": weightFilter, llm, overwrite } = flags;
      const top = wholeNumber(topk, "topk", { min: 1 });
      using progress = showProgress();
      const { listener: onProgress } = progress;
      const { folders, modelNames } = await resolveTriple({ base, sft, rl }, {
        onProgress,
        signal,
      });
      const report = await storedDiversity(folders, {
        path: output,
        overwrite,
        topk: top,
        weightFilter,
        llmOnly: llm,
        modelNames,
        onProgress,
        signal,
      });
      progress[Symbol.dispose]();
      printSectionMeans(report.layers, "stable_rank");
      console.log(`\nWrote ${output}. Its figures: ${NAME} plot --input ${output}`);
    },
  }, args);

const plot = (args: string[]) =>
  runCommand({
    name: `${NAME} plot`,
    summary:
      "The five figures of a diversity report, ours or the original's own JSON, as SVG and PNG.",
    flags: {
      input: { type: "string", value: "FILE", help: "JSON that compute wrote", required: true },
      "output-dir": { type: "string", value: "DIR", help: "Where to write", default: "svd_plots" },
    },
    run: async ({ input, "output-dir": folder }) => {
      const report = await readReport(input, diversityReportSchema);
      const summary = diversitySummaryFrame(report);
      const figures = {
        spectral_norm_comparison: spectralNormFigure(summary),
        stable_rank_comparison: stableRankFigure(summary),
        effective_rank_comparison: effectiveRankFigure(summary),
        log_volume_comparison: logVolumeFigure(summary),
        svd_spectrum_comparison: normalizedSpectraFigure(representativeSpectraFrame(report)),
      };
      for (const [name, figure] of Object.entries(figures)) {
        console.log(`Wrote ${(await figure.save(join(folder, name))).join(", ")}`);
      }
    },
  }, args);

if (import.meta.main) await runSubcommand(NAME, { compute, plot });
