/**
 * A paragraph of Markdown whose numbers come from data.
 *
 * @module
 */

/** Text that a notebook shows as Markdown and a terminal as it is. */
export class Paragraph {
  /** Markdown. */
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }

  /** The notebook's view. */
  [Symbol.for("Jupyter.display")](): Record<string, string> {
    return { "text/markdown": this.text, "text/plain": this.text };
  }
}
