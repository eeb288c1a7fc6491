/**
 * Vision localization: from which layer on an answer no longer follows what the visual tokens say.
 *
 * @module
 */
import { answersDiffer } from "./answer_change.ts";
import type { VisionPair } from "../benchmarks/mod.ts";
import {
  BATCH_ROWS,
  type ChatMessage,
  checkLayers,
  type Generated,
  type ModelInput,
  planBatches,
  swapVisualTokens,
  type VisionLanguageModel,
  type VisualTokens,
  visualTokensOf,
} from "../model/mod.ts";
import type { ProgressListener } from "../progress.ts";
import { answerIs } from "./vision_gold.ts";
import { type ControlRecord, pairKey, type VisionRecord } from "./vision_records.ts";
import { visualCount, visualPrefix } from "./visual_prefix.ts";

/** Options of {@linkcode visionLocalization}. */
export interface VisionLocalizationOptions {
  /** First layers of the swap, 0-based; default every layer. */
  layers?: readonly number[];
  /** Tokens of an answer at most, default 64. */
  maxNewTokens?: number;
  /** Swaps that need not be computed again, by `visionKey`. */
  done?: ReadonlyMap<string, VisionRecord>;
  /** Controls that are there already, by `pairKey`. */
  doneControls?: ReadonlyMap<string, ControlRecord>;
  /** Receives each new swap. */
  onRecord: (record: VisionRecord) => void;
  /** Receives each new control, before the pair's swaps. */
  onControl: (record: ControlRecord) => void;
  onProgress?: ProgressListener;
  signal?: AbortSignal;
  /** Bytes of K, V and hidden states of one batch; default what the device has room for. */
  memoryBytes?: number;
  /** Most rows of one batch. */
  maxRows?: number;
}

/** The unswapped model, and the model with the target's own tokens swapped in. */
type RowKind = "baseline" | "control" | "swap";

interface PlainRow {
  pair: VisionPair;
  kind: RowKind;
  layer: number;
  touch: number;
}

interface SwapRow extends PlainRow {
  /** The target's prompt. */
  input: ModelInput;
  source: ModelInput;
}

/** Values of image embeddings that are held at once, in numbers: 256 MB. */
const EMBEDDINGS_TOGETHER = 64e6;
/** Visual tokens of an image of 1280 x 720 pixels. */
const LARGE_IMAGE = 1200;

function chatOf(image: string, prompt: string): ChatMessage[] {
  return [{ role: "user", content: [{ type: "image", image }, { type: "text", text: prompt }] }];
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
  { pair, input, layer, touch }: SwapRow,
  { receipts: [receipt] }: Generated,
  layers: number,
) {
  const expected = layers - touch;
  if (receipt.layers.length === expected && receipt.tokens === visualCount(input)) return;
  throw new Error(
    `The swap of ${pair.task} ${pair.id} from layer ${layer} on replaced ${receipt.tokens} ` +
      `tokens in ${receipt.layers.length} layers, not ${visualCount(input)} in ${expected}`,
  );
}

/** One run of {@linkcode visionLocalization}. */
class VisionSweep {
  readonly #layers: readonly number[];
  readonly #total: number;
  #progressed = 0;
  readonly #answers = new Map<string, string>();

  constructor(
    readonly model: VisionLanguageModel,
    readonly options: VisionLocalizationOptions,
    pairs: readonly VisionPair[],
  ) {
    this.#layers = options.layers ?? Array.from({ length: model.numLayers }, (_, layer) => layer);
    checkLayers(this.#layers, model.numLayers, "swap visual tokens from");
    if (this.#layers.length === 0) {
      throw new Error("Cannot sweep over no layers: name at least one");
    }
    this.#total = pairs.length * (this.#layers.length + 2);
    for (const [key, { original_answer }] of options.doneControls ?? []) {
      this.#answers.set(key, original_answer);
    }
  }

  /** Pairs whose images are encoded together. */
  get pairsTogether(): number {
    const { maxRows = BATCH_ROWS } = this.options;
    const { hiddenSize } = this.model.config.text;
    const byMemory = EMBEDDINGS_TOGETHER / (2 * LARGE_IMAGE * hiddenSize);
    return Math.max(1, Math.floor(Math.min(maxRows / (this.#layers.length + 2), byMemory)));
  }

  #isDone({ pair, kind, layer }: PlainRow): boolean {
    const { done, doneControls } = this.options;
    if (kind === "swap") return done?.has(`${pairKey(pair)}/${layer}`) ?? false;
    return doneControls?.has(pairKey(pair)) ?? false;
  }

  #rowsOf(pair: VisionPair): PlainRow[] {
    const { numLayers } = this.model;
    return [
      { pair, kind: "baseline", layer: -1, touch: numLayers },
      { pair, kind: "control", layer: 0, touch: 0 },
      ...this.#layers.map((layer) => ({ pair, kind: "swap" as const, layer, touch: layer })),
    ];
  }

  #progress(rows: number, detail: string) {
    const done = this.#progressed + rows;
    this.options.onProgress?.({
      label: "vision localization",
      done,
      total: this.#total,
      unit: "samples",
      detail,
    });
  }

  async run(pairs: readonly VisionPair[]) {
    const { signal } = this.options;
    for (let first = 0; first < pairs.length; first += this.pairsTogether) {
      signal?.throwIfAborted();
      const together = pairs.slice(first, first + this.pairsTogether);
      const plain = together.flatMap((pair) => this.#rowsOf(pair));
      this.#progress(0, together[0].task);
      if (plain.every((row) => this.#isDone(row))) this.#progressed += plain.length;
      else await this.#runTogether(together, plain);
    }
    this.#progress(0, "");
  }

  async #runTogether(pairs: readonly VisionPair[], plain: readonly PlainRow[]) {
    const { signal, maxNewTokens = 64, maxRows } = this.options;
    const { memoryBytes = this.model.batchBytes } = this.options;
    const { text: config } = this.model.config;
    const inputs = await this.model.prepare(
      pairs.flatMap(({ targetImage, sourceImage, prompt }) => [
        chatOf(targetImage, prompt),
        chatOf(sourceImage, prompt),
      ]),
      { signal },
    );
    const placed = new Map(pairs.map((pair, i) => [pair, i]));
    const rows = plain.map((row): SwapRow => {
      const at = 2 * placed.get(row.pair)!;
      return { ...row, input: inputs[at], source: inputs[at + 1] };
    });
    const sources = new Map(rows.map(({ input, source }) => [input, source]));
    const token = 8 * config.numKvHeads * config.headDim * config.numLayers;
    const promptBytes = (input: ModelInput) =>
      token * (visualCount(input) + visualCount(sources.get(input)!));
    const batches = planBatches(rows, { config, maxNewTokens, memoryBytes, maxRows, promptBytes });
    for (const batch of batches) {
      // A batch is computed as it was planned or not at all, so that a resumed run is the same.
      if (!batch.every((row) => this.#isDone(row))) await this.#runBatch(batch);
      this.#progressed += batch.length;
    }
  }

  async #runBatch(batch: SwapRow[]) {
    const { signal, maxNewTokens = 64 } = this.options;
    const needed = batch.flatMap(({ kind, input, source }) =>
      kind === "swap" ? [source] : kind === "control" ? [input] : []
    );
    const visual = await captureAll(this.model, [...new Set(needed)], signal);
    const requests = batch.map(({ kind, input, source, layer }) => {
      if (kind === "baseline") return { input };
      const tokens = visual.get(kind === "control" ? input : source)!;
      // The control shows that the hook itself changes nothing; images of a pair may be alike.
      const allowNoChange = true;
      return { input, edits: [swapVisualTokens(tokens, { fromLayer: layer, allowNoChange })] };
    });
    const answers = await this.model.generate(requests, {
      maxNewTokens,
      signal,
      onToken: ({ rowsLeft }) => this.#progress(batch.length - rowsLeft, batch[0].pair.task),
    });
    this.#record(batch, answers);
  }

  #record(batch: SwapRow[], answers: Generated[]) {
    const { onRecord, onControl } = this.options;
    batch.forEach((row, i) => {
      const { pair, kind, layer } = row;
      const answer = this.model.decode(answers[i].tokens).trim();
      if (kind === "baseline") {
        this.#answers.set(pairKey(pair), answer);
        return;
      }
      checkSwap(row, answers[i], this.model.numLayers);
      if (this.#isDone(row)) return;
      const original = this.#answers.get(pairKey(pair))!;
      const [{ layers, tokens, norm }] = answers[i].receipts;
      const common = { task: pair.task, sample_id: pair.id };
      const changed = answersDiffer(original, answer);
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
        onControl({
          ...common,
          original_answer: original,
          control_answer: answer,
          answer_changed: changed,
          target_answer: pair.targetAnswer,
          correct: answerIs(original, gold("target")),
          ...receipt,
        });
      } else {
        onRecord({
          ...common,
          layer,
          original_answer: original,
          swapped_answer: answer,
          answer_changed: changed,
          target_answer: pair.targetAnswer,
          source_answer: pair.sourceAnswer,
          is_source_answer: answerIs(answer, gold("source")),
          ...receipt,
        });
      }
    });
  }
}

/**
 * Generates, for every pair and every layer l, the answer about the target image with the source
 * image's visual tokens in place of its own (K after rotation and V, at prefill) in all layers from
 * l on; without a swap; and, as a control, with the target's own tokens swapped in. All rows of a
 * pair, and as many pairs as memory allows, are one batch.
 *
 * @throws {Error} if a layer is unknown, an image or prompt is at fault, or a swap did not replace
 * exactly the tokens and layers it was to replace; records told so far stand.
 */
export async function visionLocalization(
  model: VisionLanguageModel,
  pairs: readonly VisionPair[],
  options: VisionLocalizationOptions,
): Promise<void> {
  if (pairs.length === 0) throw new Error("Cannot localize vision: there are no pairs");
  await new VisionSweep(model, options, pairs).run(pairs);
}
