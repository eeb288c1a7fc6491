/**
 * One spelling for each of the many ways to write the same mathematics, in LaTeX or plain text.
 *
 * @module
 */
import { asciiDigits } from "../ascii_digits.ts";

const GREEK = Object.entries({
  ...{ α: "alpha", β: "beta", γ: "gamma", δ: "delta", ε: "epsilon", θ: "theta", λ: "lambda" },
  ...{ μ: "mu", π: "pi", ρ: "rho", σ: "sigma", τ: "tau", φ: "phi", ω: "omega", Δ: "Delta" },
}).map(([letter, name]) => [letter, `\\${name} `] as const);

/** Characters that have a LaTeX spelling. */
const CHARACTERS = new Map([
  ...GREEK,
  ...Object.entries({
    ...{ "−": "-", "–": "-", "‐": "-", "×": "\\cdot ", "·": "\\cdot ", "⋅": "\\cdot ", "∗": "*" },
    ...{ "±": "\\pm ", "∓": "\\mp ", "≤": "\\le ", "≥": "\\ge ", "≠": "\\ne ", "∞": "\\infty " },
    ...{ "≈": "\\approx ", "√": "\\sqrt ", "∪": "\\cup ", "∩": "\\cap ", "∈": "\\in ", "÷": "/" },
    ...{ "∅": "\\emptyset ", "°": "^{\\circ}", "€": "\\euro ", "£": "\\pounds ", "∠": "\\angle " },
    ...{ "~": " ", "’": "'", "′": "'", "、": ",", "⁄": "/", "∣": "|", "⟨": "(", "⟩": ")" },
  }),
]);
const CHARACTER = new RegExp(`[${[...CHARACTERS.keys()].join("")}]`, "gu");
const RAISED = /[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹ⁿ]+/g;
const LOWERED = /[₀₁₂₃₄₅₆₇₈₉]+/g;

/** Letters and digits of other scripts, widths and styles as plain ones, the rest as LaTeX. */
function spellCharacters(text: string): string {
  const spelled = text
    .replaceAll("ℝ", "\\mathbb{R}")
    .replace(RAISED, (raised) => `^{${raised.normalize("NFKC").replace("−", "-")}}`)
    .replace(LOWERED, (lowered) => `_{${lowered.normalize("NFKC")}}`)
    // A fraction of one character: after a whole number it makes a mixed one.
    .replace(
      /[½⅓⅔¼¾⅕-⅞↉]/g,
      (fraction) => fraction.normalize("NFKC").replace(/(\d+)⁄(\d+)/, "\\frac{$1}{$2}"),
    )
    .normalize("NFKC");
  return asciiDigits(spelled).replace(CHARACTER, (character) => CHARACTERS.get(character)!);
}

function commands(names: string, spelling: string): [string, string][] {
  return names.split(" ").map((name) => [name, spelling]);
}

/** Commands that are another's synonym, or say only how things look. */
const COMMANDS = new Map([
  ...commands("left right middle big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr", ""),
  ...commands("displaystyle textstyle scriptstyle limits quad qquad , : ; space bf it rm", " "),
  ...commands("large Large LARGE huge Huge small tiny normalsize bold hfill", " "),
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
  ...commands("approx approxeq simeq", "\\approx "),
  ...commands("measuredangle", "\\angle "),
  ...commands("boxed fbox framebox underline", ""),
  ...[["lt", "<"], ["gt", ">"], ["div", "/"], ["$", "\\usd "], ["%", "\\% "], [" ", " "]],
  ...[["lbrace", "\\{"], ["rbrace", "\\}"], ["lbrack", "["], ["rbrack", "]"]],
  ...[["langle", "("], ["rangle", ")"], ["degree", "^{\\circ}"]],
  ...[["lor", "\\lor "], ["vee", "\\lor "], ["land", ","], ["wedge", ","]],
] as [string, string][]);

/** Commands that set their argument in another type. */
const STYLE = new RegExp(
  String
    .raw`\\(?:operatorname|math(?:rm|bf|it|sf|tt|cal|scr|frak|normal)|text(?:rm|bf|it|sf|tt|up|sc|` +
    String.raw`normal)|mbox|hbox|boldsymbol|bm|pmb|emph|text)\*?\s*(?=\{)(\{[^{}\\\\]*\})?`,
  "g",
);
/** Commands that show nothing of their argument. */
const INVISIBLE = /\\(?:(?:h|v)space\*?|[hv]?phantom|tag|label|textcolor|color)\s*\{[^{}]*\}/g;

/** With spaces around it, an e after digits is no exponent. */
const SPACED_E = /(\d)(?: e ?| ?e (?! )|e(?=[-+] ))(?=[-+])/g;

/** Names of powers of ten, by their exponent. */
const LARGE = { hundred: 2, thousand: 3, million: 6, billion: 9, trillion: 12 };
const NUMBERS = "zero one two three four five six seven eight nine ten eleven twelve".split(" ");
/** A number in words, alone or as a base. */
const NUMBER_WORD = new RegExp(
  String.raw`(^|_\s*\{)\s*(?:\\text\s*\{)?\s*(${NUMBERS.join("|")})\s*\}?(?=\}|\.?$)`,
  "i",
);
/** Equations behind a brace. */
const SYSTEM =
  /\\left\s*\\\{\s*\\begin\s*\{(?:array|aligned|matrix)\}(?:\s*\{[lcr]*\})?((?:(?!\\end).)*)\\end\s*\{(?:array|aligned|matrix)\}\s*\\right\s*\./gs;
const LARGE_NUMBER = new RegExp(
  String.raw`(?<=[\d}])\s*(?:\\(?:text|mathrm)\s*\{\s*)?\b(${
    Object.keys(LARGE).join("|")
  })\b(?:\s*\})?`,
  "g",
);

/** "a.m." and "p.m." */
const TIME_OF_DAY = /\b([AaPp])\. ?[Mm]\.?(?![A-Za-z])/g;

/** A rate in letters: m/s, km/h. */
const RATE = /(\d)\s*((?:[kc]?m|mi|ft)\/(?:s|h|hr|sec|min))(?![A-Za-z])/g;

type Spelling = [pattern: RegExp, spelling: string | ((...groups: string[]) => string)];

/** While spaces still part words and numbers; in this order. */
const SPACED: readonly Spelling[] = [
  [/<=/g, "\\le "],
  [/>=/g, "\\ge "],
  [/!=/g, "\\ne "],
  [/([)\]])\s*U\s*(?=[([])/g, "$1\\cup "],
  [/\*\*/g, "^"],
  [/\*/g, "\\cdot "],
  [/\.{3,}/g, "\\ldots "],
  [/\\\\\s*\[[^\]]*\]/g, "\\\\ "],
  [/\^\s*(?:\{\s*\\circ\s*\}|\\circ(?![A-Za-z]))/g, "^{\\circ}"],
  [/\\text\{deg(?:rees?)?\}/gi, "^{\\circ}"],
  [/(?<!\\)%|\\text\{(?:percent(?:age)?|pct)\}/gi, "\\% "],
  [/(\d)\s*x\s*(?=10\s*\^)/g, "$1\\cdot "],
  [/\^\s*\{?\s*\\prime(?![A-Za-z])\s*\}?/g, "'"],
  [/([\^_])\s*([-+]?\d+|[-+]?[A-Za-z])/g, "$1{$2}"],
  [/(?<=\d)'(?=\d{3}(?!\d))/g, ""],
  [/(?<![\d.,])\d{1,3}(?: \d{3})+(?![\d,])/g, (digits) => digits.replaceAll(" ", "")],
  // A comma before a space parts members, never thousands.
  [/,\s/g, ";"],
  [/(?<![\d./])(\d+) +(\d+) *\/ *(\d+)(?![\d.])/g, "$1\\frac{$2}{$3}"],
];

/** Once spaces are gone; in this order. */
const CLOSE: readonly Spelling[] = [
  [/[,;]{2,}/g, ";"],
  [/[,;]?\\lor ?[,;]?/g, "\\lor "],
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

/** Doubled backslashes are single ones that were quoted, except where they end the rows of a matrix. */
function spellBackslashes(text: string): string {
  if (/\\\\begin/.test(text)) return text.replaceAll("\\\\", "\\");
  return text.includes("\\begin") ? text : text.replace(/\\\\(?=[A-Za-z]{2}|[(){}[\]!%$])/g, "\\");
}

/** "**12**" is bold, "2**3" a power: a power has something before it. */
function spellBold(text: string): string {
  return text.replace(/(^|[^\w)\]}])\*\*(?=\S)([^*]*)(?<=\S)\*\*/g, "$1$2 ");
}

/** Upright words are words; letters in bold, italics or script are what they are without. */
function spellStyle(command: string, content: string | undefined): string {
  if (content === undefined) return "";
  const isUpright = /^\\(?:operatorname|mathrm|text|mbox|hbox)/.test(command);
  return isUpright || !/^\{[A-Za-z]{1,2}\}$/.test(content)
    ? `\\text${content}`
    : ` ${content.slice(1, -1)} `;
}

/** An even number of dollar signs delimits mathematics; an odd one has a currency's. */
function spellDollars(text: string): string {
  const count = text.match(/\$/g)?.length ?? 0;
  return text.replace(/\$/g, count % 2 === 0 ? " " : "\\usd ");
}

/** Words that are mathematics, and how they are written in LaTeX. */
const NAMES = new Map([
  ...["sin", "cos", "tan", "cot", "sec", "csc", "arcsin", "arccos", "arctan", "log", "ln", "exp"]
    .map((name) => [name, `\\${name} `] as const),
  ...["pi", "theta", "alpha", "beta", "lambda", "phi", "sqrt", "gcd", "lcm"]
    .map((name) => [name, `\\${name} `] as const),
  ["inf", "\\infty "],
  ["infinity", "\\infty "],
  ["oo", "\\infty "],
]);
/** Words that stand between the members of a list. */
const SEPARATORS = new Map([["or", "\\lor "], ["and", ";"]]);
/** Words of two and three letters that are no product of quantities. */
const SHORT_WORDS = new Set(
  ("cm mm km kg mg ml ft in yd mi oz lb hr no to is of at by if it as on we so am pm " +
    "the are for per day min sec mph hrs pts yes not was but one two six ten any all lbs pct deg sq usd")
    .split(" "),
);

/** Whether a run of letters is a word rather than a product of quantities. */
function isWord(word: string): boolean {
  return word.length > 3 || SHORT_WORDS.has(word.toLowerCase());
}

/** Sorts the words of a run such as "x or y" or "square inches". */
function spellRun(run: string, wordsOnly: boolean): string {
  const words = run.split(/\s+/);
  let spelled = "";
  let text: string[] = [];
  const flush = () => {
    if (text.length > 0) spelled += `\\text{${text.join(" ")}}`;
    text = [];
  };
  for (const [i, word] of words.entries()) {
    const lower = word.toLowerCase();
    // Short words take after their neighbours: "red pens", "vitamin C of".
    const [after, before] = [text.length > 0, isWord(words[i + 1] ?? "")];
    const besideText = word.length > 2 ? after || before : after && before;
    if (SEPARATORS.has(lower)) {
      flush();
      spelled += SEPARATORS.get(lower);
    } else if (NAMES.has(lower)) {
      flush();
      spelled += NAMES.get(lower);
    } else if (wordsOnly || isWord(word) || besideText) {
      text.push(word);
    } else {
      flush();
      spelled += `${word} `;
    }
  }
  flush();
  return spelled;
}

/** What is left of a `\text{...}`: no wrapping around a separator, a lone letter or a number. */
function spellText(content: string, before: string): string {
  const words = content.replace(/\s+/g, " ").trim();
  if (words === "") return " ";
  if (NAMES.has(words)) return NAMES.get(words)!;
  const separator = /^,? ?(or|and) ?,?$/i.exec(words)?.[1].toLowerCase();
  if (separator) return SEPARATORS.get(separator)!;
  if (words === "i" || words === "e") return words;
  // After a value a letter is a unit: 5 m.
  if (
    /^\(?[A-Za-z]{1,2}\)?$/.test(words) && !SHORT_WORDS.has(words.toLowerCase()) &&
    !/[\d})]\s*$/.test(before)
  ) {
    return words.replace(/[()]/g, "");
  }
  return /\d/.test(words) ? markWords(words) : `\\text{${words}}`;
}

const PIECE =
  /\\text\s*\{([^{}]*)\}|\\(?:begin|end)\s*\{[^{}]*\}(?:\{[lcr|]*\})?|\\[A-Za-z]+|[A-Za-z]+(?: +[A-Za-z]+)*/g;
const TEXTS = /\\text\{[^{}]*\}(?:\s*\\text\{[^{}]*\})+/g;

/**
 * Puts the words of a text into `\text{}`, spells functions as commands, and the words between the
 * members of a list as ";" and `\lor`.
 */
function markWords(text: string): string {
  const words = text.trim().replace(/[.!?]+$/, "").toLowerCase().split(/[\s,;]+/);
  // A text of letters alone is words, however short: "red", "no".
  const wordsOnly = words.every((word) => /^[a-z]+$/.test(word) && !NAMES.has(word)) &&
    words.some((word) => word.length > 2 && !SEPARATORS.has(word) || SHORT_WORDS.has(word));
  return text
    .replace(PIECE, (piece: string, content: string | undefined, at: number) => {
      if (content !== undefined) return spellText(content, text.slice(Math.max(0, at - 9), at));
      return piece.startsWith("\\") ? piece : spellRun(piece, wordsOnly);
    })
    .replace(TEXTS, (texts) => {
      const contents = texts.split(/\\text\{|\}/).map((part) => part.trim()).filter(Boolean);
      return `\\text{${contents.join(" ")}}`;
    });
}

/**
 * Writes mathematics in one way: LaTeX without styling, delimiters, spaces or punctuation at the
 * end, words in `\text{}`. It stays what it was: nothing is computed.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(spellMaths("$\\dfrac12 \\text{ or } 3$."), "\\frac{1}{2}\\lor 3");
 * ```
 */
export function spellMaths(text: string): string {
  const bare = text.trim().replace(/^[`"“”]+|[`"“”]+$/g, "").replace(
    NUMBER_WORD,
    (_, before: string, word: string) => before + NUMBERS.indexOf(word.toLowerCase()),
  );
  let tex = spellBold(spellBackslashes(spellCharacters(bare))).replace(INVISIBLE, " ");
  tex = tex.replace(SYSTEM, "\\begin{cases}$1\\end{cases}").replace(/(?:\\\\\s*)+$/, "");
  tex = tex.replace(LARGE_NUMBER, (_, name: keyof typeof LARGE) => `\\cdot 10^{${LARGE[name]}}`);
  tex = tex.replace(STYLE, spellStyle).replace(SPACED_E, "$1\\cdot e");
  tex = tex.replace(/\\(?:left|right)\s*\./g, " ").replace(/,\s*\\!\s*/g, ",").replaceAll(
    "{,}",
    ",",
  );
  // Backslash pairs are taken whole, so that a row's end is not read as the start of a command.
  tex = tex.replace(/\\([A-Za-z]+|[^])/g, (command, name: string) => COMMANDS.get(name) ?? command);
  tex = spellDollars(tex.replace(TIME_OF_DAY, "$1m")).replace(RATE, "$1\\text{$2}");
  tex = spell(markWords(tex), SPACED);
  tex = tex.replace(
    /(\\text\{[^{}]*\})|(\\[A-Za-z]+)\s+(?=[A-Za-z])|\s+/g,
    (_, words?: string, command?: string) => words ?? (command ? `${command} ` : ""),
  );
  return spell(tex, CLOSE);
}
