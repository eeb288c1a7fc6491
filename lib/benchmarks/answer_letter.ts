/**
 * Which choice of a multiple-choice question a text names.
 *
 * @module
 */
import { TextScanner } from "./answer_scanner.ts";

/** A way to name a choice. */
type Phrasing = WordPhrasing | TailPhrasing;

/** Looked for at every place where one of some words stands, in any case. */
interface WordPhrasing {
  words: readonly string[];
  /** Matches what follows the word. */
  after: RegExp;
  /** Matches what stands before the word, and captures the letter where `after` does not. */
  before?: RegExp;
}

/** Looked for in the last characters. */
interface TailPhrasing {
  tail: number;
  pattern: RegExp;
}

/** Characters looked at on either side of a word; no phrasing is longer. */
const WINDOW = 48;
const LETTER = "([A-H])(?![A-Za-z0-9])";

/** In the order in which they decide: marked answers, statements, then mere mentions. */
const PHRASINGS: readonly Phrasing[] = [
  { words: ["<answer>"], after: /^\s*\(?([A-Ha-h])[.)]?\s*<\/answer>/i },
  { words: ["\\boxed"], after: /^\s*\{\s*(?:\\[a-z]+\s*\{)?\s*\(?([A-Ha-h])[.)]?\s*\}/ },
  { words: ["answer"], after: new RegExp(String.raw`^\s+is\b[\s:]*[$*("\\]*${LETTER}`) },
  { words: ["answer"], after: new RegExp(String.raw`^\s*:[\s*]*[$("\\]*${LETTER}`) },
  { tail: 5, pattern: /\(([A-H])\)\.?$/ },
  { words: ["\n"], after: /^([A-H])\.\s*(?:\n|$)/ },
  { words: ["**"], after: /^\(?([A-H])[.):]{0,2}\*\*/ },
  { words: ["option", "choice"], after: new RegExp(String.raw`^\s+\**\(?${LETTER}`) },
  {
    words: ["is", "would be"],
    after: /^\s+(?:the\s+)?(?:correct|right|best)/i,
    before: /(?:^|[^A-Za-z0-9])([A-H])\)?\s+$/,
  },
  { words: ["select", "choose"], after: new RegExp(String.raw`^\s+\**\(?${LETTER}`) },
  { tail: 100, pattern: new RegExp(`(?<![A-Za-z0-9_])${LETTER}(?!_)`) },
];

/** The letter at the first place where a phrasing matches. */
function letterBy(scanner: TextScanner, phrasing: Phrasing): string | undefined {
  if ("tail" in phrasing) {
    return phrasing.pattern.exec(scanner.slice(scanner.length - phrasing.tail))?.[1];
  }
  const { words, after, before } = phrasing;
  let first: { at: number; letter: string } | undefined;
  for (const word of words) {
    let at = scanner.indexOfAnyCase(word);
    while (at >= 0 && at < (first?.at ?? Infinity)) {
      const end = at + word.length;
      const following = after.exec(scanner.slice(end, end + WINDOW));
      const match = following && before ? before.exec(scanner.slice(at - WINDOW, at)) : following;
      if (match) first = { at, letter: match[1] };
      at = scanner.indexOfAnyCase(word, end);
    }
  }
  return first?.letter;
}

/**
 * The letter A to H that a text chooses: in an answer tag or a box, by the usual phrasings ("the
 * answer is (C)", "**C**", "option C", "C is correct", ...), else the first letter that stands alone
 * in the last 100 characters.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(chosenLetter("Counting them, the correct answer is (C)."), "C");
 * assertEquals(chosenLetter("There are 7 of them"), undefined);
 * ```
 *
 * @returns The letter in upper case, or undefined.
 */
export function chosenLetter(response: string | TextScanner): string | undefined {
  const outer = TextScanner.of(response);
  // A line break first, so that the first line is found as the others are.
  const scanner = new TextScanner(`\n${outer.slice(0).trim()}`);
  let letter: string | undefined;
  for (const phrasing of PHRASINGS) {
    letter = letterBy(scanner, phrasing);
    if (letter) break;
  }
  outer.steps += scanner.steps;
  return letter?.toUpperCase();
}
