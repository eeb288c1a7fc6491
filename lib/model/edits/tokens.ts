/**
 * Which of a row's tokens an edit or a capture is about.
 *
 * @module
 */
import { showValue } from "../../check_keys.ts";
import type { ModelInput } from "../model_input.ts";

const NAMES = ["all", "prompt", "image", "question", "generated"] as const;

/**
 * Tokens of a row: by name, or by index in the sequence of prompt and answer, from 0.
 *
 * - `image`: the prompt's visual tokens;
 * - `question`: the prompt's tokens after its last image;
 * - `prompt`: all tokens of the prompt;
 * - `generated`: the answer's tokens, each where it is read to find the next one;
 * - `all`: prompt and answer.
 */
export type TokenChoice = typeof NAMES[number] | readonly number[];

export interface TokenSet {
  has(token: number): boolean;
  /** The first of them. */
  first: number;
  /** After the last of them. */
  end: number;
}

export function visualTokenIndices(input: ModelInput): number[] {
  return input.imageTokens.flatMap(({ start, count }) =>
    Array.from({ length: count }, (_, i) => start + i)
  );
}

function range(from: number, to: number): TokenSet {
  return { has: (token) => token >= from && token < to, first: from, end: to };
}

function listed(tokens: readonly number[]): TokenSet {
  const set = new Set(tokens);
  const [first, end] = [Math.min(...tokens), Math.max(...tokens) + 1];
  return { has: (token) => set.has(token), first, end };
}

/**
 * Finds the tokens of a choice.
 *
 * @param what Whose choice it is, for messages.
 * @param newTokens Tokens that are generated at most.
 * @throws {Error} if it is no choice, or chooses no token that the row can have.
 */
export function tokenSet(
  choice: TokenChoice,
  input: ModelInput,
  { what, newTokens }: { what: string; newTokens: number },
): TokenSet {
  const prompt = input.ids.length - (input.answerTokens ?? 0);
  const end = input.ids.length + newTokens;
  if (typeof choice === "string" && NAMES.includes(choice)) {
    if (choice === "all") return range(0, Infinity);
    if (choice === "prompt") return range(0, prompt);
    if (choice === "generated") return range(prompt, Infinity);
    const visual = visualTokenIndices(input);
    if (visual.length === 0) {
      throw new Error(`Cannot use ${what}: it is about the ${choice}, but the prompt has no image`);
    }
    return choice === "image" ? listed(visual) : range(visual.at(-1)! + 1, prompt);
  }
  if (!Array.isArray(choice) || choice.length === 0) {
    throw new TypeError(
      `Cannot use ${what}: its tokens are ${showValue(choice)}, not one of ${NAMES.join(", ")}, ` +
        "or a list of indices",
    );
  }
  const bad = choice.find((token) => !(Number.isInteger(token) && token >= 0 && token < end));
  if (bad !== undefined) {
    throw new RangeError(
      `Cannot use ${what}: there is no token ${showValue(bad)}; the prompt has ` +
        `${input.ids.length} tokens` + (newTokens > 0 ? `, and ${newTokens} are generated` : ""),
    );
  }
  return listed(choice);
}

/** Whether some of the tokens may be within [from, to). */
export function reaches({ first, end }: TokenSet, from: number, to: number): boolean {
  return first < to && end > from;
}

/** The runs [start, end) of chosen tokens within [from, to). */
export function runsOf(tokens: TokenSet, from: number, to: number): [number, number][] {
  const runs: [number, number][] = [];
  const end = Math.min(to, tokens.end);
  for (let token = Math.max(from, tokens.first); token < end; token++) {
    if (!tokens.has(token)) continue;
    const start = token;
    while (token < end && tokens.has(token)) token++;
    runs.push([start, token]);
  }
  return runs;
}

/**
 * Resamples rows along the token axis: linear, align_corners = false, as torch's interpolate.
 *
 * @param values [tokens, width] row-major.
 * @param width Numbers a token.
 * @param tokens Tokens wanted.
 * @returns [tokens, width]; `values` itself if the count is right already.
 */
export function resampleTokens(values: Float32Array, width: number, tokens: number): Float32Array {
  const available = values.length / width;
  if (available === tokens) return values;
  const result = new Float32Array(tokens * width);
  const scale = available / tokens;
  for (let token = 0; token < tokens; token++) {
    const at = Math.max(0, (token + 0.5) * scale - 0.5);
    const low = Math.min(available - 1, Math.floor(at));
    const high = Math.min(available - 1, low + 1);
    const share = at - low;
    for (let i = 0; i < width; i++) {
      result[token * width + i] = (1 - share) * values[low * width + i] +
        share * values[high * width + i];
    }
  }
  return result;
}
