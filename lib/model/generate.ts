/**
 * Generation: prompts of any lengths and edits in one batch; rows leave when they finish.
 *
 * @module
 */
import { checkKeys, type KeysOf, showValue } from "../check_keys.ts";
import { concatenate, type Tensor, type Tensors } from "./tensors.ts";
import type { Captured } from "./captures.ts";
import { decodeStep } from "./decode_step.ts";
import { type Decoder, NonFiniteError } from "./decoder.ts";
import {
  checkGeneration,
  type GenerationConfig,
  NO_RULES,
  overrideGeneration,
} from "./generation_config.ts";
import type { EditReceipt } from "./edits/types.ts";
import { inHalves } from "./halves.ts";
import { KvCache } from "./kv_cache.ts";
import { logitEdits, RowRules } from "./logit_edits.ts";
import { nonFiniteLayer } from "./non_finite.ts";
import { prefill } from "./prefill.ts";
import { rotationsAt } from "./positions.ts";
import { type PlannedRow, planRows, type RowRequest } from "./row_plan.ts";
import { createSampler, type Sampler } from "./sampler.ts";
import { lastHidden } from "./streams.ts";
import { Values } from "./values.ts";

export interface TokenEvent {
  /** Index of the row in the request. */
  row: number;
  /** Number of the token in the answer, from 0. */
  step: number;
  token: number;
  /** Rows that are still generating. */
  rowsLeft: number;
}

export interface GenerateOptions {
  maxNewTokens: number;
  /** Tokens that end an answer, default none; they are not part of it. */
  stopTokens?: readonly number[];
  /** Rules of decoding, default none; those that are not about draws hold in greedy decoding too. */
  generation?: Partial<GenerationConfig>;
  /** Default 0: greedy. */
  temperature?: number;
  /** Seed of the draws, default 0; row i draws from (seed, i), whatever else is in the batch. */
  seed?: number;
  /** Whether the logits of every step are wanted; default false. */
  logits?: boolean;
  /** Milliseconds after which a row is cut off, counted from the call. Default: never. */
  deadline?: number;
  onToken?: (event: TokenEvent) => void;
  /** Called between calls of the runtime, several times a second. */
  onProgress?: (progress: { phase: "prefill" | "decode"; layer: number }) => void;
  /** Stops the generation: the promise rejects with the signal's reason. */
  signal?: AbortSignal;
}

export interface Generated {
  /** Token ids, without the stop token. */
  tokens: Int32Array;
  /** Why it ended: a stop token, the token limit, or the deadline. */
  finish: "stop" | "length" | "timeout";
  /** Milliseconds from the call to the row's last token. */
  milliseconds: number;
  /** What came of each of the row's edits. */
  receipts: EditReceipt[];
  captured: Captured;
  /** [steps, vocab] if asked for: what each token was chosen from, after the rules of decoding. */
  logits: Values | null;
}

/** Logits that are computed at once: 80 MB, 131 rows of the published vocabulary. */
const HEAD_BUDGET = 20_000_000;

class Answer {
  readonly tokens: number[] = [];
  finish: Generated["finish"] = "length";
  milliseconds = 0;
  /** Of each step, if they are wanted. */
  logits: Float32Array[] | null = null;
  constructor(
    readonly row: PlannedRow,
    readonly rules: RowRules,
    readonly sample: Sampler,
  ) {}
}

const OPTIONS: KeysOf<GenerateOptions> = {
  maxNewTokens: true,
  stopTokens: true,
  generation: true,
  temperature: true,
  seed: true,
  logits: true,
  deadline: true,
  onToken: true,
  onProgress: true,
  signal: true,
};

function checkOptions(options: GenerateOptions, vocabSize: number) {
  checkKeys(options, OPTIONS, "the options of generate");
  const { maxNewTokens, deadline = 0, stopTokens = [], temperature = 0, seed } = options;
  const stop = stopTokens.find((id) => !Number.isInteger(id) || id < 0 || id >= vocabSize);
  if (stop !== undefined) {
    throw new RangeError(
      `Cannot stop at token ${showValue(stop)}: the vocabulary has 0 to ${vocabSize - 1}`,
    );
  }
  createSampler(temperature, { seed });
  if (!Number.isInteger(maxNewTokens) || maxNewTokens < 1) {
    throw new RangeError(`Cannot generate ${maxNewTokens} new tokens: it must be 1 or more`);
  }
  if (!(deadline >= 0)) throw new RangeError(`Cannot generate with a deadline of ${deadline} ms`);
}

/** A row whose numbers left their range, and what it had answered. */
class RowError extends Error {
  constructor(
    override readonly cause: NonFiniteError,
    readonly row: PlannedRow,
    readonly tokens: readonly number[],
  ) {
    super(cause.message);
  }
}

class Generation {
  readonly #start = performance.now();
  readonly #stops: ReadonlySet<number>;
  readonly #answers: Map<PlannedRow, Answer>;
  readonly #greedy: boolean;
  /** Rows that are still generating. */
  left: number;

  constructor(
    readonly model: { decoder: Decoder; tensors: Tensors },
    rows: PlannedRow[],
    readonly options: GenerateOptions,
  ) {
    const { decoder } = model;
    this.#stops = new Set(options.stopTokens);
    const { temperature = 0, seed, maxNewTokens } = options;
    this.#greedy = temperature === 0;
    const rules = overrideGeneration(NO_RULES, options.generation);
    checkGeneration(rules, { vocabSize: decoder.config.vocabSize, draws: !this.#greedy });
    this.#answers = new Map(rows.map((row) => {
      const sample = createSampler(temperature, { seed, row: row.index, ...rules });
      const place = { prompt: row.input.ids, stopTokens: this.#stops, maxNewTokens };
      const answer = new Answer(row, new RowRules(rules, place), sample);
      if (options.logits) answer.logits = [];
      return [row, answer];
    }));
    this.left = rows.length;
  }

  between(phase: "prefill" | "decode", layer: number) {
    this.options.signal?.throwIfAborted();
    this.options.onProgress?.({ phase, layer });
  }

  #finish(answer: Answer, finish: Generated["finish"]) {
    answer.finish = finish;
    answer.milliseconds = performance.now() - this.#start;
    answer.row.done = true;
    this.left--;
  }

  #accept(row: PlannedRow, token: number) {
    const { maxNewTokens, deadline = Infinity, onToken } = this.options;
    const answer = this.#answers.get(row)!;
    if (this.#stops.has(token)) return this.#finish(answer, "stop");
    answer.tokens.push(token);
    answer.rules.push(token);
    if (answer.tokens.length === maxNewTokens) this.#finish(answer, "length");
    else if (performance.now() - this.#start > deadline) this.#finish(answer, "timeout");
    onToken?.({ row: row.index, step: answer.tokens.length - 1, token, rowsLeft: this.left });
  }

  /** Takes one token for every group of rows; hidden is [groups, hidden]. */
  async acceptAll(groups: PlannedRow[][], hidden: Tensor) {
    const { vocabSize } = this.model.decoder.config;
    const most = Math.max(1, Math.floor(HEAD_BUDGET / vocabSize));
    for (let first = 0; first < groups.length; first += most) {
      const end = Math.min(groups.length, first + most);
      const part = await this.model.tensors.join([{ tensor: hidden, from: first, to: end }]);
      // Rows of a group have written the same so far: nothing.
      const rules = groups.slice(first, end).map(([row]) => this.#answers.get(row)!.rules);
      const edits = logitEdits(rules, vocabSize);
      const head = this.#greedy && !this.options.logits
        ? { tokens: this.model.decoder.likeliest(part, edits) }
        : { logits: this.model.decoder.logits(part, edits) };
      const named = (error: unknown) => this.#name(error, groups.slice(first, end));
      const tokens = await head.tokens?.catch(named);
      const logits = await head.logits?.catch(named);
      for (let group = first; group < end; group++) {
        const at = group - first;
        const { forced } = rules[at];
        const own = logits?.subarray(at * vocabSize, (at + 1) * vocabSize);
        for (const row of groups[group]) {
          const answer = this.#answers.get(row)!;
          if (own) answer.logits?.push(own.slice());
          this.#accept(row, forced ?? tokens?.[at] ?? answer.sample(own!));
        }
      }
      this.between("decode", this.model.decoder.config.numLayers);
    }
  }

  /** Gives an error of the head the row's request and answer. */
  #name(error: unknown, groups: PlannedRow[][]): never {
    if (!(error instanceof NonFiniteError)) throw error;
    const [row] = groups[error.row];
    throw new RowError(error, row, this.#answers.get(row)!.tokens);
  }

  /** The newest token of each row of the cache, through the layers and the head. */
  async step(cache: KvCache) {
    const tokens = Int32Array.from(cache.rows, (row) => this.#answers.get(row)!.tokens.at(-1) ?? 0);
    const places = cache.rows.map(({ input }) => input.ids.length + input.ropeDelta + cache.length);
    const positions = Int32Array.from([...places, ...places, ...places]);
    const rotations = rotationsAt(positions, this.model.decoder.config);
    const hidden = await decodeStep(this.model.decoder, this.model.tensors, cache, {
      tokens,
      rotations,
      checkpoint: () => this.between("decode", 0),
    });
    const active = cache.rows.flatMap((row, i) => row.done ? [] : [i]);
    const whole = active.length === cache.rows.length;
    await this.acceptAll(
      active.map((row) => [cache.rows[row]]),
      await this.model.tensors.take(hidden, whole ? null : active),
    );
    this.model.tensors.free([]);
  }

  results(): Generated[] {
    const results = new Array<Generated>(this.#answers.size);
    const { vocabSize } = this.model.decoder.config;
    for (const [{ index, edits, captures: { captured } }, answer] of this.#answers) {
      const { finish, milliseconds, logits: steps } = answer;
      const logits = steps && new Values(concatenate(steps), [steps.length, vocabSize]);
      const receipts = edits.receipts();
      const tokens = Int32Array.from(answer.tokens);
      results[index] = { tokens, finish, milliseconds, receipts, captured, logits };
    }
    return results;
  }
}

/**
 * Generates an answer for every row. Where a device's memory is too small for all rows together and
 * tokens are not drawn, half of them follow the other half, and a warning says so.
 *
 * @param requests Rows; those that hold the same input object share its prefill.
 * @returns Answers in the order of the rows.
 * @throws {Error} if a prompt, an edit or an option is at fault, if an edit changed nothing, or if the signal is aborted.
 */
export async function generate(
  decoder: Decoder,
  requests: readonly RowRequest[],
  options: GenerateOptions,
): Promise<Generated[]> {
  checkOptions(options, decoder.config.vocabSize);
  const { onToken, temperature = 0 } = options;
  const generatePart = (part: readonly RowRequest[], from: number) =>
    generateTogether(decoder, part, {
      ...options,
      ...(onToken && { onToken: (event) => onToken({ ...event, row: event.row + from }) }),
    });
  // A row draws from its place in the call.
  return temperature > 0
    ? await generatePart(requests, 0)
    : await inHalves(decoder.backend, "rows", { items: requests }, generatePart);
}

async function generateTogether(
  decoder: Decoder,
  requests: readonly RowRequest[],
  options: GenerateOptions,
): Promise<Generated[]> {
  const rows = planRows(requests, decoder, options.maxNewTokens);
  for (const layers of new Set(rows.map((row) => row.layers))) await decoder.openLayers(layers);
  try {
    return await generateRows(decoder, rows, options);
  } catch (error) {
    throw error instanceof RowError ? await nonFiniteLayer(decoder, error.row, error) : error;
  }
}

async function generateRows(
  decoder: Decoder,
  rows: PlannedRow[],
  options: GenerateOptions,
): Promise<Generated[]> {
  using tensors = await decoder.backend.begin();
  const generation = new Generation({ decoder, tensors }, rows, options);
  const cache = new KvCache(rows, decoder.config, { tensors, newTokens: options.maxNewTokens });
  try {
    const streams = await prefill(decoder, tensors, rows, {
      cache,
      lastToken: true,
      checkpoint: ({ layer }) => generation.between("prefill", layer),
    });
    const groups = Map.groupBy(rows, (_, i) => streams[i]);
    await generation.acceptAll(
      [...groups.values()],
      await tensors.join([...groups.keys()].flatMap(lastHidden)),
    );
    tensors.free([]);
    while (generation.left > 0) {
      // Rows that are done cost attention only; dropping them costs a copy of the cache.
      if (generation.left <= 0.75 * cache.rows.length) {
        await cache.keep(cache.rows.flatMap((row, i) => row.done ? [] : [i]));
      }
      await generation.step(cache);
    }
    await tensors.settle();
  } finally {
    cache.dispose();
  }
  return generation.results();
}
