/**
 * `deno task localization-vision`: in which layers an answer about an image is decided.
 *
 * @module
 */
import { join } from "node:path";
import { basisNote } from "../basis.ts";
import { formatTable } from "../figures/mod.ts";
import { modelPathName, runExperiment } from "../experiments/mod.ts";
import {
  VISION_EXPERIMENT,
  VISION_FILES,
  visionLocalizationFigure,
  visionLocalizationFrame,
  type VisionReport,
  visionStepFigure,
} from "../findings/mod.ts";
import { penaltyNotes } from "../penalty_notes.ts";
import { chooseData } from "../study/mod.ts";
import { runCommand } from "./command_line.ts";
import { useOneGpu } from "./one_gpu.ts";
import { DATA_FLAG, MODEL_FLAG, RECORDING_FLAGS } from "./flags.ts";
import { flagsOf, optionsOf } from "./option_flags.ts";
import { findModel, recordingOptions, runOptions } from "./probed_models.ts";
import { inShards, SHARD_FLAGS } from "./shard_flags.ts";

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
        ...DATA_FLAG,
        output_dir: {
          value: "DIR",
          help: "Where results go; default results/localization_vision/MODEL",
        },
        ...RECORDING_FLAGS,
        ...SHARD_FLAGS,
      },
      run: async (flags, { signal, onProgress }) => {
        await useOneGpu(flags.gpu);
        const options = optionsOf(VISION_EXPERIMENT.options, flags);
        const data = chooseData([flags.model], flags.data);
        const model = await findModel(flags.model, { ...runOptions(flags), onProgress, signal });
        const output = flags.output_dir ??
          join("results", "localization_vision", modelPathName(model.name));
        const report = await inShards(flags, {
          output,
          settings: { model: model.name, data, ...options },
          device: model.device ?? "cpu",
          signal,
          run: (part) =>
            runExperiment(VISION_EXPERIMENT, {
              models: { model },
              ...recordingOptions(flags),
              ...{ data, options, onProgress, ...part },
            }),
        });
        if ("shard" in report) return report;
        const frame = visionLocalizationFrame(report);
        const depth = { llmLayers: report.num_layers };
        const notes = penaltyNotes(flags.repetition_penalty);
        await visionLocalizationFigure(frame, depth).withNotes(notes)
          .save(join(output, "change_rates_plot"));
        await visionStepFigure(frame, depth).withNotes(notes)
          .save(join(output, "layer_swap_steps"));
        const peaks = printPeaks(report);
        console.log(basisNote(report.basis));
        console.log(`\nWrote ${join(output, VISION_FILES.summary)} and figures beside it`);
        return { output, basis: report.basis, peaks };
      },
    },
  );
}
