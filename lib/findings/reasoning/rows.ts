/**
 * Reasoning localization: what accuracy remains when one layer is ablated.
 *
 * @module
 */
import { type AnswerGrade, gradeResponse } from "../../benchmarks/grading/mod.ts";
import type { ModelKind } from "../../benchmarks/mod.ts";
import { definePass, type Pass, type PlainRow, type Sink } from "../../experiments/mod.ts";
import type { Generated } from "../../model/mod.ts";
import { type AblatedLayer, ablationName, reasoningKey, type ReasoningRecord } from "./records.ts";
import type { AblationEdits, AblationSweep, ReasoningProblem } from "./sweep.ts";

/** Reads the answer out of a response and says whether it is right. */
export type ReasoningGrader = (response: string, problem: ReasoningProblem) => AnswerGrade;

/** Both gradings; the original's is the stricter one of its reasoning localization. */
const gradeBothWays: ReasoningGrader = (response, { answer: gold }) =>
  gradeResponse(response, { gold, choices: null }, { strict: true });

/** What {@linkcode reasoningPass} takes. */
export interface ReasoningPassOptions {
  /** What progress is called; default "reasoning localization". */
  label?: string;
  /** The ablations. */
  sweep: AblationSweep;
  /** How the model was trained to be asked, for the records. */
  kind: ModelKind;
  /** How records name the model. */
  modelName: string;
  /** Tokens of a response at most. */
  maxNewTokens: number;
  /** Default: sound and original rules. */
  grade?: ReasoningGrader;
  /** Answers by `reasoningKey`. */
  records: Sink<ReasoningRecord>;
}

interface AblatedRow extends PlainRow<ReasoningProblem>, AblatedLayer {}

/** Throws unless the receipts say that exactly this layer was ablated, at every token. */
function checkAblation(
  { sample: problem, ...row }: AblatedRow,
  { receipts, tokens, finish }: Generated,
): void {
  const { ablated_layer: layer, replaced_with: way } = row;
  // One call for the prompt and one for each token but the last, whose successor was not asked for.
  const calls = 1 + tokens.length - (finish === "stop" ? 0 : 1);
  const edits = layer < 0 ? 0 : way === "zero" ? 1 : 2;
  const right = receipts.every((one) => one.calls === calls && one.layers.join() === `${layer}`);
  if (receipts.length === edits && right) return;
  const found = receipts.map((one) => `${one.kind} ${one.calls} of layer ${one.layers.join()}`);
  throw new Error(
    `The ablation ${ablationName(row)} for problem ${problem.id} changed ${
      found.join(", ") || "nothing"
    }, not ${calls} calls of its layer`,
  );
}

/**
 * The answer to every problem, greedily, of the model as it is and with each layer ablated in turn
 * (attention and MLP left out or their mean in their place, residual kept). Rows of a problem, and as
 * many problems as memory allows, are one batch.
 *
 * The run fails if a prompt is too long, or an ablation did not change exactly the calls it was to
 * change; records made so far stand.
 */
export function reasoningPass(
  { label = "reasoning localization", sweep, maxNewTokens, records, ...asked }:
    ReasoningPassOptions,
): Pass<ReasoningProblem> {
  const { kind, modelName, grade = gradeBothWays } = asked;
  const isDone = ({ sample: { id }, ...row }: AblatedRow) =>
    records.records.has(reasoningKey({ id, ...row }));
  return definePass({
    label,
    maxNewTokens,
    rows: (sample) => sweep.cases.map((one) => ({ sample, ...one, touch: sweep.touch(one) })),
    isDone,
    prepare: async (problems, context) =>
      (await sweep.prompts(problems, context)).map((input) => ({ input })),
    run: async (batch, { model, signal, progress }) => {
      const made: AblationEdits[] = [];
      for (const row of batch) made.push(await sweep.edits(row, { model, signal }));
      const answers = await model.generate(
        batch.map(({ input }, i) => ({ input, edits: made[i].edits })),
        {
          maxNewTokens,
          signal,
          onToken: ({ rowsLeft, step }) => progress(batch.length - rowsLeft, `token ${step + 1}`),
        },
      );
      for (const [i, row] of batch.entries()) {
        const { tokens, finish, receipts } = answers[i];
        checkAblation(row, answers[i]);
        if (isDone(row)) continue;
        const { sample: problem, ablated_layer, replaced_with } = row;
        const { edits: _, ...mean } = made[i];
        const response = model.decode(tokens);
        const { predicted, correct, ...graded } = grade(response, problem);
        records.append({
          id: problem.id,
          question: problem.question,
          gold_answer: problem.answer,
          predicted,
          correct,
          full_response: response,
          model_type: kind,
          model: modelName,
          ablation: ablationName(row),
          ablated_layer,
          level: problem.level,
          new_tokens: tokens.length,
          finished: finish === "stop",
          calls_left_out: receipts[0]?.calls ?? 0,
          replaced_with,
          ...mean,
          ...graded,
        });
      }
    },
  });
}
