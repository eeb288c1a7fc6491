/**
 * `deno task localization-vision`: in which layers an answer about an image is decided.
 *
 * @module
 */
import { join } from "node:path";
import { basisNote } from "../basis.ts";
import { formatTable, visionLocalizationFigure, visionStepFigure } from "../figures/mod.ts";
import { visionLocalizationFrame, type VisionReport } from "../probing/mod.ts";
import {
  chooseData,
  modelPathName,
  showProgress,
  storedVisionLocalization,
  VISION_FILES,
} from "../study/mod.ts";
import { runCommand, wholeNumber } from "./command_line.ts";
import {
  DATA_FLAG,
  findModel,
  joinLists,
  layersOf,
  listOf,
  RUN_FLAGS,
  runOptions,
} from "./localization_flags.ts";

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
  console.log(formatTable(rows, [
    { key: "task", label: "task" },
    { key: "accuracy", label: "accuracy unswapped" },
    { key: "peak", label: "peak layer" },
    { key: "rate", label: "change rate" },
    { key: "step", label: "step layer" },
    { key: "size", label: "step" },
  ]));
  const { control, receipts } = report;
  console.log(
    `\nControl: ${control.changed} of ${control.pairs} answers changed by an image swapped with ` +
      `itself. ${receipts.swaps} swaps fired, smallest change ${receipts.smallest_swap_norm}.`,
  );
}

if (import.meta.main) {
  await runCommand(
    {
      name: "deno task localization-vision",
      summary:
        "Swaps an image's visual tokens for another image's from each layer on, and counts " +
        "how often the answer\nchanges. Writes the original's files; run again, it goes on.",
      flags: {
        model: {
          type: "string",
          value: "MODEL",
          help: "Folder, or hub id org/name[@revision]",
          required: true,
        },
        tasks: {
          type: "string",
          value: "LIST",
          help: "Of counting, ocr, grounding, recognition; default all that the data have",
        },
        layers: {
          type: "string",
          value: "LIST",
          help: "Layers, from 0, e.g. 0,4,8-11; default all",
        },
        num_samples: { type: "string", value: "N", help: "Pairs of each task", default: "50" },
        max_new_tokens: { type: "string", value: "N", help: "Longest answer", default: "64" },
        ...DATA_FLAG,
        output_dir: {
          type: "string",
          value: "DIR",
          help: "Where results go; default results/localization_vision/MODEL",
        },
        ...RUN_FLAGS,
      },
      run: async (flags, signal) => {
        const drawn = {
          tasks: listOf(flags.tasks),
          layers: layersOf(flags.layers),
          numSamples: wholeNumber(flags.num_samples, "num_samples", { min: 1 }),
          maxNewTokens: wholeNumber(flags.max_new_tokens, "max_new_tokens", { min: 1 }),
        };
        const { memoryBytes, ...run } = runOptions(flags);
        const data = chooseData([flags.model], flags.data);
        using progress = showProgress();
        const { listener: onProgress } = progress;
        const model = await findModel(flags.model, { ...run, onProgress, signal });
        const output = flags.output_dir ??
          join("results", "localization_vision", modelPathName(model.name));
        const report = await storedVisionLocalization(model, {
          output,
          data,
          ...drawn,
          overwrite: flags.overwrite,
          memoryBytes,
          onProgress,
          signal,
        });
        const frame = visionLocalizationFrame(report);
        const depth = { llmLayers: report.num_layers };
        await visionLocalizationFigure(frame, depth).save(join(output, "layer_swap_change_rates"));
        await visionStepFigure(frame, depth).save(join(output, "layer_swap_steps"));
        progress[Symbol.dispose]();
        printPeaks(report);
        console.log(basisNote(report.basis));
        console.log(`\nWrote ${join(output, VISION_FILES.summary)} and figures beside it`);
      },
    },
    joinLists(Deno.args, ["tasks", "layers"]),
  );
}
