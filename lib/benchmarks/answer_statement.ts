/**
 * Answers that a text states in a sentence.
 *
 * @module
 */
import { TextScanner } from "./answer_scanner.ts";

/** Longest statement that counts as an answer, in characters. */
const LONGEST = 99;
/** Room for what stands between a word and the statement. */
const LEAD = 40;

interface Lead {
  words: readonly string[];
  /** What must follow the word, up to where the statement starts. */
  between: RegExp;
}

const LEADS: readonly Lead[] = [
  { words: ["answer"], between: /^\s*(?:is(?![A-Za-z])|:)[\s:]*/ },
  {
    words: ["therefore", "thus", "hence", "so"],
    between: /^[,\s]+(?:the\s+)?(?:answer\s+is\s+)?/i,
  },
];

/** Up to the full stop (not a decimal point) or the end of the line; undefined if it is long. */
function sentenceAt(scanner: TextScanner, start: number): string | undefined {
  const window = scanner.slice(start, start + LONGEST + LEAD);
  const stop = /\.(?!\d)|\n/.exec(window)?.index;
  if (stop === undefined && start + window.length < scanner.length) return undefined;
  const sentence = window.slice(0, stop).trim().replace(/^\*+\s*|\s*\*+$/g, "");
  return sentence !== "" && sentence.length <= LONGEST ? sentence : undefined;
}

/** Where the statement after the first lead starts. */
function leadEnd(scanner: TextScanner, { words, between }: Lead): number | undefined {
  let first: { at: number; end: number } | undefined;
  for (const word of words) {
    for (
      let at = scanner.indexOfAnyCase(word);
      at >= 0 && at < (first?.at ?? Infinity);
      at = scanner.indexOfAnyCase(word, at + 1)
    ) {
      // "also" and "reason" hold a "so" that leads to nothing.
      if (/[A-Za-z]/.test(scanner.at(at - 1))) continue;
      const end = at + word.length;
      const match = between.exec(scanner.slice(end, end + LEAD));
      if (!match) continue;
      first = { at, end: end + match[0].length };
      break;
    }
  }
  return first?.end;
}

/**
 * What follows "answer is" or "answer:", else "therefore", "thus", "hence" or "so", up to the full
 * stop or the end of the line, if that is under 100 characters.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(statedAnswer("Adding up, the final answer is 2.5 cm. Done."), "2.5 cm");
 * ```
 *
 * @returns undefined if nothing short is stated so.
 */
export function statedAnswer(response: string | TextScanner): string | undefined {
  const scanner = TextScanner.of(response);
  for (const lead of LEADS) {
    const start = leadEnd(scanner, lead);
    const sentence = start === undefined ? undefined : sentenceAt(scanner, start);
    if (sentence !== undefined) return sentence;
  }
  return undefined;
}
