/**
 * Whether an answer is right, by the rules of the paper's evaluation.
 *
 * @module
 */
import { chosenLetter } from "./answer_letter.ts";
import { compareMaths } from "../maths/mod.ts";

/** An answer that was read out of a response, and what it should be. */
export interface AnswerToJudge {
  /** The answer as read. */
  predicted: string;
  /** The right answer. */
  gold: string;
  /** The whole response, which may name the letter of a choice. */
  response?: string;
  /** Texts of the lettered choices, for multiple choice. */
  choices?: readonly string[] | null;
}

/** The rule by which an answer is right. */
export type CorrectBy = "letter" | "choice" | "text" | "containment" | "maths" | "number";

/** Whether an answer is right, and how that was found. */
export interface Judgement {
  correct: boolean;
  /** The first rule that holds; null if none does. */
  by: CorrectBy | null;
  /** Whether mathematical equality could not be decided; it then counts as not equal. */
  undecided: boolean;
}

/** The shorter text is at least this share of the longer one that contains it. */
const CONTAINED_SHARE = 0.9;
const ABSOLUTE = 1e-6;
const RELATIVE = 0.01;

const right = (by: CorrectBy): Judgement => ({ correct: true, by, undecided: false });
const WRONG: Judgement = { correct: false, by: null, undecided: false };

/**
 * Judges an answer as the transferability experiments do. It is right if, in this order: the gold
 * answer is a letter A to H and the answer or the response chooses it (nothing else counts then);
 * the answer is the letter of a choice whose text is the gold answer; the texts are equal but for
 * case and spaces; one contains the other and is at least 90 % of its length; they are
 * mathematically equal; both are numbers within 1e-6, or within 1 % of a gold answer that is not 0.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const answer = { predicted: "B", gold: "7", choices: ["5", "7"] };
 * assertEquals(judgeAnswer(answer).by, "choice");
 * ```
 */
export function judgeAnswer(
  { predicted, gold, response = "", choices }: AnswerToJudge,
): Judgement {
  const [answer, wanted] = [predicted.trim(), gold.trim()];
  if (answer === "" || wanted === "") return WRONG;
  if (/^[A-H]$/i.test(wanted)) {
    const letter = wanted.toUpperCase();
    const chosen = chosenLetter(answer) === letter || chosenLetter(response) === letter;
    return chosen ? right("letter") : WRONG;
  }
  const [a, b] = [plain(answer), plain(wanted)];
  const choice = /^[a-h]$/.test(a) ? choices?.[a.charCodeAt(0) - "a".charCodeAt(0)] : undefined;
  if (choice !== undefined && plain(choice) === b) return right("choice");
  if (a === b) return right("text");
  if (contains(a, b) || contains(b, a)) return right("containment");
  return judgeValue({ predicted, gold });
}

/**
 * Judges an answer as the reasoning localization does: equal texts but for case and spaces,
 * mathematical equality, or numbers as close as in {@linkcode judgeAnswer}.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 *
 * assert(judgeAnswerStrictly({ predicted: "1/2", gold: "0.5" }).correct);
 * ```
 */
export function judgeAnswerStrictly(
  { predicted, gold }: Pick<AnswerToJudge, "predicted" | "gold">,
): Judgement {
  if (predicted.trim() === "" || gold.trim() === "") return WRONG;
  if (plain(predicted) === plain(gold)) return right("text");
  return judgeValue({ predicted, gold });
}

function judgeValue(
  { predicted, gold }: Pick<AnswerToJudge, "predicted" | "gold">,
): Judgement {
  const verdict = compareMaths(predicted, gold);
  if (verdict === "equal") return right("maths");
  const [answer, wanted] = [number(predicted), number(gold)];
  const difference = Math.abs(answer - wanted);
  const close = difference < ABSOLUTE || wanted !== 0 && difference / Math.abs(wanted) < RELATIVE;
  return close ? right("number") : { ...WRONG, undecided: verdict === "undecided" };
}

/** Lower case, without spaces. */
function plain(text: string): string {
  return text.toLowerCase().replace(/\s+/g, "");
}

function contains(whole: string, part: string): boolean {
  return whole.includes(part) && part.length >= CONTAINED_SHARE * whole.length;
}

/** A decimal number without its commas and percent signs; NaN for anything else. */
function number(text: string): number {
  const digits = plain(text).replace(/[,%]/g, "");
  return /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/.test(digits) ? Number(digits) : NaN;
}
