/**
 * `deno task localization-reasoning`: which layers an answer to a maths problem needs.
 *
 * @module
 */
import { join } from "node:path";
import { disagreementTexts } from "../benchmarks/grading/mod.ts";
import { basisNote } from "../basis.ts";
import { MATHS_DATASETS, type MathsDataset } from "../benchmarks/mod.ts";
import { formatTable } from "../figures/mod.ts";
import { modelPathName, runExperiment } from "../experiments/mod.ts";
import {
  REASONING_EXPERIMENT,
  reasoningByLevelFigure,
  reasoningByLevelFrame,
  reasoningLocalizationFigure,
  reasoningLocalizationFrame,
  type ReasoningReport,
} from "../findings/mod.ts";
import { penaltyNotes } from "../penalty_notes.ts";
import { chooseData, kindOfReference } from "../study/mod.ts";
import { runCommand } from "./command_line.ts";
import { useOneGpu } from "./one_gpu.ts";
import { DATA_FLAG, MODEL_FLAG, RECORDING_FLAGS } from "./flags.ts";
import { folderName, oneOf } from "./flag_values.ts";
import { flagsOf, optionsOf } from "./option_flags.ts";
import { findModel, recordingOptions, runOptions } from "./probed_models.ts";
import { inShards, SHARD_FLAGS, unlessPart } from "./shard_flags.ts";

function printPlaces({ dataset, places }: ReasoningReport) {
  console.log(`\nAccuracy on ${dataset} without each layer\n`);
  console.log(
    formatTable(places.map(({ layer, n, accuracy, drop, finished, undecided, ...rest }) => ({
      layer: layer < 0 ? "baseline" : layer,
      ...{ n, accuracy, low: rest.accuracy_low, high: rest.accuracy_high, drop },
      "other grading": rest.accuracy_other,
      ...{ finished, undecided },
    }))),
  );
}

function readDatasets(text: string, flag: string): readonly MathsDataset[] {
  const name = oneOf(text, [...MATHS_DATASETS, "all" as const], flag);
  return name === "all" ? MATHS_DATASETS : [name];
}

if (import.meta.main) {
  await runCommand(
    {
      name: "deno task localization-reasoning",
      resumes: true,
      summary:
        "Leaves out each layer in turn and counts how many maths problems are still solved." +
        "\nWrites the original's files; run again, it goes on.",
      flags: {
        ...MODEL_FLAG,
        dataset: {
          value: "NAME",
          help: `${MATHS_DATASETS.join(", ")} or all`,
          default: "all",
          read: readDatasets,
        },
        ...DATA_FLAG,
        ...flagsOf(REASONING_EXPERIMENT.options),
        run_name: {
          value: "NAME",
          help: "Folder of the run, in place of the model's name",
          read: folderName,
        },
        output_dir: {
          value: "DIR",
          help: "Where runs go",
          default: join("results", "localization_reasoning"),
        },
        ...RECORDING_FLAGS,
        ...SHARD_FLAGS,
      },
      run: async (flags, { signal, onProgress }) => {
        await useOneGpu(flags.gpu);
        const { dataset: datasets } = flags;
        const options = optionsOf(REASONING_EXPERIMENT.options, flags);
        const data = chooseData([flags.model], flags.data);
        const found = await findModel(flags.model, { ...runOptions(flags), onProgress, signal });
        const model = { ...found, kind: kindOfReference(flags.model) };
        const output = join(flags.output_dir, flags.run_name ?? modelPathName(model.name));
        const reports = await inShards(flags, {
          output,
          settings: { model: model.name, data, datasets, ...options },
          device: model.device ?? "cpu",
          signal,
          run: async (part) => {
            const reports: ReasoningReport[] = [];
            for (const dataset of datasets) {
              const report = await unlessPart(() =>
                runExperiment(REASONING_EXPERIMENT, {
                  models: { model },
                  options: { ...options, dataset },
                  ...recordingOptions(flags),
                  ...{ data, onProgress, ...part },
                })
              );
              if (report) reports.push(report);
            }
            return reports;
          },
        });
        if ("shard" in reports) return reports;
        const depth = { llmLayers: reports[0].num_layers };
        const notes = penaltyNotes(flags.repetition_penalty);
        await reasoningLocalizationFigure(reasoningLocalizationFrame(reports), depth)
          .withNotes(notes).save(join(output, "accuracy_without_layer"));
        if (reports.some(({ levels }) => levels.length > 0)) {
          await reasoningByLevelFigure(reasoningByLevelFrame(reports), depth)
            .withNotes(notes).save(join(output, "accuracy_by_level"));
        }
        for (const report of reports) {
          printPlaces(report);
          console.log(
            [basisNote(report.basis), ...disagreementTexts(report.disagreements)].join("\n"),
          );
        }
        console.log(`\nWrote ${output}`);
        return {
          output,
          datasets: reports.map(({ dataset, basis, places }) => ({ dataset, basis, places })),
        };
      },
    },
  );
}
