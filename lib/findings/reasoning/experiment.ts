/**
 * Reasoning localization as an experiment, in the original's files.
 *
 * @module
 */
import { join } from "node:path";
import { z } from "zod";
import {
  benchmarkTitle,
  findBenchmark,
  loadMaths,
  LOCAL_KINDS,
  MATHS_DATASETS,
  modelKind,
} from "../../benchmarks/mod.ts";
import {
  countOption,
  defineExperiment,
  GRADING_VERSION,
  gradingOption,
  hashJson,
  layersAsked,
  layersOption,
  OPTION_TEXTS,
  type Preparation,
  seedOption,
} from "../../experiments/mod.ts";
import { checkLayers } from "../../model/mod.ts";
import { sampleIndices } from "../../statistics/mod.ts";
import {
  ablationName,
  reasoningKey,
  type ReasoningRecord,
  reasoningRecordSchema,
} from "./records.ts";
import { ablationSummary, type ReasoningReport, reportReasoning } from "./report.ts";
import { reasoningPass, type ReasoningProblem } from "./rows.ts";

const reasoningOptions = z.strictObject({
  dataset: z.enum(MATHS_DATASETS),
  sampleSize: countOption(100, "Problems drawn"),
  sampleSeed: seedOption(),
  maxNewTokens: countOption(2048, "Longest response"),
  layers: layersOption(),
  kind: z.enum(LOCAL_KINDS).optional().register(OPTION_TEXTS, {
    help: "How the model is asked: base, reasoner or revisual; default by recipe, then by name",
    value: "KIND",
  }),
  grading: gradingOption(),
});

/** Path of an experiment's file, relative to the folder. */
const pathOf = (layer: number, file: string) => join("results", ablationName(layer), file);

/** Reasoning localization of one model on one data set. */
export const REASONING_EXPERIMENT = defineExperiment({
  name: "localization_reasoning",
  version: 1,
  models: ["model"],
  options: reasoningOptions,
  prepare: async (
    { models: { model }, data, options, ...hub },
  ): Promise<
    Preparation<"model", { answers: ReasoningRecord }, ReasoningProblem, ReasoningReport>
  > => {
    const { dataset, sampleSize, sampleSeed, maxNewTokens, grading } = options;
    const { name, numLayers } = model;
    const layers = layersAsked(options.layers, numLayers);
    checkLayers(layers, numLayers, "ablate");
    const kind = modelKind(name, options.kind ?? model.kind);
    const { source, path } = await findBenchmark(dataset, data, hub);
    const all = await loadMaths(dataset, path);
    const problems: ReasoningProblem[] = sampleIndices(all.length, {
      size: sampleSize,
      seed: sampleSeed,
    }).map((i) => all[i]);
    const basis = {
      [dataset]: {
        benchmark: benchmarkTitle(dataset),
        data: source,
        n: problems.length,
        grader: "rules",
        describer: null,
      },
    };
    const answers = `${dataset}.jsonl`;
    const experiments = [-1, ...layers];
    return {
      samples: problems,
      sampleKey: ({ id }) => id,
      identity: {
        grading: GRADING_VERSION,
        data: { [dataset]: hashJson(problems), sample_size: sampleSize, sample_seed: sampleSeed },
        options: { max_new_tokens: maxNewTokens, layers },
      },
      kinds: { model: kind },
      basis,
      folder: dataset,
      runFile: "config.json",
      texts: {
        [join("splits", `${dataset}_seed${sampleSeed}_n${sampleSize}.jsonl`)]: problems
          .map(({ id }) => JSON.stringify({ id }) + "\n").join(""),
      },
      records: {
        answers: {
          paths: experiments.map((layer) => pathOf(layer, answers)),
          pathOf: ({ ablated_layer }: ReasoningRecord) => pathOf(ablated_layer, answers),
          schema: reasoningRecordSchema,
          id: reasoningKey,
          sampleOf: ({ id }) => id,
        },
      },
      outputs: ["results", "all_results.json", "report.json"],
      passes: ({ answers: records }) => [{
        model: "model",
        pass: reasoningPass({
          label: `reasoning localization, ${dataset}`,
          ...{ numLayers, layers, kind, modelName: name, maxNewTokens, records },
        }),
      }],
      report: ({ answers: records }) => {
        const summaries = experiments.map((layer) => ablationSummary(records, layer));
        const report = reportReasoning(records, {
          ...{ grading, basis, dataset, model: name, layers, numLayers },
        });
        return {
          report,
          files: {
            ...Object.fromEntries(
              summaries.map((one) => [pathOf(one.ablated_layer, "summary.json"), one]),
            ),
            "all_results.json": summaries,
            "report.json": report,
          },
        };
      },
    };
  },
});
