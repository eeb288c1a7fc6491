/**
 * How far ablations move the model's expectations, beside whether its answers are still right: a
 * divergence does not saturate, and costs no generation.
 *
 * @module
 */
import { definePass, type Pass, type PlainRow, type Sink } from "../../experiments/mod.ts";
import { divergenceFrom, extendInput, type ModelInput, type RowRequest } from "../../model/mod.ts";
import {
  type AblatedLayer,
  type DivergenceRecord,
  reasoningKey,
  type ReasoningRecord,
} from "./records.ts";
import type { AblationSweep, ReasoningProblem } from "./sweep.ts";

/** What {@linkcode divergencePass} takes. */
export interface DivergencePassOptions {
  /** What progress is called. */
  label: string;
  /** The ablations. */
  sweep: AblationSweep;
  /** Only these of the samples; default all. */
  problems?: readonly ReasoningProblem[];
  /** Tokens of the reference answer at most. */
  referenceTokens: number;
  /** Answers: the whole model's are the references. */
  answers: Pick<Sink<ReasoningRecord>, "records">;
  /** Divergences by `reasoningKey`. */
  records: Sink<DivergenceRecord>;
}

interface DivergenceRow extends PlainRow<ReasoningProblem>, AblatedLayer {}

/** Prompts are prepared for so many problems together. */
const PROBLEMS_TOGETHER = 32;

/** Bytes of logits that are held at once. */
const LOGIT_BYTES = 2 ** 30;

/** Digits that do not depend on how rows were batched. */
const round = (value: number) => Number(value.toFixed(4));

/**
 * For every problem and ablation the Kullback-Leibler divergence of the ablated model's next token
 * from the whole model's, in nats, mean over the positions of one fixed text: the whole model's own
 * answer, or its first tokens, and what comes after it (teacher forcing). Rows of a problem share the
 * layers before each ablation.
 *
 * @throws {Error} in a run, if a problem's whole model has no answer yet.
 */
export function divergencePass(
  { label, sweep, problems, referenceTokens, answers, records }: DivergencePassOptions,
): Pass<ReasoningProblem> {
  const ablated = sweep.cases.filter(({ ablated_layer }) => ablated_layer >= 0);
  const chosen = problems && new Set(problems.map(({ id }) => id));
  const referenceOf = ({ id }: ReasoningProblem) => {
    const answer = answers.records.get(reasoningKey({ id, ...sweep.cases[0] }));
    if (answer) return answer.full_response;
    throw new Error(
      `Cannot measure divergences for problem ${id}: the whole model has not answered`,
    );
  };
  const isDone = ({ sample: { id }, ...row }: DivergenceRow) =>
    records.records.has(reasoningKey({ id, ...row }));
  return definePass<ReasoningProblem, DivergenceRow, { input: ModelInput }>({
    label,
    maxNewTokens: 0,
    together: () => PROBLEMS_TOGETHER,
    rows: (sample) =>
      chosen?.has(sample.id) ?? true
        ? ablated.map((one) => ({ sample, ...one, touch: sweep.touch(one) }))
        : [],
    isDone,
    prepare: async (problems, context) =>
      (await sweep.prompts(problems, context)).map((input, i) => {
        const reference = context.model.encode(referenceOf(problems[i]));
        return { input: extendInput(input, reference.slice(0, referenceTokens)) };
      }),
    batches: (rows, { config: { vocabSize } }) =>
      [...Map.groupBy(rows, ({ input }) => input)].flatMap(([{ answerTokens = 0 }, own]) => {
        const bytes = 4 * vocabSize * (answerTokens + 1);
        const size = Math.max(1, Math.floor(LOGIT_BYTES / bytes) - 1);
        return Array.from(
          { length: Math.ceil(own.length / size) },
          (_, i) => own.slice(i * size, (i + 1) * size),
        );
      }),
    run: async (batch, { model, signal }) => {
      const [{ input }] = batch;
      const rows: RowRequest[] = [{ input }];
      for (const row of batch) {
        rows.push({ input, edits: (await sweep.edits(row, { model, signal })).edits });
      }
      const [whole, ...others] = await model.forward(rows, { logits: "answer", signal });
      const [positions] = whole.logits.dims;
      const sums = new Float64Array(batch.length);
      for (let at = 0; at < positions; at++) {
        const divergence = divergenceFrom(whole.logits.row(at));
        others.forEach(({ logits }, i) => sums[i] += divergence(logits.row(at)));
      }
      for (const [i, row] of batch.entries()) {
        if (isDone(row)) continue;
        const { sample: { id }, ablated_layer, replaced_with } = row;
        const kl = round(sums[i] / positions);
        records.append({ id, ablated_layer, replaced_with, positions, kl });
      }
    },
  });
}
