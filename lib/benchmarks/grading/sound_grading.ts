/**
 * Judging a response as a careful person would: a sign, a digit or a list entry more or less is
 * another answer; a listed choice is chosen by its letter or its text, and both must agree; only a
 * decimal measurement may be rounded, to its own digits.
 *
 * @module
 */
import { compareMaths } from "../../maths/mod.ts";
import type { AnswerTask, Judgement } from "./original_grading.ts";
import { readSoundly, shortened, statedIn } from "./sound_reading.ts";

/** How the sound rules decide; those from "other choice" on are of wrong answers. */
export type SoundRule =
  | "letter"
  | "choice"
  | "text"
  | "maths"
  | "rounding"
  | "other choice"
  | "no choice"
  | "contradiction"
  | "different"
  | "undecided"
  | "cut off"
  | "no answer";

/** What the sound rules say of a response. */
export interface SoundGrade extends Judgement<SoundRule> {
  /** The answer as read, for multiple choice the letter; empty if there is none. */
  predicted: string;
}

/** Commands that say only how a text looks. */
const STYLE =
  /\\(?:text|mathrm|textrm|textbf|mathbf|mathsf|textsf|textit|boldsymbol|bm|mbox)\s*\{([^{}]*)\}/g;

/** Without what stands around an answer: emphasis, delimiters of mathematics, "so", a full stop. */
function bare(text: string): string {
  let [before, now] = ["", text];
  while (now !== before) {
    before = now;
    now = now.trim()
      .replace(/^(?:\*\*?|__|=>|["`“”‘’:=→⇒]|\\[([])+/, "")
      .replace(/^(?:so|thus|hence|therefore|finally|overall|in total)(?:[,:]\s*|\s+)(?=\S)/i, "")
      .replace(/(?:\*\*?|__|["`“”‘’,;:?]|(?<!\.)\.(?!\.)|\\[)\]])+$/, "")
      // A dollar sign alone is a currency's.
      .replace(/^\$+([^$]*)\$+$/, "$1").replace(/^([^$]+)\$+$/, "$1");
    now = /^'(.*)'$/.exec(now)?.[1] ?? now;
    now = /^\\(?:text|mathrm|textbf|mathbf|boxed|fbox)\s*\{([^{}]*)\}$/.exec(now)?.[1] ?? now;
  }
  return now;
}

const NUMBERS = ("zero one two three four five six seven eight nine ten eleven twelve thirteen " +
  "fourteen fifteen sixteen seventeen eighteen nineteen twenty").split(" ");

/** A text as words: in lower case, without styling or an article, a number word as its number. */
function asWords(text: string): string {
  const plain = bare(text.replace(STYLE, "$1")).toLowerCase().replace(/\s+/g, " ")
    .replace(/^(?:the|an?) (?=\p{L}{2})/u, "");
  const number = NUMBERS.indexOf(plain);
  return number < 0 ? plain : String(number);
}

/** Whether texts are the same; case tells quantities apart, as x and X, but not words. */
function sameText(a: string, b: string): boolean {
  const [x, y] = [bare(a), bare(b)];
  const onlyCase = x !== y && x.toLowerCase() === y.toLowerCase();
  return asWords(a) === asWords(b) && (!onlyCase || /\p{L}{3}|^no$/iu.test(x));
}

const AMOUNT = /^[-+\u2212]?[$€£]?(?:\d[\d,]*(?:\.\d+)?|\.\d+)(?:\s*\/\s*\d+)?/;

/** Whether a text is a number, perhaps with a unit, and nothing else. */
function isAmount(text: string): boolean {
  const plain = bare(text.replace(STYLE, " $1 ")).replace(/\\(?=%)|\^\s*\{?\\circ\}?/g, "");
  return AMOUNT.test(plain) && (plain.replace(AMOUNT, "").match(/\p{L}+/gu)?.length ?? 0) <= 2;
}

const LABEL =
  /^(?:(?:it|that)(?: is|'s) )?(?:(?:the )?(?:correct )?(option|choice|answer|letter|point)s?:? )?[*$]*([([{]?) ?([A-Za-z])(?![\p{L}\p{N}_'^]) ?([)\]}]?)[*$]*([^]*)$/iu;
/** Digits with a blank between that groups no thousands and makes no mixed number. */
const parted = (text: string) =>
  !text.includes("\\") &&
  /\d \d+(?![\d ]*\/|\d)/.test(text.replace(/(?<![\d.])\d{1,3}(?: \d{3})+(?!\d)/g, ""));

/** Compares two answers as mathematics, where "1 2" is not 12. */
function compare(a: string, b: string) {
  return parted(a) === parted(b) ? compareMaths(a, b) : "different";
}

/** What parts a choice's letter from what is said of it. */
const PARTED = /^\s*[.:)\]]/;
const PARTED_FROM_CAPITAL =
  /^\s*(?:[,;–—]|-\p{L}{2}|(?:because|since|as|with|which|is|for|or|and)(?!\p{L}))|^\s-\s/u;

/** A choice's letter that is stated as one, and what is said with it. */
function labelOf(text: string, count: number): { index: number; rest: string } | undefined {
  const match = LABEL.exec(bare(text.replace(STYLE, "$1")));
  if (!match) return undefined;
  const [, said, open, letter, close, rest] = match;
  const index = letter.toUpperCase().charCodeAt(0) - "A".charCodeAt(0);
  const capital = letter < "a";
  const stated = rest.trim() === "" || said || close && (open || close === ")") ||
    PARTED.test(rest) || capital && PARTED_FROM_CAPITAL.test(rest) ||
    // "B 50", but not the article of "A dog" nor the variable of "B = 50".
    capital && !"AI".includes(letter) && /^\s+[^\s=+*/<>^-]/.test(rest);
  if (index >= count || !stated) return undefined;
  return { index, rest: rest.replace(/^[\s.:;,)\]–—-]+/, "") };
}

/** One more letter: "B or C". */
const ANOTHER =
  /^(?:(?:or|and|\/|&)\s*(?:\p{Ll}+ ){0,2})?\(?[A-Z]\)?(?![\w'])\s*(?:$|[.,)]|or\b|and\b)/u;

/** What is said of the choices. */
type Choice = { index: number; rule: "letter" | "choice" } | "contradiction" | "no choice";

/** The choice whose text is meant; undefined for none, or several of different texts. */
function choiceOf(text: string, choices: readonly string[]): number | undefined {
  for (
    const same of [
      (choice: string) => asWords(choice) === asWords(text),
      (choice: string) => compare(text, choice) === "equal",
    ]
  ) {
    const found = choices.flatMap((choice, i) => same(choice) ? [i] : []);
    if (new Set(found.map((i) => asWords(choices[i]))).size === 1) return found[0];
  }
  return undefined;
}

/** The only choice whose text stands in a sentence as words of its own. */
function mentionedIn(text: string, choices: readonly string[]): number | undefined {
  if (DENIED.test(text)) return undefined;
  let left = ` ${asWords(text).replace(/[,;:!?()"]|\.(?!\d)/g, " ").replace(/\s+/g, " ")} `;
  const found = choices.map((choice, index) => ({ index, words: ` ${asWords(choice)} ` }))
    .filter(({ words }) => /\p{L}{2}|\d/u.test(words))
    // The longest first: "dark red" is no mention of "red".
    .toSorted((a, b) => b.words.length - a.words.length)
    .filter(({ words }) => {
      const there = left.includes(words);
      left = left.replaceAll(words, "  ");
      return there;
    });
  return found.length === 1 ? found[0].index : undefined;
}

/** The only choice whose text has a shorter text in it, as words of its own. */
function containing(text: string, choices: readonly string[]): number | undefined {
  const words = asWords(text);
  if (!/^\p{L}{3,}(?: \p{L}+)*$/u.test(words)) return undefined;
  const found = choices.flatMap((choice, i) =>
    ` ${asWords(choice)} `.includes(` ${words} `) ? [i] : []
  );
  return found.length === 1 ? found[0] : undefined;
}

/** Reads a statement as a choice; undefined if it says nothing of the choices. */
function choiceIn(text: string, choices: readonly string[]): Choice | undefined {
  const lone = /^[A-Za-z]$/.test(bare(text.replace(STYLE, "$1")));
  const whole = lone ? -1 : choices.findIndex((choice) => asWords(choice) === asWords(text));
  if (whole >= 0) return { index: whole, rule: "choice" };
  const label = labelOf(text, choices.length);
  if (label) {
    const { index, rest } = label;
    const other = choiceOf(rest, choices);
    const agrees = other === undefined
      ? !isAmount(rest) && !ANOTHER.test(rest)
      : asWords(choices[other]) === asWords(choices[index]);
    return agrees ? { index, rule: "letter" } : "contradiction";
  }
  const [, said, letter] = /^(.*\S)\s*\(([A-Z])\)$/s.exec(bare(text)) ?? [];
  const before = letter === undefined ? undefined : choiceOf(said, choices);
  if (before !== undefined) return choiceIn(`(${letter}) ${said}`, choices);
  const stated = statedIn(text);
  const inside = stated === undefined ? undefined : choiceIn(stated, choices);
  if (inside) return inside;
  const values = valuesIn(text).map((value) => choiceOf(value, choices));
  const index = values.find((found) => found !== undefined) ?? mentionedIn(text, choices) ??
    containing(text, choices);
  if (index !== undefined) return { index, rule: "choice" };
  return isAmount(text) || lone ? "no choice" : undefined;
}

/** Words by which a sentence denies what it names. */
const DENIED = /\b(?:not|never|neither|cannot|wrong|incorrect)\b|n't\b/i;

/** A choice that the last line of a text names, where nothing is stated. */
function choiceAtEnd(text: string, choices: readonly string[]): Choice | undefined {
  const [last = "", before = ""] = text.split("\n").filter((line) => /[\p{L}\p{N}]/u.test(line))
    .slice(-2).map(shortened).reverse();
  const lone = labelOf(last, choices.length);
  // In a list of the choices the last one is not meant.
  if (lone && labelOf(before, choices.length)?.index === lone.index - 1) return undefined;
  const sentence = last.trim().split(/(?<=[.!?])\s+(?=\S)/).at(-1)!;
  for (const part of [last, sentence]) {
    const label = labelOf(part, choices.length);
    if (label && (label.rest === "" || choiceOf(label.rest, choices) === label.index)) {
      return { index: label.index, rule: "letter" };
    }
    const letters = new Set(
      [...part.matchAll(/(?<![\p{L}\p{N}])\(([A-Z])\)|(?:option|choice) ([A-Z])(?![\w'])/giu)]
        .map(({ 1: bracketed, 2: named }) => (bracketed ?? named).toUpperCase().charCodeAt(0) - 65),
    );
    const [index] = letters;
    if (letters.size === 1 && index < choices.length && !DENIED.test(part)) {
      return { index, rule: "letter" };
    }
  }
  const found = DENIED.test(sentence) ? undefined : choiceIn(sentence, choices);
  return typeof found === "object" && found.rule === "letter" ? undefined : found;
}

/** The right choice: the one whose text is the gold answer, else the one of its letter. */
function goldChoice(gold: string, choices: readonly string[]): number | undefined {
  const index = choices.findIndex((choice) => choice.trim() === gold.trim());
  return index >= 0 ? index : choiceOf(gold, choices) ?? labelOf(gold, choices.length)?.index;
}

function gradeChoice(
  response: string,
  choices: readonly string[],
  gold: number,
): SoundGrade {
  const { statements, rest, thought } = readSoundly(response);
  const read = (text: string) => choiceIn(shortened(text), choices);
  const grade = (choice: Choice): SoundGrade => {
    if (typeof choice === "string") return { predicted: "", correct: false, rule: choice };
    const correct = asWords(choices[choice.index]) === asWords(choices[gold]);
    const predicted = String.fromCharCode("A".charCodeAt(0) + choice.index);
    return { predicted, correct, rule: correct ? choice.rule : "other choice" };
  };
  for (const { text } of statements) {
    if (text === null) return { predicted: "", correct: false, rule: "cut off" };
    const choice = read(text);
    if (choice) return grade(choice);
  }
  const last = choiceAtEnd(rest, choices);
  if (last) return grade(last);
  for (const { text } of thought) {
    const choice = text === null ? undefined : read(text);
    if (choice) return grade(choice);
  }
  return { predicted: "", correct: false, rule: "no answer" };
}

/** A name that is given a value: x, AB, |AB|, \angle ABC, P(A), the area. */
const NAME =
  /^(?:m ?)?(?:\\(?:angle|measuredangle|overline|overrightarrow|triangle|left|right|text|mathrm)(?![A-Za-z])|[∠△|{ ])*[A-Za-z][A-Za-z0-9_' ]*[|}]*(?:\\right)?[|}]*(?:\([^()=]*\))?$/;

/**
 * What a statement can be read as: itself, what it says inside of a sentence, either side of an
 * approximation, and the value of what it names.
 */
function valuesIn(text: string): string[] {
  const stated = statedIn(text);
  if (stated !== undefined) return [bare(text), ...valuesIn(stated)];
  const whole = bare(text);
  const values = [whole, ...sentenceValues(whole)];
  for (const value of [...values]) {
    const sides = value.split(/\\approx(?![A-Za-z])|\\simeq(?![A-Za-z])|≈|≃/);
    if (sides.length === 2) values.push(...sides.map(bare));
  }
  for (const value of [...values]) {
    const [name, ...sides] = value.split("=").map((side) => side.trim());
    const chained = sides.slice(0, -1).every((side) => !/,|\b(?:or|and)\b/.test(side));
    if (sides.length > 0 && chained && NAME.test(name)) values.push(bare(sides.at(-1)!));
  }
  return [...new Set(values)].filter((value) => value !== "");
}

const AMOUNTS =
  /(?:(?<![\w)\]}])[-\u2212])?[$€£]?(?:(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|\.\d+)(?:\/\d+(?!\d|[./]\d))?(?:\s?\\?%)?/g;

/** Where a statement goes on to say why, or to something else. */
const CLAUSE = new RegExp(
  "[,;]?\\s+(?:because|since|which|where|when|given|based on|out of|but|as (?:it|the|we|a|can)" +
    "|(?:and |instead of |rather than )?not|and (?:the|its|there|it))\\b" +
    "|,\\s+(?:as|so|giving|with|for|the|it|this|that|we|i|obtained|if)\\b|\\s+\\((?!(?:or|and)\\b)(?=\\p{L}{2})",
  "iu",
);

/** What a sentence gives: its first clause, what that says is, its last formula or number. */
function sentenceValues(text: string): string[] {
  const word = /^(?:yes|no|true|false)(?=[,.;:!]|\s[-–—]|\s*\()/i.exec(text)?.[0];
  if (word) return [word];
  const clause = text.split(CLAUSE)[0] || text;
  const value = bare(clause.split(/\b(?:is|are|equals|be)\s/).at(-1)!);
  const found = [bare(clause), value];
  const plain = clause.replace(STYLE, " $1 ").replace(/\b(?:and|or)\b|\\[A-Za-z]+/g, " ");
  if ((plain.match(/\p{L}{2,}/gu)?.length ?? 0) < 2) return found;
  const formula = [...clause.matchAll(/\$([^$]+)\$|\\\((.+?)\\\)/g)].at(-1);
  if (formula) return [...found, bare(formula[1] ?? formula[2])];
  // "7 apples and 3 pears" is neither.
  const amounts = [...value.matchAll(AMOUNTS)];
  const listed = amounts.length > 1 && /\b(?:and|or|to)\b|,\s/.test(value);
  const number = listed || /\\[A-Za-z]/.test(value) ? undefined : amounts.at(-1)?.[0];
  return number === undefined ? found : [...found, number];
}

/** The value at the end of a text where nothing is stated: of the last line that has one. */
function valueAtEnd(text: string): string | undefined {
  const lines = text.split("\n").map((line) => line.trim())
    .filter((line) => /[\p{L}\p{N}]/u.test(line)).reverse();
  const line = lines.find((line) => /\d|\$/.test(line)) ?? lines.at(0);
  return line?.split(/(?<=[.!?])\s+(?=\p{Lu})/u).findLast((part, _, all) =>
    all.length === 1 || line === lines[0] && !/\d/.test(line) || /\d|\$/.test(part)
  );
}

/** Digits from which a decimal is a measurement. */
const MEASURED_DIGITS = 2;

/** Whether a number, given more exactly, rounds to a decimal measurement of the same unit. */
function roundsTo(value: string, gold: string): boolean {
  const [, wanted, decimals, unit] =
    /^([-\u2212]?\d*\.(\d+))\s*(.*)$/.exec(bare(gold.replace(STYLE, "$1"))) ?? [];
  const [, whole, part = "", under, ownUnit] =
    /^([-\u2212]?\d[\d,]*)(\.\d+)?(?:\/(\d+))?\s*(.*)$/.exec(bare(value.replace(STYLE, "$1"))) ??
      [];
  if (wanted === undefined || whole === undefined) return false;
  if (wanted.replace(/^[-\u2212]?[0.]*|\./g, "").length < MEASURED_DIGITS) return false;
  if (unit !== "" && ownUnit !== "" && asWords(unit) !== asWords(ownUnit)) return false;
  if (under === undefined && part.length - 1 <= decimals.length) return false;
  const number = (text: string) => Number(text.replace("\u2212", "-").replaceAll(",", ""));
  const exact = number(whole + part) / Number(under ?? 1);
  const scale = 10 ** decimals.length;
  const rounded = Math.floor(Math.abs(exact) * scale + 0.5 + 1e-9) / scale;
  return Math.sign(exact) * rounded === number(wanted);
}

function judgeValues(text: string, gold: string): SoundGrade {
  const right = (rule: SoundRule, predicted: string) => ({ predicted, correct: true, rule });
  if (/^[A-Z]$/.test(gold.trim())) {
    const label = labelOf(text, 26) ?? labelOf(statedIn(text) ?? "", 26);
    if (label && "A".charCodeAt(0) + label.index === gold.trim().charCodeAt(0)) {
      return right("letter", gold.trim());
    }
  }
  // What an equation names is part of it.
  const values = /=/.test(gold) ? [bare(text), bare(statedIn(text) ?? "")] : valuesIn(text);
  const same = values.find((value) => sameText(value, gold));
  if (same !== undefined) return right("text", same);
  const verdicts = values.map((value) => compare(value, gold));
  const equal = verdicts.indexOf("equal");
  if (equal >= 0) return right("maths", values[equal]);
  const rounded = values.find((value) => roundsTo(value, gold));
  if (rounded !== undefined) return right("rounding", rounded);
  const rule = verdicts.includes("undecided") ? "undecided" : "different";
  return { predicted: values.at(-1) ?? "", correct: false, rule };
}

/**
 * Reads a response soundly and judges it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const choices = ["2015", "2016", "2017"];
 * const grade = (response: string) => gradeSoundly(response, { gold: "2017", choices });
 * assertEquals(grade("\\boxed{2016}"), { predicted: "B", correct: false, rule: "other choice" });
 * assertEquals(grade("At first B, but the answer is (C) 2017.").rule, "letter");
 * assertEquals(grade("<answer>B. 2017</answer>").rule, "contradiction");
 * ```
 */
export function gradeSoundly(response: string, { gold, choices }: AnswerTask): SoundGrade {
  const right = choices === null ? undefined : goldChoice(gold, choices);
  if (choices !== null && right !== undefined) return gradeChoice(response, choices, right);
  const { statements, rest, thought } = readSoundly(response);
  const [stated] = statements;
  if (stated?.text === null) return { predicted: "", correct: false, rule: "cut off" };
  const text = stated?.text ?? valueAtEnd(rest) ?? thought[0]?.text;
  if (!text?.trim()) return { predicted: "", correct: false, rule: "no answer" };
  return judgeValues(shortened(text), gold);
}
