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
  inTurn,
  layersAsked,
  layersOption,
  OPTION_TEXTS,
  type Preparation,
  seedOption,
} from "../../experiments/mod.ts";
import { checkLayers } from "../../model/mod.ts";
import { sampleIndices } from "../../statistics/mod.ts";
import { divergencePass } from "./divergence_rows.ts";
import {
  type AblatedLayer,
  ablationName,
  ABLATIONS,
  type DivergenceRecord,
  divergenceRecordSchema,
  reasoningKey,
  type ReasoningRecord,
  reasoningRecordSchema,
} from "./records.ts";
import { type ReasoningReport, reportReasoning } from "./report.ts";
import { reasoningPass } from "./rows.ts";
import { ablationSummary } from "./summary.ts";
import { AblationSweep, type ReasoningProblem } from "./sweep.ts";

const reasoningOptions = z.strictObject({
  dataset: z.enum(MATHS_DATASETS),
  sampleSize: countOption(100, "Problems drawn"),
  sampleSeed: seedOption(),
  maxNewTokens: countOption(2048, "Longest response"),
  layers: layersOption(),
  ablation: z.enum(["zero", "both"]).default("zero").register(OPTION_TEXTS, {
    help: "What an ablated layer adds: zero, or both zero and, in a second sweep, its mean",
    value: "WAY",
  }),
  klProblems: countOption(25, "Problems over which divergence is taken, the first of those drawn"),
  klTokens: countOption(64, "Tokens of the whole model's answer over which divergence is taken"),
  kind: z.enum(LOCAL_KINDS).optional().register(OPTION_TEXTS, {
    help: "How the model is asked: base, reasoner or revisual; default by recipe, then by name",
    value: "KIND",
  }),
  grading: gradingOption(),
});

/** Path of an experiment's file, relative to the folder. */
const pathOf = (ablated: AblatedLayer, file: string) =>
  join("results", ablationName(ablated), file);

/** Kinds of records. */
type ReasoningRecords = { answers: ReasoningRecord; divergences: DivergenceRecord };

/** Reasoning localization of one model on one data set. */
export const REASONING_EXPERIMENT = defineExperiment({
  name: "localization_reasoning",
  version: 2,
  models: ["model"],
  options: reasoningOptions,
  prepare: async (
    { models: { model }, data, options, ...hub },
  ): Promise<
    Preparation<"model", ReasoningRecords, ReasoningProblem, ReasoningReport>
  > => {
    const { dataset, sampleSize, sampleSeed, maxNewTokens, grading, ablation } = options;
    const { klProblems, klTokens } = options;
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
    const ways = ablation === "both" ? ABLATIONS : ["zero"] as const;
    const sweep = new AblationSweep({ numLayers, layers, ways, kind, reference: problems });
    const label = `reasoning localization, ${dataset}`;
    return {
      samples: problems,
      sampleKey: ({ id }) => id,
      identity: {
        grading: GRADING_VERSION,
        data: { [dataset]: hashJson(problems), sample_size: sampleSize, sample_seed: sampleSeed },
        options: {
          max_new_tokens: maxNewTokens,
          layers,
          ablation,
          kl_problems: klProblems,
          kl_tokens: klTokens,
        },
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
          paths: sweep.cases.map((one) => pathOf(one, answers)),
          pathOf: (record: ReasoningRecord) => pathOf(record, answers),
          schema: reasoningRecordSchema,
          id: reasoningKey,
          sampleOf: ({ id }) => id,
        },
        divergences: {
          paths: ["divergences.jsonl"],
          schema: divergenceRecordSchema,
          id: reasoningKey,
          sampleOf: ({ id }) => id,
        },
      },
      outputs: ["results", "all_results.json", "report.json"],
      passes: ({ answers: records, divergences }) => [{
        model: "model",
        pass: inTurn(
          reasoningPass({ label, sweep, kind, modelName: name, maxNewTokens, records }),
          divergencePass({
            label: `${label}, divergence`,
            ...{ sweep, problems: problems.slice(0, klProblems), referenceTokens: klTokens },
            ...{ answers: records, records: divergences },
          }),
        ),
      }],
      report: (records) => {
        const summaries = sweep.cases.map((one) => ({
          path: pathOf(one, "summary.json"),
          summary: ablationSummary(records.answers, one),
        }));
        const report = reportReasoning(records, {
          ...{ grading, basis, dataset, model: name, layers, numLayers },
        });
        return {
          report,
          files: {
            ...Object.fromEntries(summaries.map(({ path, summary }) => [path, summary])),
            "all_results.json": summaries.map(({ summary }) => summary),
            "report.json": report,
          },
        };
      },
    };
  },
});
