/**
 * `deno task localization-vision`: in which layers an answer about an image is decided.
 *
 * @module
 */
import { join } from "node:path";
import { basisNote } from "../basis.ts";
import { formatTable } from "../figures/mod.ts";
import { modelPathName } from "../experiments/mod.ts";
import {
  VISION_EXPERIMENT,
  VISION_FILES,
  visionLocalizationFigure,
  visionLocalizationFrame,
  type VisionReport,
  visionStepFigure,
} from "../findings/mod.ts";
import { runCommand } from "./command_line.ts";
import { MODEL_FLAG } from "./flags.ts";
import { flagsOf } from "./option_flags.ts";
import { probe, PROBE_FLAGS, saveFigures } from "./probed_models.ts";

/** Prints where each task's answers change most, and returns it. */
function printPeaks(report: VisionReport) {
  const rows = report.tasks.map((task) => {
    const rates = report.change_rates[task];
    const [peak, step] = [report.peak_layers[task], report.step_peak_layers[task]];
    const place = report.places.find((at) => at.task === task && at.layer === step);
    return {
      task,
      accuracy: report.baseline_accuracy[task],
      peak,
      rate: rates[peak],
      step,
      size: place?.step ?? null,
    };
  });
  console.log("Peak layer of each task: largest change rate, and largest step of it\n");
  console.log(formatTable(rows.map((row) => ({
    task: row.task,
    "accuracy unswapped": row.accuracy,
    "peak layer": row.peak,
    "change rate": row.rate,
    "step layer": row.step,
    step: row.size,
  }))));
  const { control, receipts } = report;
  console.log(
    `\nControl: ${control.changed} of ${control.pairs} answers changed by an image swapped with ` +
      `itself. ${receipts.swaps} swaps fired, smallest change ${receipts.smallest_swap_norm}.`,
  );
  return rows;
}

if (import.meta.main) {
  await runCommand(
    {
      name: "deno task localization-vision",
      resumes: true,
      summary:
        "Swaps an image's visual tokens for another image's from each layer on, and counts " +
        "how often the answer\nchanges. Writes the original's files; run again, it goes on.",
      flags: {
        ...MODEL_FLAG,
        ...flagsOf(VISION_EXPERIMENT.options),
        output_dir: {
          value: "DIR",
          help: "Where results go; default results/localization_vision/MODEL",
        },
        ...PROBE_FLAGS,
      },
      run: async (flags, context) => {
        const done = await probe(VISION_EXPERIMENT, { model: flags.model }, flags, {
          ...context,
          folder: ({ model }) =>
            flags.output_dir ?? join("results", "localization_vision", modelPathName(model.name)),
        });
        if ("shard" in done) return done;
        const { output, reports: [report] } = done;
        const frame = visionLocalizationFrame(report);
        const depth = { llmLayers: report.num_layers };
        await saveFigures(output, {
          change_rates_plot: visionLocalizationFigure(frame, depth),
          layer_swap_steps: visionStepFigure(frame, depth),
        }, flags);
        const peaks = printPeaks(report);
        console.log(basisNote(report.basis));
        console.log(`\nWrote ${join(output, VISION_FILES.summary)} and figures beside it`);
        return { output, basis: report.basis, peaks };
      },
    },
  );
}
