/**
 * What a response states as its answer, found as a careful person would: the last final statement
 * that stands outside of thinking and before any question that the response goes on to ask itself.
 *
 * @module
 */
import { asciiDigits } from "../../ascii_digits.ts";

/** A place where a response states an answer. */
export interface Statement {
  /** What is stated; null where the response was cut off inside. */
  text: string | null;
  /** Where it ends in the text. */
  end: number;
  /**
   * How much it says that it is the answer: 3 marks it (a tag, a box, a line after `####`), 2 is a
   * sentence ("the answer is ..."), 1 only stands out (bold).
   */
  weight: 1 | 2 | 3;
}

/** What a response says. */
export interface SoundReading {
  /** What is stated outside of thinking, the most certain first, of those the last. */
  statements: Statement[];
  /** The text outside of thinking, for a look at where nothing is stated. */
  rest: string;
  /** As `statements`, of thinking, for where the rest says nothing. */
  thought: Statement[];
}

/** The many characters for a digit, a letter, a space or the end of a line, as the plain ones. */
function plainCharacters(text: string): string {
  // Backslashes are doubled where a response was quoted once too often.
  const doubled = /(?<!\\)\\\\(?:boxed|d?frac|sqrt|text|left|pi|cdot)(?![A-Za-z])/.test(text);
  return asciiDigits(doubled ? text.replaceAll("\\\\", "\\") : text)
    .replace(/[\u200b-\u200d\u2060\ufeff\u00ad]/g, "")
    .replace(/\r\n?|[\u2028\u2029\x85]/g, "\n")
    .replace(/[^\S\n]/g, " ")
    .replace(/[\uff01-\uff5e\u{1d400}-\u{1d7ff}]/gu, (character) => character.normalize("NFKC"))
    .replace(/[\u24b6-\u24e9]/g, (circled) => `(${circled.normalize("NFKC")})`)
    .replaceAll("\u3002", ".");
}

/** Parts a response into what it thinks and what it says. */
function partThinking(response: string): { said: string; thought: string } {
  let [said, thought, thinking] = ["", "", false];
  for (const part of response.split(/(<\/?think(?:ing)?>)/i)) {
    if (/^<think/i.test(part)) thinking = true;
    else if (/^<\/think/i.test(part)) {
      // What nothing opened was open from the start: the prompt may end in the opening tag.
      if (!thinking) [said, thought] = ["\n", thought + said];
      thinking = false;
    } else if (thinking) thought += `${part}\n`;
    else said += part;
  }
  return { said, thought };
}

/** The longest line that is an answer and nothing else. */
const LONGEST_LINE = 60;

function taggedStatements(text: string): Statement[] {
  const found: Statement[] = [];
  let open: number | undefined;
  for (const { 0: tag, index } of text.matchAll(/<\/?answer>/gi)) {
    const closes = tag[1] === "/";
    if (open !== undefined || closes) {
      // An opening tag may be meant to close, and one that closes may have lost what opened it.
      const line = text.slice(Math.max(0, index - LONGEST_LINE), index).split(/[\n>]/).at(-1)!;
      const inside = (open === undefined ? line : text.slice(open, index)).trim();
      const whole = closes ? open !== undefined : inside === line.trim();
      if (inside !== "" && (whole || open === undefined)) {
        found.push({ text: inside, end: index + tag.length, weight: 3 });
      }
    }
    open = closes ? undefined : index + tag.length;
  }
  if (open !== undefined && text.slice(open).trim() !== "") {
    found.push({ text: null, end: open, weight: 3 });
  }
  return found;
}

/** What may stand between boxes that are one answer. */
const BETWEEN_BOXES =
  /^[\s$]*(?:,|;|,?\s*(?:\\text\s*\{)?\s*(?:and|or)\s*\}?)[\s$]*(?:[A-Za-z]\s*=\s*)?$/;

/** Boxes whose braces are balanced; `\{` and `\}` are no braces. */
function boxedStatements(text: string): Statement[] {
  const boxes: (Statement & { start: number })[] = [];
  /** Where the content of each open brace starts, and where the box that opened it does. */
  const open: { start: number; box?: number }[] = [];
  let box: number | undefined;
  for (
    const { 0: token, index } of text.matchAll(/\\(?:boxed|fbox|framebox)\b|\\[{}]|[{}]|[^\s\\{}]/g)
  ) {
    if (token.length > 2) box = index;
    else if (token === "{") open.push({ start: index + 1, box });
    else if (token === "}") {
      const group = open.pop();
      if (group?.box !== undefined) {
        const inside = text.slice(group.start, index).trim();
        // Around a box that is inside of another there is no more to be said.
        if (inside !== "" && !/\\boxed/.test(inside)) {
          boxes.push({ text: inside, start: group.box, end: index + 1, weight: 3 });
        }
      }
    }
    if (token.length <= 2) box = undefined;
  }
  const joined: Statement[] = [];
  boxes.forEach((box, i) => {
    const before = joined.at(-1);
    const between = i > 0 ? text.slice(boxes[i - 1].end, box.start) : "";
    if (before && before.text !== box.text && between.length < 40 && BETWEEN_BOXES.test(between)) {
      before.text += `, ${box.text}`;
      before.end = box.end;
    } else joined.push({ text: box.text, end: box.end, weight: 3 });
  });
  const cut = open.find(({ box }) => box !== undefined);
  if (cut) joined.push({ text: null, end: cut.start, weight: 3 });
  return joined;
}

/** Characters of a sentence that are looked at. */
const SENTENCE = 300;

/** From `start`, the sentence, the quotation, or the formula on lines of its own. */
function sentenceAt(text: string, start: number): { text: string; end: number } {
  const window = text.slice(start, start + SENTENCE);
  const quoted = /^["“]([^"”\n]+)["”]/.exec(window);
  if (quoted) return { text: quoted[1], end: start + quoted[0].length };
  // The full stop after a choice's letter does not end it.
  const label = /^[*$("]*[A-Z]\)?\. /.exec(window)?.[0] ?? "";
  const display = /^(?:\\\[[^]*?\\\]|\$\$[^]*?\$\$)/.exec(window)?.[0];
  const sentence = display ??
    label + /^(?:[^.!?\n]|\.(?![\s*"')\]]|$)|[!?](?! *[*"')\]]*(?:\p{Lu}|\n|$)))*/u
        .exec(window.slice(label.length))![0];
  // What follows a letter may be a sentence of its own, which can take the letter back.
  return { text: sentence.trim(), end: start + (label.length || sentence.length) };
}

const IS =
  "(?:is|are|was|equals|(?:should|would|must|will|has to) be|comes (?:out )?to(?: be)?)(?![a-z])";
/** Words that say that the answer follows. */
const LEAD = new RegExp(
  `(?<![a-z])(?:answers?(?: choice| option)?|(?:correct|right|best) (?:option|choice))` +
    `(?: to [^.:\\n]{1,60}?)?` +
    `[*"_ ]*(?:(?<=[ *])${IS}|[:=]|\\n)[:\\s*_]*|答案\\s*[是为:][:\\s*]*|选[择项]?[:\\s]*(?=\\(?[A-Z])` +
    // A correction says so of what it puts in place of the answer.
    `|(?<![a-z])(?:actually|correction|wait|no|sorry|rather),? (?:actually,? )?` +
    `(?:it|that|this)(?:'s| ${IS}) `,
  "gi",
);
/** Words that say so of what stands before them. */
const TRAIL = new RegExp(
  `(?<!(?:angle|vertex|point|side|line|segment|figure|triangle|curve) )(?<![^\\s,;])` +
    `([^\\s,;]{1,30}) (?:is|would be|must be) (?:(?:therefore|thus|hence) )?(?:(?:the|my|our) ` +
    `(?:(?:final|correct|right|best|only) )*(?:answer|choice|option)|(?:correct|right|best))(?![a-z])`,
  "gi",
);
/** A choice that is made, by its letter. */
const CHOOSE =
  /(?:(?<![a-z])(?:i|we|to|would|will|so|let's|must)|'ll) (?:choose|select|pick|go with) +(?:option |choice |answer )?[*("]{0,3}([A-Z])(?![\w'])/gi;

function saidStatements(text: string): Statement[] {
  const found: Statement[] = [];
  for (const { 0: lead, index } of text.matchAll(LEAD)) {
    if (
      /\b(?:if|whether|suppose|assume)(?: that)?(?: the| our| my)?(?: \w+)? $/i.test(
        text.slice(Math.max(0, index - 40), index),
      )
    ) {
      continue;
    }
    const { text: said, end } = sentenceAt(text, index + lead.length);
    const sentence = said.replace(/^not\b.*\bbut (?:rather )?(?=\S)/i, "");
    const denied = /^(?:not|never|n't|cannot|wrong|incorrect|unclear|unknown)\b/i.test(sentence);
    if (!denied && /[\p{L}\p{N}]/u.test(sentence)) {
      found.push({ text: sentence, end, weight: isValue(sentence) ? 3 : 2 });
    }
  }
  for (const { 0: all, 1: before, index } of text.matchAll(TRAIL)) {
    if (/\d|^[*("]{0,3}[A-Z][)*"]{0,3}$/.test(before)) {
      found.push({ text: before, end: index + all.length, weight: 3 });
    }
  }
  for (const { 0: all, 1: letter, index } of text.matchAll(CHOOSE)) {
    found.push({ text: letter, end: index + all.length, weight: 3 });
  }
  for (const { 0: line, 1: after, index } of text.matchAll(/(?<=^|\n) *#### *([^\n]+)/g)) {
    if (isValue(after)) found.push({ text: after, end: index + line.length, weight: 3 });
  }
  return found;
}

const HEADING =
  /^(?:step|case|part|method|example|note|question|problem|figure|option|given)\b|^\d+[.)]\s|:$/i;

/** Words that may stand before a value. */
const ABOUT = /^(?:about|approximately|around|roughly|exactly|only|just|simply|therefore|thus) /i;

/** Whether a text is a value with at most a few words, such as a number and its unit, or a letter. */
function isValue(text: string): boolean {
  const plain = text.replace(/^[*$\s]+|[*$.\s]+$/g, "").replace(ABOUT, "");
  if (HEADING.test(plain)) return /^option [A-Z]$/i.test(plain);
  if (/^[([]?[A-Za-z][)\]]?(?:[.):,]|$)/.test(plain)) return true;
  // "Found by adding 3 and 4" has numbers, but is none.
  if (/^\p{L}{3}/u.test(plain) && !plain.includes("=")) return false;
  const words = plain.replace(/\\[A-Za-z]+/g, " ").match(/\p{L}{3,}/gu)?.length ?? 0;
  return words <= 3 && /\d|\\[A-Za-z]|[=^]/.test(plain);
}

/** Bold that is no heading; on the last line it says as much as a mark. */
function boldStatements(text: string): Statement[] {
  const lastLine = text.trimEnd().lastIndexOf("\n");
  return [...text.matchAll(/\*\*([^*\n]{1,80})\*\*(?!:)|\\textbf\{([^{}\n]{1,80})\}/g)].flatMap(
    ({ 0: all, 1: stars, 2: command, index }): Statement[] => {
      const bold = (stars ?? command).trim();
      if (!isValue(bold)) return [];
      return [{ text: bold, end: index + all.length, weight: index > lastLine ? 3 : 1 }];
    },
  );
}

/** Whether a whole text is an answer and nothing else. */
function isLone(text: string): boolean {
  return text.length <= LONGEST_LINE && !/\n|(?<=\S{2})[.!?]\s+\S/.test(text) && isValue(text);
}

const MARK = /\\(?:boxed|fbox|framebox)(?![A-Za-z])|<\/?answer>/i;

/** Everything that a text states, in its order; what stands in another comes before it. */
function statementsOf(text: string): Statement[] {
  // What is marked in a sentence is a statement of its own.
  const said = [...saidStatements(text), ...boldStatements(text)]
    .filter(({ text }) => text !== null && !MARK.test(text));
  return [...taggedStatements(text), ...boxedStatements(text), ...said]
    .sort((a, b) => a.end - b.end);
}

const QUESTION = "(?:(?:next|new|another) )?(?:question|problem|exercise)";
/** Where a response goes on to a question of its own. */
const NEXT_QUESTION = new RegExp(
  `(?<=^|\\n)(?:[ #*>]*(?:${QUESTION}|q|human|user|instruction|问题|题目) *\\d*\\** *[:.]` +
    `|#+ *${QUESTION}\\b)|<\\|[a-z_]+\\|>`,
  "gi",
);
/** An answer in the way of GSM8K, after which a question is a new one. */
const GIVEN = /(?<=^|\n) *#### *[-$\d][^\n]*\n(?=[^]*\?)/;

/** A text up to the first question that it goes on to after it answered, and its statements. */
function beforeNextQuestion(text: string): { statements: Statement[]; rest: string } {
  const statements = statementsOf(text);
  const first = statements.at(0)?.end ?? Infinity;
  const given = GIVEN.exec(text);
  const ends = [
    ...given ? [given.index + given[0].length] : [],
    ...[...text.matchAll(NEXT_QUESTION)].map(({ index }) => index),
  ];
  for (const end of ends.sort((a, b) => a - b)) {
    const rest = text.slice(0, end).trim();
    if (rest !== "" && (first <= end || isLone(rest))) {
      return { statements: statementsOf(rest), rest };
    }
  }
  return { statements, rest: text.trim() };
}

/** A first line that is an answer and nothing else, which what follows may explain. */
const FIRST_LINE =
  /^[*$]*(?:\(?[A-Z]\)?[.):]?|[-+]?[$€£]?[\d.,/]+(?:\s?(?:%|°|\p{L}+))?|yes|no)[*$.]*(?=\n)/iu;

/**
 * Reads what a response states as its answer.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const response = "<think>\\boxed{5}, or not?</think> **7**, so the answer is 7 cm. Check: 3 + 4.";
 * assertEquals(readSoundly(response).statements[0].text, "7 cm");
 * ```
 */
export function readSoundly(response: string): SoundReading {
  const { said, thought } = partThinking(plainCharacters(response));
  const { statements, rest } = beforeNextQuestion(said);
  const lone = isLone(rest) ? rest : FIRST_LINE.exec(rest)?.[0];
  if (statements.length === 0 && lone) {
    statements.push({ text: lone, end: lone.length, weight: 3 });
  }
  const { statements: thoughts } = beforeNextQuestion(thought);
  return { statements: inBelief(statements), rest, thought: inBelief(thoughts) };
}

/** The most certain first, of those the last. */
const inBelief = (statements: readonly Statement[]) =>
  statements.toSorted((a, b) => b.weight - a.weight || b.end - a.end);

/** The longest text, in characters, that is looked at as an answer. */
const LONGEST = 1000;

/** The most certain statement inside of a text, if it says less than all of it. */
export function statedIn(text: string): string | undefined {
  const [first] = inBelief(statementsOf(text));
  return first?.text && first.text.length < text.length ? first.text : undefined;
}

/** A text as short as an answer: what a long one states, else its end. */
export function shortened(text: string): string {
  return text.length <= LONGEST ? text : (statedIn(text) ?? text).slice(-LONGEST);
}
