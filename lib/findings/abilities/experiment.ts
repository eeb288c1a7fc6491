/**
 * The transferability experiments as an experiment, in the original's files: models, and merges of
 * their layers, are asked the questions of three abilities.
 *
 * @module
 */
import { join } from "node:path";
import { z } from "zod";
import { appendText } from "../../atomic_write.ts";
import { MAX_PROMPT_PIXELS } from "../../benchmarks/mod.ts";
import { benchmarkOf, EXPERIMENT_TYPES, EXPERIMENTS, isDescribed } from "./experiment_types.ts";
import { type AbilityRecord, abilityRecordSchema } from "./records.ts";
import { type AbilityReport, reportAbilities } from "./report.ts";
import {
  countOption,
  defineExperiment,
  flagName,
  GRADING_VERSION,
  gradingOption,
  numberOption,
  OPTION_TEXTS,
  type Preparation,
  seedOption,
} from "../../experiments/mod.ts";
import { isFolder } from "../../paths.ts";
import type { AnswerJudge, ImageDescriber, LocalEvaluatorOptions } from "../../serving/mod.ts";
import { answerPass } from "./answers.ts";
import { ABILITY_FILES, recordsPath, splitPath } from "./folder.ts";
import { judgePass, writeSummaries } from "./grading.ts";
import { type AbilityModel, ownFolderOf, placeModels } from "./model.ts";
import {
  answerKey,
  askedKey,
  type AskedQuestion,
  describePass,
  findQuestions,
  hashSamples,
} from "./questions.ts";
import { copyPass, reusePass } from "./reuse.ts";

/** Options of the transferability experiments. */
export const abilityOptions = z.strictObject({
  experimentType: z.enum(EXPERIMENT_TYPES).default("v1").register(OPTION_TEXTS, {
    help: "v1: the paper's experiments; v2: finer splits",
    value: "TYPE",
  }),
  sampleSize: countOption(100, "Samples of each experiment"),
  sampleSeed: seedOption(),
  maxNewTokens: countOption(2048, "Longest response"),
  temperature: numberOption(z.number().min(0), 0, { help: "0 is greedy", value: "T" }),
  inferenceTimeout: numberOption(z.number().positive(), 1200, {
    help: "Seconds after which an answer is cut off and counts as wrong",
    value: "S",
  }),
  grading: gradingOption(),
});

/** What a transferability run works with. */
export interface AbilitySetting {
  /**
   * From `AbilityModels`, which must stay open meanwhile. Those of a group answer in the same batches;
   * answers of other groups, and of models that join the run later, change nothing of theirs.
   */
  groups: readonly (readonly AbilityModel[])[];
  /** How models of this machine are run. */
  run?: LocalEvaluatorOptions;
  /** Decides which answers are right, where the rules otherwise do. */
  judge?: AnswerJudge;
  /** Describes images in words, where the dataset's own descriptions are otherwise shown. */
  describer?: ImageDescriber;
  /** Folder of an earlier run whose cache, samples and agreeing records are taken over. */
  reuseFrom?: string;
  /** More to say in config.json. */
  config?: Readonly<Record<string, unknown>>;
}

/**
 * The transferability experiments on models. Further models may be added to a run; what it has is
 * not asked again.
 */
export function abilityExperiment(
  { groups, run = {}, judge, describer, reuseFrom, config = {} }: AbilitySetting,
) {
  const version = 1;
  return defineExperiment({
    name: "transferability",
    version,
    models: [],
    options: abilityOptions,
    prepare: async (
      { options, keyed, earlier, ...where },
    ): Promise<Preparation<never, { answers: AbilityRecord }, AskedQuestion, AbilityReport>> => {
      const { experimentType, sampleSize, sampleSeed, maxNewTokens } = options;
      const { temperature, grading } = options;
      if (reuseFrom !== undefined && !isFolder(reuseFrom)) {
        throw new Error(`Cannot reuse ${reuseFrom}: there is no such folder`);
      }
      const lists = placeModels(groups, { keyed });
      const placed = lists.flat();
      const { samples, sources, notRun } = await findQuestions(EXPERIMENTS[experimentType], {
        ...where,
        ...{ sampleSize, sampleSeed },
        described: describer !== undefined,
        runs: [...earlier === null ? [] : [earlier], ...reuseFrom === undefined ? [] : [reuseFrom]],
      });
      const grader = judge?.model ?? "rules";
      const describedBy = describer?.model ?? "dataset";
      const basis = Object.fromEntries([...samples].map(([experiment, questions]) => [
        experiment.ability,
        {
          benchmark: benchmarkOf(experiment),
          data: sources[experiment.dataset],
          n: questions.length,
          grader,
          describer: experiment.settings.some(isDescribed) ? describedBy : null,
        },
      ]));
      const identity = {
        grading: GRADING_VERSION,
        data: {
          ...hashSamples(samples, !describer),
          sample_size: sampleSize,
          sample_seed: sampleSeed,
          descriptions: describer?.identity ?? "dataset",
        },
        options: { experiment_type: experimentType, max_new_tokens: maxNewTokens, temperature },
      };
      const places = new Map(placed.map(({ name, results }) => [name, results]));
      const settings = [...samples.keys()].flatMap(({ name, settings }) =>
        settings.map((setting) => [name, setting.name] as const)
      );
      return {
        samples: [...samples].flatMap(([experiment, questions]) =>
          questions.map((question) => ({ experiment, question }))
        ),
        sampleKey: ({ experiment, question }) => askedKey(experiment.name, question.id),
        identity,
        basis,
        about: {
          ...config,
          ...Object.fromEntries(
            Object.entries(options).map(([option, value]) => [flagName(option), value]),
          ),
          max_image_pixels: MAX_PROMPT_PIXELS,
          not_run: notRun,
        },
        runFile: ABILITY_FILES.config,
        ownFolders: placed.map(ownFolderOf),
        texts: Object.fromEntries([...samples].map(([experiment, questions]) => [
          splitPath(experiment, { sampleSeed, sampleSize }),
          questions.map(({ id }) => JSON.stringify({ id }) + "\n").join(""),
        ])),
        records: {
          answers: {
            paths: placed.flatMap(({ results }) =>
              settings.map(([experiment, setting]) => recordsPath(results, experiment, setting))
            ),
            pathOf: ({ model, dataset, setting }) =>
              recordsPath(places.get(model)!, dataset, setting),
            schema: abilityRecordSchema,
            id: answerKey,
            sampleOf: ({ dataset, id }) => askedKey(dataset, id),
          },
        },
        outputs: [
          ...[ABILITY_FILES.results, ABILITY_FILES.splits, ABILITY_FILES.metrics],
          ABILITY_FILES.log,
        ],
        passes: ({ answers: records }, folder) => {
          const log = (...lines: string[]) =>
            appendText(
              join(folder, ABILITY_FILES.log),
              lines.map((line) => `${line}\n`).join(""),
            );
          log(
            "=".repeat(60),
            `Run: ${folder}`,
            `Experiment type: ${experimentType}, ${placed.length} models, ${sampleSize} samples, ` +
              `seed ${sampleSeed}`,
            `Descriptions: ${describedBy}, grading: ${grader}`,
            ...Object.entries(notRun).map(([ability, why]) => `Not run: ${ability}. ${why}`),
          );
          const passes = [
            ...reuseFrom === undefined ? [] : [copyPass(reuseFrom, folder)],
            ...describer ? [describePass(describer)] : [],
            ...reuseFrom === undefined ? [] : [reusePass({
              ...{ from: reuseFrom, models: placed, records, onLine: log },
              identity: { version, ...identity },
            })],
            answerPass({
              ...{ folder, records, lists, describedBy, run, maxNewTokens, temperature },
              timeoutSeconds: options.inferenceTimeout,
              onModels: (names) => log(...names.map((name) => `Model: ${name}`)),
            }),
            ...judge
              ? [
                judgePass({
                  folder,
                  places: [...places.values()],
                  records,
                  judge,
                  grading,
                  log,
                }),
              ]
              : [],
          ];
          return passes.map((pass) => ({ pass }));
        },
        report: async ({ answers }, folder) => {
          const summaries = await writeSummaries(folder, [...places.values()]);
          appendText(
            join(folder, ABILITY_FILES.log),
            summaries.map((summary) => JSON.stringify(summary) + "\n").join(""),
          );
          const report = reportAbilities(answers, {
            ...options,
            models: placed.map(({ name, label, kind, group, place, thirds }) => (
              { name, label, kind, group, place, thirds }
            )),
            sources,
            notRun,
          });
          return { report, files: {} };
        },
      };
    },
  });
}
