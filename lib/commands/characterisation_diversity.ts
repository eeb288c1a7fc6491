/**
 * `deno task characterisation-diversity compute|plot`: singular value spectra of the IN and RL
 * updates.
 *
 * @module
 */
import { join } from "node:path";
import { readReport } from "../read_report.ts";
import {
  DIVERSITY_EXPERIMENT,
  effectiveRankFigure,
  logVolumeFigure,
  normalizedSpectraFigure,
  spectralNormFigure,
  stableRankFigure,
  updateAnglesFigure,
} from "../findings/mod.ts";
import {
  diversityReportSchema,
  diversitySummaryFrame,
  representativeSpectraFrame,
  updateAnglesFrame,
} from "../spectra/mod.ts";
import { runCommand, runSubcommand } from "./command_line.ts";
import { flagsOf } from "./option_flags.ts";
import { analyseWeights, sectionMeans, WEIGHT_FLAGS } from "./weight_analysis.ts";

const NAME = "deno task characterisation-diversity";

const compute = (args: string[]) =>
  runCommand({
    name: `${NAME} compute`,
    resumes: true,
    summary:
      "All singular values of every weight matrix' update, Base -> IN (sft) and IN -> RL, and\n" +
      "what is read off them, as JSON in the original's layout.",
    flags: {
      ...WEIGHT_FLAGS,
      output: { value: "FILE", help: "JSON to write", default: "layerwise_svd.json" },
      ...flagsOf(DIVERSITY_EXPERIMENT.options),
      overwrite: { help: "Replace whatever stands at FILE" },
    },
    run: async (flags, context) => {
      const { output } = flags;
      const report = await analyseWeights(DIVERSITY_EXPERIMENT, flags, context);
      if ("shard" in report) return report;
      const means = sectionMeans(report.layers, "stable_rank");
      console.log(`\nWrote ${output}. Its figures: ${NAME} plot --input ${output}`);
      return { files: [output], stable_rank: means };
    },
  }, args);

const plot = (args: string[]) =>
  runCommand({
    name: `${NAME} plot`,
    summary:
      "The figures of a diversity report, ours or the original's own JSON, as SVG and PNG; that of\n" +
      "both updates' directions from ours only.",
    flags: {
      input: { value: "FILE", help: "JSON that compute wrote", required: true },
      output_dir: { value: "DIR", help: "Where to write", default: "svd_plots" },
    },
    run: async ({ input, output_dir: folder }) => {
      const report = await readReport(input, diversityReportSchema);
      const summary = diversitySummaryFrame(report);
      const figures = {
        spectral_norm_comparison: spectralNormFigure(summary),
        stable_rank_comparison: stableRankFigure(summary),
        effective_rank_comparison: effectiveRankFigure(summary),
        log_volume_comparison: logVolumeFigure(summary),
        svd_spectrum_comparison: normalizedSpectraFigure(representativeSpectraFrame(report)),
        ...(report.layers.some(({ angles }) => angles !== undefined) && {
          update_angles: updateAnglesFigure(updateAnglesFrame(report)),
        }),
      };
      const files: string[] = [];
      for (const [name, figure] of Object.entries(figures)) {
        const saved = await figure.save(join(folder, name));
        console.log(`Wrote ${saved.join(", ")}`);
        files.push(...saved);
      }
      return { files };
    },
  }, args);

if (import.meta.main) await runSubcommand(NAME, { compute, plot });
