/**
 * A finished figure: standalone SVG, PNG, files, and its place in a notebook.
 *
 * @module
 */
import { writeAtomically } from "../atomic_write.ts";
import { renderPng } from "./render_png.ts";

/** What a {@linkcode Figure} is made of. */
export interface FigureContent {
  svg: string;
  title: string;
  /** One line of what is seen, for those who do not see the picture. */
  description: string;
  width: number;
  height: number;
  /** Draws it again with further notes. */
  drawAgain?: (notes: readonly string[]) => Figure;
}

/** Media types and data that a notebook shows for a value. */
export type MediaBundle = Record<string, string>;

const DISPLAY = Symbol.for("Jupyter.display");

/**
 * A figure: SVG text that needs nothing else to be shown, and the PNG made of it.
 *
 * As the last value of a notebook cell it is shown as an image with its alt text.
 *
 * @example
 * ```ts
 * const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10"/>`;
 * const figure = new Figure({ svg, title: "Empty", description: "Nothing.", width: 20, height: 10 });
 * console.log(figure.alt); // "Empty. Nothing."
 * console.log(figure.png().length > 0); // true
 * ```
 */
export class Figure {
  /** The whole figure as a standalone SVG document. */
  readonly svg: string;
  readonly title: string;
  /** Title and one line of what is seen. */
  readonly alt: string;
  readonly width: number;
  readonly height: number;
  readonly #drawAgain: FigureContent["drawAgain"];

  constructor(content: FigureContent) {
    this.svg = content.svg;
    this.title = content.title;
    this.alt = `${content.title}. ${content.description}`;
    this.width = content.width;
    this.height = content.height;
    this.#drawAgain = content.drawAgain;
  }

  /**
   * The figure with further notes below it.
   *
   * @throws {Error} if it is an SVG from elsewhere, which has no place for them.
   */
  withNotes(notes: readonly string[]): Figure {
    if (notes.length === 0) return this;
    if (this.#drawAgain) return this.#drawAgain(notes);
    throw new Error(
      `Cannot add notes to the figure "${this.title}": it was not drawn here; write them into its SVG`,
    );
  }

  /**
   * The figure as PNG bytes, the same bytes on every machine.
   *
   * @param scale PNG pixels per CSS pixel; the default, 2, is for print and dense screens.
   * @throws {RangeError} if `scale` is not above 0 and at most 8.
   */
  png(scale = 2): Uint8Array<ArrayBuffer> {
    return renderPng(this.svg, scale);
  }

  /**
   * Writes `basePath`.svg and `basePath`.png (2x); creates the folder; replaces older files only
   * once the new ones are complete. A `.svg` or `.png` at the end of `basePath` is ignored.
   *
   * @returns the two paths written.
   * @throws {Error} if a file cannot be written; names it.
   */
  async save(basePath: string): Promise<string[]> {
    const base = basePath.replace(/\.(svg|png)$/i, "");
    const png = this.png();
    await writeAtomically(`${base}.svg`, this.svg);
    await writeAtomically(`${base}.png`, png);
    return [`${base}.svg`, `${base}.png`];
  }

  /**
   * Shows the figure in a notebook at its own size in CSS pixels; outside a kernel it does nothing.
   *
   * The kernel drops the size of a cell's last value, so that a viewer may show that one as large as
   * the page is wide; this is for where the size matters.
   */
  async show(): Promise<void> {
    const broadcast = kernelBroadcast();
    if (broadcast === undefined) return;
    await broadcast("display_data", {
      data: this[DISPLAY](),
      metadata: this.displayMetadata(),
      transient: {},
    });
  }

  /** Size in CSS pixels, in the form that notebooks store beside an image. */
  displayMetadata(): Record<string, { width: number; height: number }> {
    return { "image/png": { width: this.width, height: this.height } };
  }

  /** The notebook's view: a PNG at 2x and the alt text. */
  [DISPLAY](): MediaBundle {
    return { "image/png": this.png().toBase64(), "text/plain": this.alt };
  }
}

type Broadcast = (type: string, content: Record<string, unknown>) => Promise<void>;

/** The kernel's broadcast, if this runs in one: elsewhere reading `Deno.jupyter` throws. */
function kernelBroadcast(): Broadcast | undefined {
  try {
    return (Deno as unknown as { jupyter: { broadcast: Broadcast } }).jupyter.broadcast;
  } catch {
    return undefined;
  }
}
