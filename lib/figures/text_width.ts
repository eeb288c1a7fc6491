/**
 * Width of a text in DejaVu Sans, to place legends and break lines without a browser.
 *
 * @module
 */

/** Advance widths of U+0020..U+007E in thousandths of the font size (DejaVu Sans 2.37, `hmtx`). */
// deno-fmt-ignore
const REGULAR = [
  318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636,
  636, 636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632,
  575, 775, 752, 295, 295, 656, 557, 863, 748, 787, 603, 787, 695, 635, 611, 732, 684, 989, 685,
  611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635, 615, 352, 635, 634, 278, 278, 579,
  278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838,
];
/** The same of DejaVu Sans Bold. */
// deno-fmt-ignore
const BOLD = [
  348, 456, 521, 838, 696, 1002, 872, 306, 457, 457, 523, 838, 380, 415, 380, 365, 696, 696, 696,
  696, 696, 696, 696, 696, 696, 696, 400, 400, 838, 838, 838, 580, 1000, 774, 762, 734, 830, 683,
  683, 821, 837, 372, 372, 775, 637, 995, 837, 850, 733, 850, 770, 720, 682, 812, 774, 1103, 771,
  724, 725, 457, 365, 457, 838, 500, 500, 675, 716, 593, 716, 678, 435, 716, 712, 343, 343, 665,
  343, 1042, 712, 687, 716, 716, 493, 595, 478, 712, 652, 924, 645, 652, 582, 712, 365, 712, 838,
];
/** Characters outside ASCII (arrows, Greek, signs): as wide as the widest that we use. */
const OTHER = 838;

/**
 * Width in pixels of `text` at `fontSize` pixels. Exact for ASCII (DejaVu kerns few pairs); an upper
 * bound for the other characters that the figures use.
 *
 * @example
 * ```ts
 * console.log(textWidth("Layer index", 10)); // 58.6
 * ```
 */
export function textWidth(
  text: string,
  fontSize: number,
  options: { bold?: boolean } = {},
): number {
  const table = options.bold ? BOLD : REGULAR;
  let thousandths = 0;
  for (const character of text) {
    thousandths += table[character.codePointAt(0)! - 32] ?? OTHER;
  }
  return thousandths * fontSize / 1000;
}

/**
 * Breaks `text` at spaces into lines of at most `width` pixels. A single word that is wider than a
 * line is broken inside.
 */
export function wrapText(
  text: string,
  width: number,
  options: { fontSize: number; bold?: boolean },
): string[] {
  const fits = (line: string) => textWidth(line, options.fontSize, options) <= width;
  const lines: string[] = [];
  let line = "";
  for (let word of text.split(/\s+/).filter((part) => part !== "")) {
    if (line !== "" && fits(`${line} ${word}`)) {
      line += ` ${word}`;
      continue;
    }
    if (line !== "") lines.push(line);
    while (!fits(word)) {
      const characters = [...word];
      let count = characters.length - 1;
      while (count > 1 && !fits(characters.slice(0, count).join(""))) count--;
      if (count < 1) break;
      lines.push(characters.slice(0, count).join(""));
      word = characters.slice(count).join("");
    }
    line = word;
  }
  return line === "" ? lines : [...lines, line];
}

/** Shortens `text` to `width` pixels by an ellipsis in its middle, where beginning and end differ. */
export function elideMiddle(text: string, width: number, fontSize: number): string {
  if (textWidth(text, fontSize) <= width) return text;
  const characters = [...text];
  for (let kept = characters.length - 1; kept > 1; kept--) {
    const start = characters.slice(0, Math.ceil(kept / 2)).join("").trimEnd();
    const end = characters.slice(characters.length - Math.floor(kept / 2)).join("").trimStart();
    const short = `${start}…${end}`;
    if (textWidth(short, fontSize) <= width) return short;
  }
  return "…";
}
