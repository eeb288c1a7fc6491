/**
 * The words of a merge expression with their positions, and the error that points at one.
 *
 * @module
 */

/** Longest expression that is read, in characters. */
export const MAX_EXPRESSION_LENGTH = 4096;

const SHOWN = 160;

function shown(text: string): string {
  return JSON.stringify(text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);
}

/** An expression that is not one. */
export class MergeExpressionError extends Error {
  override readonly name = "MergeExpressionError";
  readonly expression: string;
  /** Index of the character at fault, from 0; the expression's length if it ended too early. */
  readonly position: number;

  /** Makes the message out of what was wrong at a position. */
  constructor(expression: string, position: number, problem: string) {
    const rest = expression.slice(position);
    const where = rest.trim() === ""
      ? "at its end"
      : `at character ${position + 1} (${shown(/^\S+/.exec(rest)?.[0] ?? rest)})`;
    super(`Cannot read the merge expression ${shown(expression)} ${where}: ${problem}`);
    this.expression = expression;
    this.position = position;
  }
}

/** A word and where it starts. */
export interface ExpressionWord {
  text: string;
  position: number;
}

/**
 * Reads an expression word by word: `+`, anything in quotes, or a run of characters that are neither
 * `+` nor space. Quotes stay part of their word.
 */
export class ExpressionWords {
  readonly #expression: string;
  readonly #words: ExpressionWord[];
  #next = 0;

  /** @throws {MergeExpressionError} if the expression is longer than any real one. */
  constructor(expression: string) {
    this.#expression = expression;
    if (expression.length > MAX_EXPRESSION_LENGTH) {
      throw new MergeExpressionError(
        expression,
        MAX_EXPRESSION_LENGTH,
        `it has ${expression.length} characters, ${MAX_EXPRESSION_LENGTH} are allowed`,
      );
    }
    this.#words = [...expression.matchAll(/"[^"]*"|'[^']*'|\+|[^\s+]+/g)]
      .map(({ 0: text, index: position }) => ({ text, position }));
  }

  /** The next word, not consumed; empty text at the end. */
  peek(): ExpressionWord {
    return this.#words[this.#next] ?? { text: "", position: this.#expression.length };
  }

  /** Consumes the next word. */
  take(): ExpressionWord {
    const word = this.peek();
    this.#next++;
    return word;
  }

  /** Consumes the next word if it is one of `keywords` (lower case), whatever its case. */
  takeKeyword<K extends string>(...keywords: K[]): K | null {
    const word = this.peek().text.toLowerCase();
    const found = keywords.find((keyword) => keyword === word) ?? null;
    if (found !== null) this.#next++;
    return found;
  }

  /** Throws the error that points at a word, or at a place inside of it. */
  fail(word: ExpressionWord, problem: string, offset = 0): never {
    throw new MergeExpressionError(this.#expression, word.position + offset, problem);
  }
}
