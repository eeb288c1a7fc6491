/**
 * Asking models the questions of a transferability run, and recording what they answer.
 *
 * @module
 */
import { type AbilityRecord, questionHash } from "../evaluation/mod.ts";
import { gradeResponse, TIMED_OUT } from "../benchmarks/grading/mod.ts";
import {
  type EvaluateOptions,
  type EvaluationRequest,
  type EvaluationResponse,
  type Evaluator,
  LocalEvaluator,
  type LocalEvaluatorOptions,
} from "../serving/mod.ts";
import type { AbilityLogs } from "./ability_folder.ts";
import type { AbilityModel } from "./ability_models.ts";
import type { Asked } from "./ability_questions.ts";

/** Options of {@linkcode answerQuestions}. */
export interface AnswerQuestionsOptions extends Omit<EvaluateOptions, "done" | "onResponse"> {
  /** Where records go, by model. */
  logs: ReadonlyMap<string, AbilityLogs>;
  /** Whose descriptions are shown: "dataset", or a model's name. */
  describedBy: string;
  /** How models of this machine are run. */
  run: LocalEvaluatorOptions;
  /** Called before models are asked something. */
  onModels?: (names: readonly string[]) => void;
}

/** Throws if a record answers another question than is asked now. */
function checkRecord(record: AbilityRecord, { setting, question }: Asked) {
  if (record.question_hash === questionHash(question, setting.inputType)) return;
  const { model, dataset, id } = record;
  throw new Error(
    `Cannot continue: the record of ${model} for ${dataset}, ${setting.name}, ${id} answers another ` +
      "question than is asked now; choose another folder, or overwrite it",
  );
}

function recordOf(
  { experiment, setting, question }: Asked,
  { model, response, describedBy }: {
    model: AbilityModel;
    response: EvaluationResponse;
    describedBy: string;
  },
): AbilityRecord {
  const { gold, choices } = question;
  const { text, timedOut, seconds, newTokens } = response;
  // What a cut-off answer would have said is not known; the original counts it as wrong too.
  const { predicted, correct, ...grade } = timedOut
    ? TIMED_OUT
    : gradeResponse(text, { gold, choices });
  const described = setting.inputType === "black_image_description_question";
  return {
    id: question.id,
    input_type: setting.inputType,
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
    setting: setting.name,
    correct_gpt: null,
    gpt_grade: null,
    correct_primary: correct,
    label: model.label,
    ...grade,
    new_tokens: newTokens,
    description: described ? describedBy : null,
    graded_by: "rules",
    question_hash: questionHash(question, setting.inputType),
  };
}

/** Evaluators of models: one for those of this machine, one for each other. */
function evaluatorsOf(
  groups: readonly (readonly AbilityModel[])[],
  run: LocalEvaluatorOptions,
): { evaluator: Evaluator; names: string[] }[] {
  const models = groups.flat();
  const local = groups.flatMap((group, batchGroup) =>
    group.flatMap((model) => model.plan ? [{ ...model, plan: model.plan, batchGroup }] : [])
  );
  return [
    ...local.length === 0
      ? []
      : [{ evaluator: new LocalEvaluator(local, run), names: local.map(({ name }) => name) }],
    ...models.flatMap(({ evaluator, name }) => evaluator ? [{ evaluator, names: [name] }] : []),
  ];
}

/**
 * Asks models every question that has no record yet.
 *
 * @param groups Models that answer in the same batches.
 * @throws {Error} if a record answers another question, or a model cannot answer.
 */
export async function answerQuestions(
  groups: readonly (readonly AbilityModel[])[],
  asked: readonly Asked[],
  { logs, describedBy, run, onModels, ...options }: AnswerQuestionsOptions,
): Promise<void> {
  const models = groups.flat();
  const places = new Map<string, { model: AbilityModel; asked: Asked }>();
  const done = new Set<string>();
  const requests = asked.flatMap((asked) =>
    models.map((model): EvaluationRequest => {
      const { experiment, setting, question } = asked;
      const key = JSON.stringify([model.name, experiment.name, setting.name, question.id]);
      places.set(key, { model, asked });
      const record = logs.get(model.name)!.find(experiment.name, setting.name, question.id);
      if (record) {
        checkRecord(record, asked);
        done.add(key);
      }
      return { model: model.name, key, question, inputType: setting.inputType };
    })
  );
  for (const { evaluator, names } of evaluatorsOf(groups, run)) {
    const own = requests.filter(({ model }) => names.includes(model));
    if (own.every(({ key }) => done.has(key))) continue;
    onModels?.(names);
    await evaluator.evaluate(own, {
      ...options,
      done,
      onResponse: ({ key }, response) => {
        const { model, asked } = places.get(key)!;
        const record = recordOf(asked, { model, response, describedBy });
        logs.get(model.name)!.append(record);
      },
    });
  }
}
