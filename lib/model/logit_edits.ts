/**
 * What the rules of decoding (a penalty on repetition, tokens that are not allowed) make of logits:
 * for each row a few tokens whose logits change. The changes are made in the head's graph, so that
 * no logits leave it.
 *
 * @module
 */
import type { GenerationConfig } from "./generation_config.ts";
import type { GraphBuilder, Value } from "./graph_builder.ts";
import type { HostTensor } from "./tensors.ts";

/** Changes of logits [rows, vocab]: logit `l` becomes `(l < 0 ? l * penalty : l / penalty) + bias`. */
export interface LogitEdits {
  /** [edits] which logits, each once: row * vocab + token. */
  places: Int32Array;
  /** [edits] above 0. */
  penalties: Float32Array;
  /** [edits] 0, or -Infinity for a token that is not allowed. */
  biases: Float32Array;
}

/** One edit that changes nothing: graphs take no empty lists. */
const NO_EDITS: LogitEdits = {
  places: new Int32Array(1),
  penalties: new Float32Array([1]),
  biases: new Float32Array(1),
};

/** Adds the edits to a graph, as inputs; returns the changed logits [N, vocab] of f32 ones. */
export function addLogitEdits(graph: GraphBuilder, logits: Value, vocabSize: number): Value {
  const places = graph.input("places", "i32", ["E"]);
  const penalties = graph.input("penalties", "f32", ["E"]);
  const biases = graph.input("biases", "f32", ["E"]);
  const flat = graph.reshape(logits, [-1]);
  const old = graph.node("Gather", [flat, places], { axis: 0n });
  const penalised = graph.node("Where", [
    graph.node("Less", [old, graph.scalar(0)]),
    graph.node("Mul", [old, penalties]),
    graph.node("Div", [old, penalties]),
  ]);
  const edited = graph.node("Add", [penalised, biases]);
  const all = graph.node("ScatterElements", [flat, places, edited], { axis: 0n });
  return graph.reshape(all, [-1, vocabSize]);
}

/** The inputs that {@linkcode addLogitEdits} adds; default: nothing changes. */
export function logitEditInputs(edits: LogitEdits = NO_EDITS): Record<string, HostTensor> {
  const dims = [edits.places.length];
  return {
    places: { data: edits.places, dims },
    penalties: { data: edits.penalties, dims },
    biases: { data: edits.biases, dims },
  };
}

/** Where a row stands: its prompt, the end tokens, and how long its answer may get. */
export interface RowPlace {
  prompt: Int32Array;
  stopTokens: ReadonlySet<number>;
  maxNewTokens: number;
}

/** Whether `ids` ends in `tail`. */
function endsIn(ids: readonly number[], tail: readonly number[]): boolean {
  const start = ids.length - tail.length;
  return start >= 0 && tail.every((id, i) => ids[start + i] === id);
}

/** The rules of decoding for one row, as its answer grows. */
export class RowRules {
  readonly #rules: GenerationConfig;
  readonly #place: RowPlace;
  /** Prompt and answer, where a rule looks at them. */
  readonly #ids: number[];
  /** Tokens of both, each once, where repetition is penalised. */
  readonly #seen: Set<number>;
  readonly #looksBack: boolean;
  /** Whether there is anything to do, ever. */
  readonly #idle: boolean;
  #step = 0;

  constructor(rules: GenerationConfig, place: RowPlace) {
    this.#rules = rules;
    this.#place = place;
    this.#looksBack = rules.no_repeat_ngram_size > 0 || rules.bad_words_ids.length > 0;
    this.#ids = this.#looksBack ? [...place.prompt] : [];
    this.#seen = new Set(rules.repetition_penalty === 1 ? [] : place.prompt);
    const { suppress_tokens, begin_suppress_tokens, min_new_tokens, min_length } = rules;
    this.#idle = !this.#looksBack && rules.repetition_penalty === 1 &&
      suppress_tokens.length + begin_suppress_tokens.length === 0 &&
      (min_new_tokens ?? min_length) === 0;
  }

  /** The next token where a rule leaves no choice. */
  get forced(): number | undefined {
    const last = this.#rules.forced_eos_token_id;
    const ends = this.#step === this.#place.maxNewTokens - 1;
    return ends && last.length > 0 ? Math.min(...last) : undefined;
  }

  /** Takes the token that was chosen. */
  push(token: number): void {
    this.#step++;
    if (this.#looksBack) this.#ids.push(token);
    if (this.#rules.repetition_penalty !== 1) this.#seen.add(token);
  }

  /** Tokens that repeat the last n - 1 tokens' continuation. */
  *#repeating(): Iterable<number> {
    const size = this.#rules.no_repeat_ngram_size;
    const ids = this.#ids;
    if (size === 0 || ids.length + 1 < size) return;
    const start = ids.length - size + 1;
    for (let at = 0; at < start; at++) {
      let same = 0;
      while (same < size - 1 && ids[at + same] === ids[start + same]) same++;
      if (same === size - 1) yield ids[at + size - 1];
    }
  }

  *#forbidden(): Iterable<number> {
    const { prompt, stopTokens } = this.#place;
    const { bad_words_ids, suppress_tokens, begin_suppress_tokens } = this.#rules;
    const { min_new_tokens, min_length } = this.#rules;
    yield* suppress_tokens;
    if (this.#step === 0) yield* begin_suppress_tokens;
    if (this.#step < (min_new_tokens ?? min_length - prompt.length)) yield* stopTokens;
    for (const word of bad_words_ids) {
      const last = word[word.length - 1];
      if (word.length === 1 ? stopTokens.has(last) : word.length > this.#ids.length) continue;
      if (endsIn(this.#ids, word.slice(0, -1))) yield last;
    }
    yield* this.#repeating();
  }

  /** Tells what happens to the next token's logits: each token once. */
  edit(change: (token: number, penalty: number, bias: number) => void): void {
    if (this.#idle) return;
    const penalty = this.#rules.repetition_penalty;
    const forbidden = new Set(this.#forbidden());
    for (const token of this.#seen) if (!forbidden.has(token)) change(token, penalty, 0);
    for (const token of forbidden) change(token, 1, -Infinity);
  }
}

/**
 * The edits of rows whose logits are computed together.
 *
 * @returns None where no rule has anything to do.
 */
export function logitEdits(
  rows: readonly RowRules[],
  vocabSize: number,
): LogitEdits | undefined {
  const places: number[] = [];
  const penalties: number[] = [];
  const biases: number[] = [];
  for (const [row, rules] of rows.entries()) {
    rules.edit((token, penalty, bias) => {
      places.push(row * vocabSize + token);
      penalties.push(penalty);
      biases.push(bias);
    });
  }
  if (places.length === 0) return undefined;
  return {
    places: Int32Array.from(places),
    penalties: Float32Array.from(penalties),
    biases: Float32Array.from(biases),
  };
}
