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
import { chooseData, kindOfReference, showProgress } from "../study/mod.ts";
import { folderName, oneOf, runCommand } from "./command_line.ts";
import {
  DATA_FLAG,
  findModel,
  joinLists,
  MODEL_FLAG,
  RUN_FLAGS,
  runOptions,
} from "./localization_flags.ts";
import { flagsOf, listFlags, optionsOf } from "./option_flags.ts";
import { inShards, SHARD_FLAGS, unlessPart } from "./shard_flags.ts";

function printPlaces({ dataset, places }: ReasoningReport) {
  console.log(`\nAccuracy on ${dataset} without each layer\n`);
  console.log(formatTable(
    places.map(({ layer, ...rest }) => ({ ...rest, layer: layer < 0 ? "baseline" : layer })),
    [
      { key: "layer", label: "layer" },
      { key: "n", label: "n" },
      { key: "accuracy", label: "accuracy" },
      { key: "accuracy_low", label: "low" },
      { key: "accuracy_high", label: "high" },
      { key: "drop", label: "drop" },
      { key: "accuracy_other", label: "other grading" },
      { key: "finished", label: "finished" },
      { key: "undecided", label: "undecided" },
    ],
  ));
}

function datasetsOf(text: string): readonly MathsDataset[] {
  const name = oneOf(text, [...MATHS_DATASETS, "all" as const], "dataset");
  return name === "all" ? MATHS_DATASETS : [name];
}

if (import.meta.main) {
  await runCommand(
    {
      name: "deno task localization-reasoning",
      summary:
        "Leaves out each layer in turn and counts how many maths problems are still solved." +
        "\nWrites the original's files; run again, it goes on.",
      flags: {
        ...MODEL_FLAG,
        dataset: {
          type: "string",
          value: "NAME",
          help: `${MATHS_DATASETS.join(", ")} or all`,
          default: "all",
        },
        ...DATA_FLAG,
        ...flagsOf(REASONING_EXPERIMENT.options),
        run_name: {
          type: "string",
          value: "NAME",
          help: "Folder of the run, in place of the model's name",
        },
        output_dir: {
          type: "string",
          value: "DIR",
          help: "Where runs go",
          default: join("results", "localization_reasoning"),
        },
        ...RUN_FLAGS,
        ...SHARD_FLAGS,
      },
      run: async (flags, signal) => {
        const datasets = datasetsOf(flags.dataset);
        const options = optionsOf(REASONING_EXPERIMENT.options, flags);
        const runName = flags.run_name === undefined
          ? undefined
          : folderName(flags.run_name, "run_name");
        const { memoryBytes, ...run } = runOptions(flags);
        const data = chooseData([flags.model], flags.data);
        using progress = showProgress();
        const { listener: onProgress } = progress;
        const found = await findModel(flags.model, { ...run, onProgress, signal });
        const model = { ...found, kind: kindOfReference(flags.model) };
        const output = join(flags.output_dir, runName ?? modelPathName(model.name));
        const { overwrite } = flags;
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
                  ...{ data, overwrite, memoryBytes, onProgress, ...part },
                })
              );
              if (report) reports.push(report);
            }
            return reports;
          },
        });
        if (reports === null) return;
        const depth = { llmLayers: reports[0].num_layers };
        await reasoningLocalizationFigure(reasoningLocalizationFrame(reports), depth)
          .save(join(output, "accuracy_without_layer"));
        if (reports.some(({ levels }) => levels.length > 0)) {
          await reasoningByLevelFigure(reasoningByLevelFrame(reports), depth)
            .save(join(output, "accuracy_by_level"));
        }
        progress[Symbol.dispose]();
        for (const report of reports) {
          printPlaces(report);
          console.log(
            [basisNote(report.basis), ...disagreementTexts(report.disagreements)].join("\n"),
          );
        }
        console.log(`\nWrote ${output}`);
      },
    },
    joinLists(Deno.args, listFlags(REASONING_EXPERIMENT.options)),
  );
}
