/**
 * `deno task localization-reasoning`: which layers an answer to a maths problem needs.
 *
 * @module
 */
import { join } from "node:path";
import { disagreementTexts, GRADINGS } from "../benchmarks/grading/mod.ts";
import { basisNote } from "../basis.ts";
import { LOCAL_KINDS, MATHS_DATASETS, type MathsDataset } from "../benchmarks/mod.ts";
import {
  formatTable,
  reasoningByLevelFigure,
  reasoningLocalizationFigure,
} from "../figures/mod.ts";
import {
  reasoningByLevelFrame,
  reasoningLocalizationFrame,
  type ReasoningReport,
} from "../probing/mod.ts";
import {
  chooseData,
  kindOfReference,
  modelPathName,
  showProgress,
  storedReasoningLocalization,
} from "../study/mod.ts";
import { folderName, oneOf, runCommand, seedOf, wholeNumber } from "./command_line.ts";
import {
  DATA_FLAG,
  findModel,
  GRADING_FLAG,
  joinLists,
  layersOf,
  RUN_FLAGS,
  runOptions,
} from "./localization_flags.ts";

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
        model: {
          type: "string",
          value: "MODEL",
          help: "Folder, or hub id org/name[@revision]",
          required: true,
        },
        dataset: {
          type: "string",
          value: "NAME",
          help: `${MATHS_DATASETS.join(", ")} or all`,
          default: "all",
        },
        ...DATA_FLAG,
        sample_size: { type: "string", value: "N", help: "Problems drawn", default: "100" },
        sample_seed: { type: "string", value: "N", help: "Seed of the draw", default: "123" },
        max_new_tokens: { type: "string", value: "N", help: "Longest response", default: "2048" },
        layers: {
          type: "string",
          value: "LIST",
          help: "Layers, from 0, e.g. 0,4,8-11; default all",
        },
        kind: {
          type: "string",
          value: "KIND",
          help:
            "How the model is asked: base, reasoner or revisual; default by recipe, then by name",
        },
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
        ...GRADING_FLAG,
        ...RUN_FLAGS,
      },
      run: async (flags, signal) => {
        const datasets = datasetsOf(flags.dataset);
        const drawn = {
          sampleSize: wholeNumber(flags.sample_size, "sample_size", { min: 1 }),
          sampleSeed: seedOf(flags.sample_seed, "sample_seed"),
          maxNewTokens: wholeNumber(flags.max_new_tokens, "max_new_tokens", { min: 1 }),
          layers: layersOf(flags.layers),
          kind: flags.kind === undefined
            ? kindOfReference(flags.model)
            : oneOf(flags.kind, LOCAL_KINDS, "kind"),
          grading: oneOf(flags.grading, GRADINGS, "grading"),
        };
        const runName = flags.run_name === undefined
          ? undefined
          : folderName(flags.run_name, "run_name");
        const { memoryBytes, ...run } = runOptions(flags);
        const data = chooseData([flags.model], flags.data);
        using progress = showProgress();
        const { listener: onProgress } = progress;
        const model = await findModel(flags.model, { ...run, onProgress, signal });
        const output = join(flags.output_dir, runName ?? modelPathName(model.name));
        const reports: ReasoningReport[] = [];
        for (const dataset of datasets) {
          reports.push(
            await storedReasoningLocalization(model, {
              output,
              dataset,
              data,
              ...drawn,
              overwrite: flags.overwrite,
              memoryBytes,
              onProgress,
              signal,
            }),
          );
        }
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
    joinLists(Deno.args, ["layers"]),
  );
}
