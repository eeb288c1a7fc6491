/**
 * What models are asked in a transferability run, and what is recorded of their answers.
 *
 * @module
 */
import type { ExperimentSetting } from "./experiment_types.ts";
import type { AbilityRecord } from "./records.ts";
import { questionHash } from "./sampled_questions.ts";
import { gradeResponse, TIMED_OUT } from "../../benchmarks/grading/mod.ts";
import { type AskedRow, defineAnswerPass, type Pass, type Sink } from "../../experiments/mod.ts";
import {
  type EvaluateOptions,
  type EvaluationResponse,
  type Evaluator,
  LocalEvaluator,
  type LocalEvaluatorOptions,
} from "../../serving/mod.ts";
import { groupModels, type PlacedModel } from "./model.ts";
import { answerKey, type AskedQuestion } from "./questions.ts";

/** One question in one setting, for one model. */
interface AbilityRow extends AskedQuestion, AskedRow {
  setting: ExperimentSetting;
  model: PlacedModel;
}

/** Every question in every setting to every model, setting by setting. */
export function abilityRows(
  samples: readonly AskedQuestion[],
  models: readonly PlacedModel[],
): AbilityRow[] {
  return [...Map.groupBy(samples, ({ experiment }) => experiment)].flatMap(([experiment, own]) =>
    experiment.settings.flatMap((setting) =>
      own.flatMap(({ question }) =>
        models.map((model) => {
          const about = { model: model.name, dataset: experiment.name, setting: setting.name };
          const key = answerKey({ ...about, id: question.id });
          const { inputType } = setting;
          return {
            ...{ experiment, setting, question, model },
            request: { model: model.name, key, question, inputType },
          };
        })
      )
    )
  );
}

/** Identifies all that is shown in a row and what is right. */
export const rowHash = ({ question, setting }: AbilityRow) =>
  questionHash(question, setting.inputType);

/** Throws if a record answers another question than is asked now. */
function checkRecord(record: AbilityRecord, row: AbilityRow) {
  if (record.question_hash === rowHash(row)) return;
  const { model, dataset, setting, id } = record;
  throw new Error(
    `Cannot continue: the record of ${model} for ${dataset}, ${setting}, ${id} answers another ` +
      "question than is asked now; choose another folder, or overwrite it",
  );
}

function recordOf(
  row: AbilityRow,
  { text, timedOut, seconds, newTokens }: EvaluationResponse,
  describedBy: string,
): AbilityRecord {
  const { experiment, setting: { name: setting, inputType }, question, model } = row;
  const { gold, choices } = question;
  // What a cut-off answer would have said is not known; the original counts it as wrong too.
  const { predicted, correct, ...grade } = timedOut
    ? TIMED_OUT
    : gradeResponse(text, { gold, choices });
  return {
    id: question.id,
    input_type: inputType,
    question: question.question,
    gold_answer: gold,
    predicted,
    correct,
    full_response: text,
    model_type: model.kind,
    timed_out: timedOut,
    inference_time: Math.round(seconds * 100) / 100,
    dataset: experiment.name,
    model: model.name,
    setting,
    correct_gpt: null,
    gpt_grade: null,
    correct_primary: correct,
    label: model.label,
    ...grade,
    new_tokens: newTokens,
    description: inputType === "black_image_description_question" ? describedBy : null,
    graded_by: "rules",
    question_hash: rowHash(row),
  };
}

/** Who answers: one evaluator for models of this machine, one for each other. */
function evaluatorsOf(
  groups: readonly (readonly PlacedModel[])[],
  run: LocalEvaluatorOptions,
): Evaluator[] {
  const local = groups.flatMap((group, batchGroup) =>
    group.flatMap(({ name, kind, identity, plan }) =>
      plan ? [{ name, kind, identity, plan, batchGroup }] : []
    )
  );
  return [
    ...local.length === 0 ? [] : [new LocalEvaluator(local, run)],
    ...groups.flat().flatMap(({ evaluator }) => evaluator ?? []),
  ];
}

/** What {@linkcode answerPass} takes. */
export interface AnswerPassOptions
  extends Pick<EvaluateOptions, "maxNewTokens" | "temperature" | "timeoutSeconds"> {
  /** The run's folder. */
  folder: string;
  records: Sink<AbilityRecord>;
  /** Models by who answers in the same batches. */
  lists: readonly (readonly PlacedModel[])[];
  /** Whose descriptions are shown: "dataset", or a model's name. */
  describedBy: string;
  /** How models of this machine are run. */
  run: LocalEvaluatorOptions;
  /** Is told which models are about to be asked. */
  onModels: (names: readonly string[]) => void;
}

/** Asks models every question that has no record yet. */
export function answerPass(
  { folder, records, lists, describedBy, run, ...asked }: AnswerPassOptions,
): Pass<AskedQuestion, undefined> {
  const models = lists.flat();
  return defineAnswerPass({
    ...asked,
    rows: (samples: readonly AskedQuestion[]) => abilityRows(samples, models),
    isDone: (row) => {
      const record = records.records.get(row.request.key);
      if (record) checkRecord(record, row);
      return record !== undefined;
    },
    evaluators: async ({ memoryBytes, maxRows }) =>
      evaluatorsOf(await groupModels(folder, lists), { ...run, memoryBytes, maxRows }),
    record: (row, response) => records.append(recordOf(row, response, describedBy)),
  });
}
