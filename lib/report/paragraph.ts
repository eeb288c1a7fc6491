/**
 * A paragraph of Markdown whose numbers come from data.
 *
 * @module
 */

/** Text that a notebook shows as Markdown and a terminal without its marks. */
export class Paragraph {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text.replaceAll("**", "");
  }

  /** The notebook's view. */
  [Symbol.for("Jupyter.display")](): Record<string, string> {
    return { "text/markdown": this.text, "text/plain": String(this) };
  }
}
