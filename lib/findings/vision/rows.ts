/**
 * Vision localization: from which layer on an answer no longer follows what the visual tokens say.
 *
 * @module
 */
import { answersDiffer } from "./answer_change.ts";
import type { VisionPair } from "../../benchmarks/mod.ts";
import {
  type BatchContext,
  definePass,
  type Pass,
  type PlainRow,
  type Sink,
} from "../../experiments/mod.ts";
import {
  BATCH_ROWS,
  type BatchLimits,
  type ChatMessage,
  type Generated,
  type ModelInput,
  planBatches,
  swapVisualTokens,
  type VisionLanguageModel,
  type VisualTokens,
  visualTokensOf,
} from "../../model/mod.ts";
import { answerIs } from "./gold.ts";
import { type ControlRecord, pairKey, type VisionRecord } from "./records.ts";
import { visualCount, visualPrefix } from "./visual_prefix.ts";

/** What {@linkcode visionPass} takes. */
export interface VisionPassOptions {
  /** Decoder layers of the model. */
  numLayers: number;
  /** First layers of the swap, 0-based. */
  layers: readonly number[];
  /** Tokens of an answer at most. */
  maxNewTokens: number;
  /** Swaps by `visionKey`. */
  records: Sink<VisionRecord>;
  /** Controls by `pairKey`; a pair's stands before its swaps. */
  controls: Sink<ControlRecord>;
}

/** The unswapped model, and the model with the target's own tokens swapped in. */
type RowKind = "baseline" | "control" | "swap";

interface SwapRow extends PlainRow<VisionPair> {
  kind: RowKind;
  layer: number;
}

/** The target's prompt, and the source's. */
export interface PairPrompts {
  input: ModelInput;
  source: ModelInput;
}

type PromptedRow = SwapRow & PairPrompts;

/** Values of image embeddings that are held at once, in numbers: 256 MB. */
const EMBEDDINGS_TOGETHER = 64e6;
/** Visual tokens of an image of 1280 x 720 pixels. */
const LARGE_IMAGE = 1200;

/** A question about an image. */
function chatOf(image: string, prompt: string): ChatMessage[] {
  return [{ role: "user", content: [{ type: "image", image }, { type: "text", text: prompt }] }];
}

/** Prompts of pairs: about the target image, and about the source image. */
export async function preparePairs(
  pairs: readonly VisionPair[],
  { model, signal }: Pick<BatchContext, "model" | "signal">,
): Promise<PairPrompts[]> {
  const inputs = await model.prepare(
    pairs.flatMap(({ targetImage, sourceImage, prompt }) => [
      chatOf(targetImage, prompt),
      chatOf(sourceImage, prompt),
    ]),
    { signal },
  );
  return pairs.map((_, i) => ({ input: inputs[2 * i], source: inputs[2 * i + 1] }));
}

/** K and V of the visual tokens of several prompts, in one pass. */
async function captureAll(
  model: VisionLanguageModel,
  inputs: readonly ModelInput[],
  signal?: AbortSignal,
): Promise<Map<ModelInput, VisualTokens>> {
  // A batch may hold nothing but a baseline.
  if (inputs.length === 0) return new Map();
  const results = await model.forward(
    inputs.map((input) => ({
      input: visualPrefix(input),
      capture: { keysValues: { tokens: "image" } as const },
    })),
    { logits: "none", signal },
  );
  return new Map(inputs.map((input, i) => {
    return [input, visualTokensOf(results[i].captured)];
  }));
}

/** Three digits: enough to prove a change, and the same however rows were batched. */
function round(norm: number): number {
  return Number(norm.toPrecision(3));
}

/** Throws unless the receipt says that exactly the layers asked for were swapped, whole. */
function checkSwap(
  { sample, input, layer, touch }: PromptedRow,
  { receipts: [receipt] }: Generated,
  layers: number,
) {
  const expected = layers - touch;
  if (receipt.layers.length === expected && receipt.tokens === visualCount(input)) return;
  throw new Error(
    `The swap of ${sample.task} ${sample.id} from layer ${layer} on replaced ${receipt.tokens} ` +
      `tokens in ${receipt.layers.length} layers, not ${visualCount(input)} in ${expected}`,
  );
}

function rowsOf(
  pair: VisionPair,
  { numLayers, layers }: Pick<VisionPassOptions, "numLayers" | "layers">,
): SwapRow[] {
  return [
    { sample: pair, kind: "baseline", layer: -1, touch: numLayers },
    { sample: pair, kind: "control", layer: 0, touch: 0 },
    ...layers.map((layer) => ({ sample: pair, kind: "swap" as const, layer, touch: layer })),
  ];
}

/** Splits rows by memory: the visual tokens that are swapped in are held beside the rows. */
function planSwaps(rows: PromptedRow[], limits: BatchLimits): PromptedRow[][] {
  const { numKvHeads, headDim, numLayers } = limits.config;
  const token = 8 * numKvHeads * headDim * numLayers;
  const sources = new Map(rows.map(({ input, source }) => [input, source]));
  const promptBytes = (input: ModelInput) =>
    token * (visualCount(input) + visualCount(sources.get(input)!));
  return planBatches(rows, { ...limits, promptBytes });
}

/** The answers to a batch's rows. */
async function answer(
  batch: readonly PromptedRow[],
  { maxNewTokens, context }: { maxNewTokens: number; context: BatchContext },
): Promise<Generated[]> {
  const { model, signal, progress } = context;
  const needed = batch.flatMap(({ kind, input, source }) =>
    kind === "swap" ? [source] : kind === "control" ? [input] : []
  );
  const visual = await captureAll(model, [...new Set(needed)], signal);
  const requests = batch.map(({ kind, input, source, layer }) => {
    if (kind === "baseline") return { input };
    const tokens = visual.get(kind === "control" ? input : source)!;
    // The control shows that the edit itself changes nothing; images of a pair may be alike.
    const allowNoChange = true;
    return { input, edits: [swapVisualTokens(tokens, { fromLayer: layer, allowNoChange })] };
  });
  return await model.generate(requests, {
    maxNewTokens,
    signal,
    onToken: ({ rowsLeft }) => progress(batch.length - rowsLeft, batch[0].sample.task),
  });
}

/** What a swap or a control gave, as it is recorded. */
function recordOf(
  { sample: pair, kind, layer }: SwapRow,
  { original, text, receipt: { layers, tokens, norm } }: {
    original: string;
    text: string;
    receipt: Generated["receipts"][number];
  },
): { control: ControlRecord } | { swap: VisionRecord } {
  const common = { task: pair.task, sample_id: pair.id };
  const changed = answersDiffer(original, text);
  const receipt = {
    layers_swapped: layers.length,
    tokens_swapped: tokens,
    swap_norm: round(norm!),
  };
  const gold = (side: "target" | "source") => ({
    answer: pair[`${side}Answer`],
    box: pair.boxes && { box: pair.boxes[side], iouThreshold: pair.boxes.iouThreshold },
  });
  if (kind === "control") {
    return {
      control: {
        ...common,
        original_answer: original,
        control_answer: text,
        answer_changed: changed,
        target_answer: pair.targetAnswer,
        correct: answerIs(original, gold("target")),
        ...receipt,
      },
    };
  }
  return {
    swap: {
      ...common,
      layer,
      original_answer: original,
      swapped_answer: text,
      answer_changed: changed,
      target_answer: pair.targetAnswer,
      source_answer: pair.sourceAnswer,
      is_source_answer: answerIs(text, gold("source")),
      ...receipt,
    },
  };
}

/**
 * For every pair and every layer l, the answer about the target image with the source image's visual
 * tokens in place of its own (K after rotation and V, at prefill) in all layers from l on; without a
 * swap; and, as a control, with the target's own tokens swapped in. All rows of a pair, and as many
 * pairs as memory allows, are one batch.
 *
 * The run fails if a prompt is at fault, or a swap did not replace exactly the tokens and layers it
 * was to replace; records made so far stand.
 */
export function visionPass(
  { numLayers, layers, maxNewTokens, records, controls }: VisionPassOptions,
): Pass<VisionPair> {
  const originals = new Map(
    [...controls.records].map(([key, { original_answer }]) => [key, original_answer]),
  );
  const isDone = ({ sample, kind, layer }: SwapRow) =>
    kind === "swap"
      ? records.records.has(`${pairKey(sample)}/${layer}`)
      : controls.records.has(pairKey(sample));
  return definePass<VisionPair, SwapRow, PairPrompts>({
    label: "vision localization",
    maxNewTokens,
    together: ({ config }, { maxRows = BATCH_ROWS }) => {
      const byMemory = EMBEDDINGS_TOGETHER / (2 * LARGE_IMAGE * config.text.hiddenSize);
      return Math.max(1, Math.floor(Math.min(maxRows / (layers.length + 2), byMemory)));
    },
    rows: (pair) => rowsOf(pair, { numLayers, layers }),
    isDone,
    prepare: preparePairs,
    batches: planSwaps,
    run: async (batch, context) => {
      const answers = await answer(batch, { maxNewTokens, context });
      batch.forEach((row, i) => {
        const key = pairKey(row.sample);
        const text = context.model.decode(answers[i].tokens).trim();
        if (row.kind === "baseline") {
          originals.set(key, text);
          return;
        }
        checkSwap(row, answers[i], numLayers);
        if (isDone(row)) return;
        const [receipt] = answers[i].receipts;
        const record = recordOf(row, { original: originals.get(key)!, text, receipt });
        if ("control" in record) controls.append(record.control);
        else records.append(record.swap);
      });
    },
  });
}
