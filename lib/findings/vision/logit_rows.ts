/**
 * Vision localization by logits: how far the two images' answers are apart where visual tokens are
 * swapped. Unlike the rate of changed answers it does not saturate, and costs no generation.
 *
 * @module
 */
import type { VisionPair } from "../../benchmarks/mod.ts";
import { definePass, type Pass, type PlainRow, type Sink } from "../../experiments/mod.ts";
import {
  BATCH_ROWS,
  extendInput,
  type ModelInput,
  swapVisualTokens,
  type VisionLanguageModel,
} from "../../model/mod.ts";
import { DIRECTIONS, logitKey, type LogitRecord } from "./records.ts";
import { type PairPrompts, preparePairs } from "./rows.ts";

/** What {@linkcode logitPass} takes. */
export interface LogitPassOptions {
  numLayers: number;
  /** First layers of the swaps, ascending. */
  layers: readonly number[];
  /** Layers of a window. */
  window: number;
  /** By `logitKey`. */
  records: Sink<LogitRecord>;
}

interface LogitRow extends PlainRow<VisionPair> {
  direction: LogitRecord["direction"];
}

/** Images are decoded and encoded for so many pairs together. */
const PAIRS_TOGETHER = 8;

/** Digits that do not depend on how rows were batched. */
const round = (value: number) => Number(value.toFixed(3));

/** The tokens that two answers share at their beginning, and the first that tells them apart. */
function parting(own: readonly number[], other: readonly number[]) {
  let shared = 0;
  while (shared < own.length && own[shared] === other[shared]) shared++;
  return shared < Math.min(own.length, other.length)
    ? { shared: own.slice(0, shared), own: own[shared], other: other[shared] }
    : null;
}

/** One pair in one direction: the swaps from each layer on, and those of a window. */
async function differences(
  model: VisionLanguageModel,
  { input, other, answers, layers, window, maxRows, signal }: {
    input: ModelInput;
    other: ModelInput;
    answers: NonNullable<ReturnType<typeof parting>>;
    layers: readonly number[];
    window: number;
    maxRows: number;
    signal?: AbortSignal;
  },
): Promise<Pick<LogitRecord, "baseline" | "from" | "windows">> {
  const prompt = answers.shared.length === 0 ? input : extendInput(input, answers.shared);
  const visual = await model.captureVisualTokens(other);
  const last = model.numLayers - 1;
  const swaps = [
    ...layers.map((fromLayer) => ({ fromLayer })),
    ...layers.map((fromLayer) => ({ fromLayer, toLayer: Math.min(last, fromLayer + window - 1) })),
  ];
  const rows = [
    { input: prompt },
    // Images of a pair may be alike.
    ...swaps.map((swap) => ({
      input: prompt,
      edits: [swapVisualTokens(visual, { ...swap, allowNoChange: true })],
    })),
  ];
  const values: number[] = [];
  for (let first = 0; first < rows.length; first += maxRows) {
    const part = await model.forward(rows.slice(first, first + maxRows), { signal });
    for (const { logits } of part) {
      const row = logits.row(logits.dims[0] - 1);
      values.push(round(row[answers.other] - row[answers.own]));
    }
  }
  const [baseline, ...rest] = values;
  return { baseline, from: rest.slice(0, layers.length), windows: rest.slice(layers.length) };
}

/**
 * For every pair in both directions, the logit of the swapped image's answer less that of the
 * prompt's own image, at the first token in which the two differ: unswapped, with the other image's
 * visual tokens (K after rotation and V, at prefill) in all layers from l on, and in `window` layers
 * from l on. Pairs whose answers do not differ have no values.
 */
export function logitPass(
  { layers, window, records }: LogitPassOptions,
): Pass<VisionPair> {
  const keyOf = ({ sample: { task, id }, direction }: LogitRow) =>
    logitKey({ task, sample_id: id, direction });
  return definePass<VisionPair, LogitRow, PairPrompts>({
    label: "vision localization, logits",
    maxNewTokens: 0,
    together: () => PAIRS_TOGETHER,
    rows: (sample) => DIRECTIONS.map((direction) => ({ sample, direction, touch: 0 })),
    isDone: (row) => records.records.has(keyOf(row)),
    prepare: preparePairs,
    batches: (rows) => rows.map((row) => [row]),
    run: async ([row], { model, signal }) => {
      const { sample: pair, direction, input, source } = row;
      const forward = direction === "forward";
      const texts = [pair.targetAnswer, pair.sourceAnswer];
      const [own, other] = forward ? texts : texts.toReversed();
      const answers = parting(model.encode(own), model.encode(other));
      const values = answers === null
        ? { baseline: null, from: [], windows: [] }
        : await differences(
          model,
          {
            ...(forward ? { input, other: source } : { input: source, other: input }),
            ...{ answers, layers, window, signal, maxRows: BATCH_ROWS },
          },
        );
      records.append({
        ...{ task: pair.task, sample_id: pair.id, direction },
        ...{ own_answer: own, other_answer: other, ...values },
      });
    },
  });
}
