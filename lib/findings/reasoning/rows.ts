/**
 * Reasoning localization: what accuracy remains when one layer is left out.
 *
 * @module
 */
import { type AnswerGrade, gradeResponse } from "../../benchmarks/grading/mod.ts";
import { type ModelKind, questionMessages } from "../../benchmarks/mod.ts";
import { definePass, type Pass, type PlainRow, type Sink } from "../../experiments/mod.ts";
import { type Generated, zeroLayer } from "../../model/mod.ts";
import { ablationName, reasoningKey, type ReasoningRecord } from "./records.ts";

/** A problem in words. */
export interface ReasoningProblem {
  id: string;
  question: string;
  /** What is right. */
  answer: string;
  /** Difficulty; null where the data state none. */
  level: number | null;
}

/** Reads the answer out of a response and says whether it is right. */
export type ReasoningGrader = (response: string, problem: ReasoningProblem) => AnswerGrade;

/** Both gradings; the original's is the stricter one of its reasoning localization. */
const gradeBothWays: ReasoningGrader = (response, { answer: gold }) =>
  gradeResponse(response, { gold, choices: null }, { strict: true });

/** What {@linkcode reasoningPass} takes. */
export interface ReasoningPassOptions {
  /** What progress is called; default "reasoning localization". */
  label?: string;
  /** Decoder layers of the model. */
  numLayers: number;
  /** Layers to leave out, one at a time, 0-based. */
  layers: readonly number[];
  /** How the model was trained to be asked. */
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

interface AblatedRow extends PlainRow<ReasoningProblem> {
  /** -1 for the baseline. */
  layer: number;
}

/** Throws unless the receipt says that exactly this layer was left out, at every token. */
function checkAblation(
  { sample: problem, layer }: AblatedRow,
  { receipts, tokens, finish }: Generated,
): void {
  // One call for the prompt and one for each token but the last, whose successor was not asked for.
  const calls = layer < 0 ? 0 : 1 + tokens.length - (finish === "stop" ? 0 : 1);
  const left = receipts[0] ?? { calls: 0, layers: [] };
  if (left.calls === calls && left.layers.join() === (layer < 0 ? "" : String(layer))) return;
  throw new Error(
    `The ablation of layer ${layer} for problem ${problem.id} left out ${left.calls} calls of ` +
      `layer ${left.layers.join() || "none"}, not ${calls}`,
  );
}

/**
 * The answer to every problem, greedily, of the model as it is and without each layer in turn
 * (attention and MLP left out, residual kept). Rows of a problem, and as many problems as memory
 * allows, are one batch.
 *
 * The run fails if a prompt is too long, or an ablation did not leave out exactly the calls it was
 * to leave out; records made so far stand.
 */
export function reasoningPass(
  { label = "reasoning localization", numLayers, layers, maxNewTokens, records, ...asked }:
    ReasoningPassOptions,
): Pass<ReasoningProblem> {
  const { kind, modelName, grade = gradeBothWays } = asked;
  const isDone = ({ sample: { id }, layer }: AblatedRow) =>
    records.records.has(reasoningKey({ id, ablated_layer: layer }));
  return definePass({
    label,
    maxNewTokens,
    rows: (sample) =>
      [-1, ...layers].map((layer) => ({ sample, layer, touch: layer < 0 ? numLayers : layer })),
    isDone,
    prepare: async (problems, { model, signal }) => {
      const inputs = await model.prepare(
        problems.map(({ question }) =>
          questionMessages({ question }, { kind, inputType: "question_only" })
        ),
        { signal },
      );
      return inputs.map((input) => ({ input }));
    },
    run: async (batch, { model, signal, progress }) => {
      const answers = await model.generate(
        batch.map(({ input, layer }) =>
          layer < 0 ? { input } : { input, edits: [zeroLayer(layer)] }
        ),
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
        const { sample: problem, layer } = row;
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
          ablation: ablationName(layer),
          ablated_layer: layer,
          level: problem.level,
          new_tokens: tokens.length,
          finished: finish === "stop",
          calls_left_out: receipts[0]?.calls ?? 0,
          ...graded,
        });
      }
    },
  });
}
