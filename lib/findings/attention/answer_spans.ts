/**
 * Which generated tokens think and which answer.
 *
 * @module
 */

/** Indices of generated tokens, ascending. */
export interface AnswerSpans {
  /** All of them. */
  generated: number[];
  /** Inside of `<think>`. */
  think: number[];
  /** Inside of `<answer>`, or of the last `\boxed{}`. */
  answer: number[];
}

/** Names of the spans. */
export const SPANS = ["generated", "think", "answer"] as const;
/** Text from `start` up to `end`, in UTF-16 units. */
interface Range {
  start: number;
  end: number;
}

/** End of each token's text in the whole text. */
function tokenEnds(tokens: ArrayLike<number>, decode: (tokens: number[]) => string): number[] {
  const all = Array.from(tokens);
  let length = 0;
  const pieces = all.map((token) => decode([token]));
  const alone = pieces.map((piece) => length += piece.length);
  if (pieces.join("") === decode(all)) return alone;
  // Characters of several tokens: only the text so far tells where they end.
  return all.map((_, i) => decode(all.slice(0, i + 1)).length);
}

function boxRange(text: string): Range | undefined {
  const at = text.lastIndexOf("\\boxed{");
  if (at < 0) return undefined;
  const start = at + "\\boxed{".length;
  let depth = 1;
  for (let i = start; i < text.length; i++) {
    if (text[i] === "{") depth++;
    else if (text[i] === "}" && --depth === 0) return { start, end: i };
  }
  return { start, end: text.length };
}

function tagRange(text: string, tag: string): Range | undefined {
  const open = text.lastIndexOf(`<${tag}>`);
  if (open < 0) return undefined;
  const start = open + tag.length + 2;
  const close = text.indexOf(`</${tag}>`, start);
  return { start, end: close < 0 ? text.length : close };
}

function thinkRange(text: string): Range | undefined {
  const open = text.indexOf("<think>");
  const close = text.indexOf("</think>", Math.max(0, open));
  if (open < 0 && close < 0) return undefined;
  const start = open < 0 ? 0 : open + "<think>".length;
  if (close >= 0) return { start, end: close };
  // A thought that is never closed ends where the answer begins.
  const ends = [text.indexOf("<answer>", start), text.lastIndexOf("\\boxed{")];
  return { start, end: Math.min(text.length, ...ends.filter((end) => end >= start)) };
}

/**
 * Finds the thinking and the answering tokens of a response. A token counts where at least one of
 * its characters is inside.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const pieces = ["<think>", "1+", "1", "</think>", "<answer>", "2", "</answer>"];
 * const decode = (tokens: number[]) => tokens.map((token) => pieces[token]).join("");
 * const { think, answer } = answerSpans([0, 1, 2, 3, 4, 5, 6], decode);
 * assertEquals([think, answer], [[1, 2], [5]]);
 * ```
 *
 * @param tokens Generated token ids.
 * @param decode Text of token ids.
 */
export function answerSpans(
  tokens: ArrayLike<number>,
  decode: (tokens: number[]) => string,
): AnswerSpans {
  const text = decode(Array.from(tokens));
  const ends = tokenEnds(tokens, decode);
  const inside = (range: Range | undefined) =>
    range === undefined ? [] : ends.flatMap((end, i) => {
      const start = i === 0 ? 0 : ends[i - 1];
      return Math.max(start, range.start) < Math.min(end, range.end) ? [i] : [];
    });
  return {
    generated: ends.map((_, i) => i),
    think: inside(thinkRange(text)),
    answer: inside(tagRange(text, "answer") ?? boxRange(text)),
  };
}
