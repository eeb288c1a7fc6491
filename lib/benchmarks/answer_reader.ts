/**
 * Reading the answer out of a response.
 *
 * @module
 */
import { chosenLetter } from "./answer_letter.ts";
import { lastNumber, numberAtLineEnd } from "./answer_number.ts";
import { TextScanner } from "./answer_scanner.ts";
import { statedAnswer } from "./answer_statement.ts";
import { boxedAnswer, taggedAnswer } from "./answer_tags.ts";

/** Options of {@linkcode readAnswer}. */
export interface ReadAnswerOptions {
  /** Whether the question gave lettered choices. */
  multipleChoice?: boolean;
}

/** Characters kept of a response that gives no answer. */
const TAIL = 50;

/**
 * The answer of a response, as the transferability experiments read it. In order: the last
 * `<answer>` tag, the last `\boxed{}`, a number at the end of a line; for multiple choice the
 * letter that is chosen; what follows "answer is" or "therefore"; the last number; the last 50
 * characters. Of an answer so marked, "C. text" is read as "text" and a single letter A to H in upper
 * case.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(readAnswer("<think>3+4=7</think><answer>7</answer>"), "7");
 * assertEquals(readAnswer("I would choose C here", { multipleChoice: true }), "C");
 * ```
 *
 * @returns The answer, trimmed; empty for an empty response.
 */
export function readAnswer(
  response: string | TextScanner,
  { multipleChoice = false }: ReadAnswerOptions = {},
): string {
  const scanner = TextScanner.of(response);
  const marked = taggedAnswer(scanner) ?? boxedAnswer(scanner) ?? numberAtLineEnd(scanner);
  if (marked !== undefined) return withoutLetter(marked);
  return (multipleChoice ? chosenLetter(scanner) : undefined) ?? statedOrLast(scanner);
}

/**
 * The answer of a response, as the reasoning localization reads it: as {@linkcode readAnswer}, but
 * numbers at line ends and choices have no say, and a marked answer is taken as it is.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(readAnswerStrictly("2 pens\nand 3\nmake \\boxed{5}"), "5");
 * ```
 */
export function readAnswerStrictly(response: string | TextScanner): string {
  const scanner = TextScanner.of(response);
  return taggedAnswer(scanner) ?? boxedAnswer(scanner) ?? statedOrLast(scanner);
}

function statedOrLast(scanner: TextScanner): string {
  const stated = statedAnswer(scanner) ?? lastNumber(scanner);
  if (stated !== undefined) return stated;
  // By characters, not by UTF-16 units: half of one would not survive being written to a file.
  return [...scanner.slice(0).trim().slice(-2 * TAIL)].slice(-TAIL).join("");
}

const SINGLE_LETTER = /^(?:\\[a-z]+\s*\{)?\s*\(?([A-Ha-h])[.)]?\s*\}?$/;

/** Takes "C." or "C)" off a choice's text, and the wrapping off a letter that stands alone. */
function withoutLetter(marked: string): string {
  const letter = marked.length <= 30 ? SINGLE_LETTER.exec(marked)?.[1] : undefined;
  if (letter) return letter.toUpperCase();
  const head = /^\(?[A-Ha-h](?:\)\s*|\.\s+)/.exec(marked.slice(0, 30))?.[0] ?? "";
  return marked.slice(head.length).trim() || marked;
}
