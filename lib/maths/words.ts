/**
 * Words among mathematics: told from letters that stand for quantities, and put into `\text{}`.
 *
 * @module
 */

/** Words that are mathematics, and how they are written in LaTeX. */
const COMMANDS = new Map([
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
    } else if (COMMANDS.has(lower)) {
      flush();
      spelled += COMMANDS.get(lower);
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
  if (COMMANDS.has(words)) return COMMANDS.get(words)!;
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
export function markWords(text: string): string {
  const words = text.trim().replace(/[.!?]+$/, "").toLowerCase().split(/[\s,;]+/);
  // A text of letters alone is words, however short: "red", "no".
  const wordsOnly = words.every((word) => /^[a-z]+$/.test(word) && !COMMANDS.has(word)) &&
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
