/**
 * One spelling for each of the many ways to write the same mathematics, in LaTeX or plain text.
 *
 * @module
 */
import { markWords } from "./words.ts";

/** Characters that have a LaTeX spelling. */
const CHARACTERS = new Map(Object.entries({
  ...{ "−": "-", "–": "-", "‐": "-", "×": "\\cdot ", "·": "\\cdot ", "⋅": "\\cdot ", "÷": "/" },
  ...{ "±": "\\pm ", "∓": "\\mp ", "≤": "\\le ", "≥": "\\ge ", "≠": "\\ne ", "∞": "\\infty " },
  ...{ "π": "\\pi ", "θ": "\\theta ", "α": "\\alpha ", "β": "\\beta ", "λ": "\\lambda " },
  ...{ "φ": "\\phi ", "ω": "\\omega ", "√": "\\sqrt ", "∪": "\\cup ", "∩": "\\cap ", "∈": "\\in " },
  ...{ "∅": "\\emptyset ", "ℝ": "\\mathbb{R}", "°": "^{\\circ}", "½": "\\frac{1}{2}" },
  ...{ "¼": "\\frac{1}{4}", "¾": "\\frac{3}{4}", "⅓": "\\frac{1}{3}", "⅔": "\\frac{2}{3}" },
  ...{ "²": "^{2}", "³": "^{3}", "€": "\\euro ", "£": "\\pounds ", "…": "\\ldots ", "％": "%" },
  ...{ "~": " ", "\u00a0": " ", "\u2009": " ", "\u202f": " ", "’": "'", "′": "'", "，": "," },
}));
const CHARACTER = new RegExp(`[${[...CHARACTERS.keys()].join("")}]`, "gu");

function commands(names: string, spelling: string): [string, string][] {
  return names.split(" ").map((name) => [name, spelling]);
}

/** Commands that are another's synonym, or say only how things look. */
const COMMANDS = new Map([
  ...commands("left right middle big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr", ""),
  ...commands("displaystyle textstyle scriptstyle limits quad qquad , : ; space", " "),
  ...commands("! ( ) [ ]", ""),
  ...commands("dfrac tfrac cfrac", "\\frac"),
  ...commands("times ast cdot", "\\cdot "),
  ...commands("leq leqslant le", "\\le "),
  ...commands("geq geqslant ge", "\\ge "),
  ...commands("neq ne", "\\ne "),
  ...commands("dots cdots", "\\ldots "),
  ...commands("varnothing emptyset", "\\emptyset "),
  ...commands("lvert rvert vert mid", "|"),
  ...commands("R reals Reals", "\\mathbb{R}"),
  ...commands("operatorname mathrm textrm textnormal textbf textit mathbf mathit mbox", "\\text"),
  ...[["lt", "<"], ["gt", ">"], ["div", "/"], ["$", "\\usd "], ["%", "\\% "], [" ", " "]],
  ...[["lbrace", "\\{"], ["rbrace", "\\}"], ["lbrack", "["], ["rbrack", "]"]],
  ...[["langle", "("], ["rangle", ")"], ["degree", "^{\\circ}"], ["boxed", ""]],
] as [string, string][]);

/** A rate in letters: m/s, km/h. */
const RATE = /(\d)\s*((?:[kc]?m|mi|ft)\/(?:s|h|hr|sec|min))(?![A-Za-z])/g;

type Spelling = [pattern: RegExp, spelling: string | ((...groups: string[]) => string)];

/** While spaces still part words and numbers; in this order. */
const SPACED: readonly Spelling[] = [
  [/<=/g, "\\le "],
  [/>=/g, "\\ge "],
  [/!=/g, "\\ne "],
  [/\*\*/g, " "],
  [/\*/g, "\\cdot "],
  [/\.{3,}/g, "\\ldots "],
  [/\\\\\s*\[[^\]]*\]/g, "\\\\ "],
  [/\^\s*\{?\s*\\circ(?![A-Za-z])\s*\}?/g, "^{\\circ}"],
  [/\\text\{degrees?\}/gi, "^{\\circ}"],
  [/(?<!\\)%|\\text\{(?:percent(?:age)?|pct)\}/gi, "\\% "],
  [/(\d)\s*x\s*(?=10\s*\^)/g, "$1\\cdot "],
  [/([\^_])\s*(-?\d+|-?[A-Za-z])/g, "$1{$2}"],
  [/(?<![\d.,])\d{1,3}(?: \d{3})+(?![\d,])/g, (digits) => digits.replaceAll(" ", "")],
  [/(?<![\d./])(\d+) +(\d+) *\/ *(\d+)(?![\d.])/g, "$1\\frac{$2}{$3}"],
];

/** Once spaces are gone; in this order. */
const CLOSE: readonly Spelling[] = [
  [/,{2,}/g, ","],
  [/\\frac(\d)(\d)/g, "\\frac{$1}{$2}"],
  [/\\frac(\d)(?=\{)/g, "\\frac{$1}"],
  [/(\\frac\{[^{}]*\})([\dA-Za-z])/g, "$1{$2}"],
  [/\\sqrt(?:(\d+)| ([A-Za-z]))/g, "\\sqrt{$1$2}"],
  // A currency sign before an amount is a unit after it.
  [/\\usd ?(-?[\d.,]*\d)/g, "$1\\text{dollars}"],
  [/\\euro ?(-?[\d.,]*\d)/g, "$1\\text{euros}"],
  [/\\pounds ?(-?[\d.,]*\d)/g, "$1\\text{pounds}"],
  [/\\(?:usd|euro|pounds)(?![A-Za-z]) ?/g, ""],
  [/\\text\{dollars\}\\text\{dollars?\}/g, "\\text{dollars}"],
  [/^(?:\\text\{[^{}]*\})?:/, ""],
  [/(?<!\\)[.,;:]+$/, ""],
];

function spell(text: string, spellings: readonly Spelling[]): string {
  return spellings.reduce(
    (spelled, [pattern, spelling]) =>
      typeof spelling === "string"
        ? spelled.replace(pattern, spelling)
        : spelled.replace(pattern, spelling),
    text,
  );
}

/** An even number of dollar signs delimits mathematics; an odd one has a currency's. */
function spellDollars(text: string): string {
  const count = text.match(/\$/g)?.length ?? 0;
  return text.replace(/\$/g, count % 2 === 0 ? " " : "\\usd ");
}

/** Turns `head(...)` into `head{...}`, up to the bracket that closes it. */
function braceArguments(text: string, head: string): string {
  let spelled = "";
  let rest = text;
  for (let at = rest.indexOf(`${head}(`); at >= 0; at = rest.indexOf(`${head}(`)) {
    const start = at + head.length;
    let depth = 0;
    let end = start;
    do {
      depth += rest[end] === "(" ? 1 : rest[end] === ")" ? -1 : 0;
      end++;
    } while (depth > 0 && end < rest.length);
    if (depth > 0) break;
    spelled += `${rest.slice(0, start)}{`;
    rest = `${rest.slice(start + 1, end - 1)}}${rest.slice(end)}`;
  }
  return spelled + rest;
}

/**
 * Writes mathematics in one way: LaTeX without styling, delimiters, spaces or punctuation at the
 * end, words in `\text{}`. It stays what it was: nothing is computed.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(spellMaths("$\\dfrac12 \\text{ or } 3$."), "\\frac{1}{2},3");
 * ```
 */
export function spellMaths(text: string): string {
  let tex = text.normalize("NFC").replace(CHARACTER, (character) => CHARACTERS.get(character)!);
  tex = tex.replace(/\\(?:left|right)\s*\./g, " ").replace(/,\s*\\!\s*/g, ",").replaceAll(
    "{,}",
    ",",
  );
  // Backslash pairs are taken whole, so that a row's end is not read as the start of a command.
  tex = tex.replace(/\\([A-Za-z]+|[^])/g, (command, name: string) => COMMANDS.get(name) ?? command);
  tex = spellDollars(tex).replace(RATE, "$1\\text{$2}");
  tex = spell(markWords(tex), SPACED);
  tex = tex.replace(
    /(\\text\{[^{}]*\})|(\\[A-Za-z]+)\s+(?=[A-Za-z])|\s+/g,
    (_, words?: string, command?: string) => words ?? (command ? `${command} ` : ""),
  );
  return braceArguments(braceArguments(spell(tex, CLOSE), "\\sqrt"), "^");
}
