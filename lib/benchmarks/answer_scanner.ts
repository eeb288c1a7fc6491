/**
 * Reading long texts in steps that are counted, so that a test can hold every reader to a number of
 * steps proportional to the text, whatever the text is.
 *
 * @module
 */

/** Lower case of ASCII letters only: every index stays where it is. */
function asciiLower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/**
 * A text that is only looked at through searches for a word and short windows; each counts the
 * characters it passes.
 */
export class TextScanner {
  /** Characters passed so far. */
  steps = 0;
  readonly #text: string;
  #lower: string | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  /** A scanner of `text`; itself if it is one. */
  static of(text: string | TextScanner): TextScanner {
    return typeof text === "string" ? new TextScanner(text) : text;
  }

  /** UTF-16 units of the text. */
  get length(): number {
    return this.#text.length;
  }

  /** One UTF-16 unit; empty outside of the text. */
  at(index: number): string {
    this.steps++;
    return this.#text[index] ?? "";
  }

  /** The text from `start` to before `end`, both clamped to the text. */
  slice(start: number, end = this.length): string {
    const part = this.#text.slice(Math.max(0, start), Math.max(0, end));
    this.steps += part.length;
    return part;
  }

  /** Where `word` is first found from `from` on; -1 if nowhere. */
  indexOf(word: string, from = 0): number {
    return this.#passed(from, this.#text.indexOf(word, from));
  }

  /** As {@linkcode TextScanner.indexOf} of a lower-case ASCII word, in any case. */
  indexOfAnyCase(word: string, from = 0): number {
    if (this.#lower === undefined) {
      this.#lower = asciiLower(this.#text);
      this.steps += this.length;
    }
    return this.#passed(from, this.#lower.indexOf(word, from));
  }

  /** Where `word` is last found at or before `from`; -1 if nowhere. */
  lastIndexOf(word: string, from = this.length): number {
    const index = from < 0 ? -1 : this.#text.lastIndexOf(word, from);
    this.steps += Math.max(1, from - index);
    return index;
  }

  #passed(from: number, index: number): number {
    this.steps += Math.max(1, (index < 0 ? this.length : index) - from);
    return index;
  }
}
