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
import { modelPathName } from "../experiments/mod.ts";
import {
  REASONING_EXPERIMENT,
  reasoningByLevelFigure,
  reasoningByLevelFrame,
  reasoningLocalizationFigure,
  reasoningLocalizationFrame,
  type ReasoningReport,
} from "../findings/mod.ts";
import { runCommand } from "./command_line.ts";
import { MODEL_FLAG } from "./flags.ts";
import { folderName, oneOf } from "./flag_values.ts";
import { flagsOf } from "./option_flags.ts";
import { probe, PROBE_FLAGS, saveFigures } from "./probed_models.ts";

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
        ...PROBE_FLAGS,
      },
      run: async (flags, context) => {
        const done = await probe(REASONING_EXPERIMENT, { model: flags.model }, flags, {
          ...context,
          folder: ({ model }) =>
            join(flags.output_dir, flags.run_name ?? modelPathName(model.name)),
          each: flags.dataset.map((dataset) => ({ dataset })),
        });
        if ("shard" in done) return done;
        const { output, reports } = done;
        const depth = { llmLayers: reports[0].num_layers };
        const frame = reasoningLocalizationFrame(reports);
        const hasLevels = reports.some(({ levels }) => levels.length > 0);
        await saveFigures(output, {
          accuracy_without_layer: reasoningLocalizationFigure(frame, depth),
          ...hasLevels && {
            accuracy_by_level: reasoningByLevelFigure(reasoningByLevelFrame(reports), depth),
          },
        }, flags);
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
