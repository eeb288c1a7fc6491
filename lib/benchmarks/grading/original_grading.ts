/**
 * Reading an answer out of a response and judging it by the original's rules to the letter, their
 * errors included, so that its published numbers can be compared with. Python's strings are
 * followed where JavaScript's differ: white space, digits, lengths in characters, the end of a line.
 *
 * @module
 */
import { asciiDigits } from "../../ascii_digits.ts";
import { compareMaths } from "../../maths/mod.ts";

/** What an answer is judged against. */
export interface AnswerTask {
  /** The right answer; for multiple choice a choice's text, or its letter. */
  gold: string;
  /** Texts of the lettered choices; null where the answer is free. */
  choices: readonly string[] | null;
}

/** Whether an answer is right, and the rule that decided. */
export interface Judgement<Rule extends string = string> {
  correct: boolean;
  rule: Rule;
}

/** How the original decides; the last two are of answers that it counts as wrong. */
export type OriginalRule =
  | "letter"
  | "choice"
  | "text"
  | "containment"
  | "maths"
  | "number"
  | "none"
  | "undecided";

/** Options of the original's two scripts. */
export interface OriginalOptions {
  /** By the stricter rules of the reasoning localization. */
  strict?: boolean;
}

/** White space of Python. */
const S = "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
const SPACE = new RegExp(S);

/** Without white space around it. */
function strip(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && SPACE.test(text[start])) start++;
  while (start < end && SPACE.test(text[end - 1])) end--;
  return text.slice(start, end);
}

/** Lower case, without spaces. */
const plain = (text: string) => text.toLowerCase().replaceAll(" ", "");
const lastCharacters = (text: string, count: number) =>
  [...text.slice(-2 * count)].slice(-count).join("");

/** What stands in the first answer tag, which may be nothing. */
function firstTag(response: string): string | undefined {
  const open = /<answer>/i.exec(response);
  if (!open) return undefined;
  const rest = response.slice(open.index + open[0].length);
  const close = rest.search(/<\/answer>/i);
  return close < 0 ? undefined : strip(rest.slice(0, close));
}

/** What stands in the last box, if it is closed; `\{` and `\}` count as braces. */
function lastBox(response: string): string | undefined {
  const opened = [...response.matchAll(new RegExp(`\\\\boxed${S}*\\{`, "g"))].at(-1);
  if (!opened) return undefined;
  const start = opened.index + opened[0].length;
  let depth = 1;
  for (let i = start; i < response.length; i++) {
    if (response[i] === "{") depth++;
    if (response[i] === "}" && --depth === 0) return strip(response.slice(start, i));
  }
  return undefined;
}

const DIGIT = /\p{Nd}/u;

/** The number at the end of the last line that ends in one; a point after it is part of it. */
function numberAtLineEnd(response: string): string | undefined {
  for (const line of strip(response).split("\n").reverse()) {
    const characters = [...strip(line)];
    const digitsFrom = (end: number) => {
      while (end > 0 && DIGIT.test(characters[end - 1])) end--;
      return end;
    };
    let start = digitsFrom(characters.length);
    if (characters[start - 1] === ".") {
      const whole = digitsFrom(start - 1);
      if (whole < start - 1) start = whole;
    }
    if (start === characters.length) continue;
    if (characters[start - 1] === "-") start--;
    return characters.slice(start).join("");
  }
  return undefined;
}

/** Ways to name a choice, in the order in which they decide; of each the first place counts. */
const CHOICES = [
  new RegExp(`<answer>${S}*([A-H])${S}*</answer>`, "i"),
  new RegExp(`\\\\boxed\\{${S}*([A-H])${S}*\\}`, "i"),
  new RegExp(`[Tt]he${S}+(?:correct${S}+)?answer${S}+is${S}*(?::${S}*)?\\(?([A-H])`),
  new RegExp(`[Aa]nswer${S}*:${S}*\\(?([A-H])`),
  /\(([A-H])\)$/,
  /(?<![^\n])([A-H])\.(?![^\n])/,
  /\*\*([A-H])\*\*/,
  new RegExp(`(?:option|choice)${S}+([A-H])`, "i"),
  new RegExp(`([A-H])${S}*(?:is|would be)${S}+(?:the${S}+)?(?:correct|right|best)`, "i"),
  new RegExp(`(?:select|choose)${S}+([A-H])`, "i"),
];
const LONE_LETTER = /(?<![\p{L}\p{N}_])[A-H](?![\p{L}\p{N}_])/u;

/** The letter A to H that a text chooses. */
function chosenLetter(text: string): string | undefined {
  const stripped = strip(text);
  for (const pattern of CHOICES) {
    const letter = pattern.exec(stripped)?.[1];
    if (letter) return letter.toUpperCase();
  }
  return LONE_LETTER.exec(lastCharacters(stripped, 100))?.[0];
}

/** Words after which an answer is stated, with and without the statement. */
const STATEMENTS = [
  `answer${S}*(?:is|:)(?:${S}|:)*`,
  `(?:therefore|thus|hence|so)(?:${S}|,)+(?:the${S}+)?(?:answer${S}+is${S}+)?`,
].map((words) => ({
  words: new RegExp(words, "gi"),
  statement: new RegExp(`${words}([^\\n]+?)(?:\\.|(?=\\n?(?![^])))`, "iy"),
}));

/**
 * What follows the first words that have, on their line, something up to a full stop or up to the
 * end of the response.
 */
function statedAfter(response: string, { words, statement }: typeof STATEMENTS[0]): string {
  let [stop, line] = [-1, -1];
  const indexOr = (index: number) => index < 0 ? response.length : index;
  for (const lead of response.matchAll(words)) {
    const start = lead.index + lead[0].length;
    if (stop <= start) stop = indexOr(response.indexOf(".", start + 1));
    if (line < start) line = indexOr(response.indexOf("\n", start));
    // Told first, since the pattern would look through the line again for every word.
    if (response[start] !== "." && line < Math.min(stop, response.length - 1)) continue;
    statement.lastIndex = lead.index;
    const found = statement.exec(response);
    if (found) return strip(found[1]);
  }
  return "";
}

/** Of a marked answer: without a first letter or digit and `.`, `)`, `:` or `-`; a letter as A to H. */
function withoutLabel(marked: string): string {
  const text = new RegExp(`^[A-Ha-h0-9]${S}*[.):-]${S}*([^\\n]+)$`).exec(marked)?.[1];
  return text ?? (/^[a-h]$/.test(marked) ? marked.toUpperCase() : marked);
}

/**
 * The answer of a response as the original reads it. In order: what the first `<answer>` tag has;
 * the last `\boxed{}`; the number that ends the last line that ends in one; for multiple choice the
 * letter that is chosen; what follows "answer is", then "therefore" and the like; the last number;
 * the last 50 characters. The reasoning localization (`strict`) reads neither line ends nor letters.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const free = { choices: null };
 * assertEquals(readOriginal("<answer>1</answer>, no: <answer>7</answer>", free), "1");
 * // A first letter or digit before a point is taken for a choice's.
 * assertEquals(readOriginal("<answer>3.14</answer>", free), "14");
 * ```
 */
export function readOriginal(
  response: string,
  { choices }: Pick<AnswerTask, "choices">,
  { strict = false }: OriginalOptions = {},
): string {
  const tag = firstTag(response);
  const marked = tag ?? (lastBox(response) || (strict ? undefined : numberAtLineEnd(response)));
  if (marked) return strict ? marked : withoutLabel(marked);
  const letter = strict || choices === null ? undefined : chosenLetter(response);
  const found = letter ?? lastBox(response);
  if (found) return found;
  for (const words of STATEMENTS) {
    const stated = statedAfter(response, words);
    if (stated !== "" && [...stated.slice(0, 200)].length < 100) return stated;
  }
  const number = [...response.matchAll(/-?\p{Nd}+\.?\p{Nd}*/gu)].at(-1)?.[0];
  return number ?? lastCharacters(strip(response), 50);
}

/** What Python's float() makes of a text without commas and percent signs; NaN for no number. */
function pythonFloat(text: string): number {
  const digits = asciiDigits(strip(text.replace(/[,%]/g, "")));
  const run = "\\d+(?:_\\d+)*";
  const number = `[+-]?(?:${run}\\.?(?:${run})?|\\.${run})(?:e[+-]?${run})?`;
  return new RegExp(`^${number}$`).test(digits) ? Number(digits.replaceAll("_", "")) : NaN;
}

/** The shorter text is at least this share of the longer one that contains it. */
const CONTAINED = 0.9;

function contains(whole: string, part: string): boolean {
  return whole.includes(part) && [...part].length >= CONTAINED * [...whole].length;
}

/**
 * Judges an answer as the original does. It is right if, in this order: the gold answer is a letter A
 * to H, and the answer or the response chooses it (nothing else counts then); the answer is the
 * letter of a choice whose text is the gold answer; the texts are equal but for case and spaces; one
 * contains the other and is 90 % of its length; they are mathematically equal; both are numbers
 * within 1e-6, or within 1 % of a gold answer that is not 0. The reasoning localization (`strict`)
 * knows neither letters nor choices nor containment.
 *
 * @param predicted From {@linkcode readOriginal}.
 * @param compare Stands in for the original's Math-Verify.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const answer = { predicted: "2008", response: "<answer>2008</answer>" };
 * const judged = judgeOriginal(answer, { gold: "2015", choices: null });
 * assertEquals(judged, { correct: true, rule: "number" });
 * ```
 */
export function judgeOriginal(
  { predicted, response }: { predicted: string; response: string },
  { gold, choices }: AnswerTask,
  { compare = compareMaths, strict = false }: OriginalOptions & { compare?: typeof compareMaths } =
    {},
): Judgement<OriginalRule> {
  const right = (rule: OriginalRule) => ({ correct: true, rule });
  const wrong = (rule: OriginalRule) => ({ correct: false, rule });
  if (predicted === "" || gold === "") return wrong("none");
  const [answer, wanted] = [strip(predicted), strip(gold)];
  const [a, b] = [plain(answer), plain(wanted)];
  if (!strict && /^[A-H]$/i.test(wanted)) {
    const chosen = [answer, response].some((text) => chosenLetter(text) === wanted.toUpperCase());
    return chosen ? right("letter") : wrong("none");
  }
  if (!strict && /^[A-H]$/i.test(answer)) {
    const choice = choices?.[answer.toUpperCase().charCodeAt(0) - "A".charCodeAt(0)];
    if (choice !== undefined && plain(strip(choice)) === b) return right("choice");
  }
  if (a === b) return right("text");
  if (!strict && (contains(a, b) || contains(b, a))) return right("containment");
  const verdict = compare(answer, wanted);
  if (verdict === "equal") return right("maths");
  const [number, target] = [pythonFloat(a), pythonFloat(b)];
  const difference = Math.abs(number - target);
  const close = difference < 1e-6 || target !== 0 && difference / Math.abs(target) < 0.01;
  return close ? right("number") : wrong(verdict === "undecided" ? "undecided" : "none");
}
