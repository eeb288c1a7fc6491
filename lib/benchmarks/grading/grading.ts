/**
 * The two gradings that every record of an answer has: by the original's rules to the letter, with
 * which its published numbers can be compared, and by sound rules, which a careful person accepts.
 *
 * @module
 */
import { z } from "zod";
import {
  type AnswerTask,
  judgeOriginal,
  type OriginalOptions,
  readOriginal,
} from "./original_grading.ts";
import { gradeSoundly } from "./sound_grading.ts";

/** The gradings; the first is the one that counts unless the other is asked for. */
export const GRADINGS = ["sound", "original"] as const;
export type Grading = typeof GRADINGS[number];

/** The grading that is stated beside another. */
export const otherGrading = (grading: Grading): Grading =>
  grading === "sound" ? "original" : "sound";

/** The fields of a grade that only this suite's records have. */
export const GRADE_FIELDS = {
  /** The original's rule that decided, see `OriginalRule`, or "timed out". */
  rule: z.string(),
  /** The answer as it is read soundly; null where that is as in `predicted`. */
  predicted_sound: z.string().nullable(),
  /** By the sound rules. */
  correct_sound: z.boolean(),
  /** The sound rule that decided, see `SoundRule`, or "timed out". */
  rule_sound: z.string(),
} as const;

/** What both gradings say of a response, in a record's fields. */
export interface AnswerGrade extends z.infer<z.ZodObject<typeof GRADE_FIELDS>> {
  /** The answer as the original reads it. */
  predicted: string;
  /** Whether it is right by the original's rules. */
  correct: boolean;
}

/** Of a response that was cut off at a deadline: what it would have said is not known. */
export const TIMED_OUT: AnswerGrade = {
  predicted: "",
  correct: false,
  rule: "timed out",
  predicted_sound: null,
  correct_sound: false,
  rule_sound: "timed out",
};

/**
 * Grades a response both ways.
 *
 * @param options `strict` for the original's rules of the reasoning localization.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const task = { gold: "\\frac{1}{2}", choices: null };
 * const { correct, rule, correct_sound } = gradeResponse("\\boxed{-\\frac{1}{2}}", task);
 * assertEquals([correct, rule, correct_sound], [true, "containment", false]);
 * ```
 */
export function gradeResponse(
  response: string,
  task: AnswerTask,
  options: OriginalOptions = {},
): AnswerGrade {
  const predicted = readOriginal(response, task, options);
  const sound = gradeSoundly(response, task);
  return {
    predicted,
    ...judgeOriginal({ predicted, response }, task, options),
    predicted_sound: sound.predicted === predicted ? null : sound.predicted,
    correct_sound: sound.correct,
    rule_sound: sound.rule,
  };
}

/** What is read of a record to say whether its answer is right. */
export interface GradedRecord
  extends Pick<AnswerGrade, "correct" | "correct_sound" | "rule" | "rule_sound"> {
  correct_gpt?: boolean | null;
  graded_by?: string;
}

/** Whether an answer is right: by its judge where it had one, else by a grading. */
export function isRight(
  { correct_gpt, correct, correct_sound }: Omit<GradedRecord, "rule" | "rule_sound">,
  grading: Grading,
): boolean {
  return correct_gpt ?? (grading === "sound" ? correct_sound : correct);
}

/** How many answers a grading could not decide; they count as wrong. */
export function countUndecided(
  records: readonly Partial<Pick<GradedRecord, "rule" | "rule_sound">>[],
  grading: Grading,
): number {
  const rule = grading === "sound" ? "rule_sound" : "rule";
  return records.filter((record) => record[rule] === "undecided").length;
}

export const disagreementSchema = z.strictObject({
  /** The rules that decided. */
  original: z.string(),
  sound: z.string(),
  /** The grading that counts the answers as right. */
  right: z.enum(GRADINGS),
  answers: z.int(),
});

/** Answers on which the gradings disagree for the same reason. */
export type Disagreement = z.infer<typeof disagreementSchema>;

/** Answers on which the gradings disagree and no judge decided, by the rules that decided. */
export function disagreements(records: readonly GradedRecord[]): Disagreement[] {
  const differ = records.filter((record) =>
    isRight(record, "sound") !== isRight(record, "original")
  );
  const groups = Map.groupBy(differ, ({ rule, rule_sound }) => JSON.stringify([rule, rule_sound]));
  return [...groups.values()].map((own) => ({
    original: own[0].rule,
    sound: own[0].rule_sound,
    right: own[0].correct_sound ? "sound" as const : "original" as const,
    answers: own.length,
  })).sort((a, b) => b.answers - a.answers);
}

export const GRADING_NAMES: Readonly<Record<Grading, string>> = {
  sound: "sound rules",
  original: "the original's rules",
};

/**
 * Who graded, in words: the judges, the rules that count, and on how many answers the other rules
 * differ.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const task = { gold: "2015", choices: null };
 * const records = ["\\boxed{2015}", "\\boxed{2008}"].map((text) => gradeResponse(text, task));
 * assertEquals(
 *   graderText(records, "sound"),
 *   "sound rules (the original's rules differ on 1 of 2 answers)",
 * );
 * ```
 */
export function graderText(records: readonly GradedRecord[], grading: Grading): string {
  const judges = new Set(
    records.flatMap(({ graded_by = "rules" }) => graded_by === "rules" ? [] : [graded_by]),
  );
  const ruled = records.filter(({ graded_by = "rules" }) => graded_by === "rules");
  const names = [...judges].sort();
  if (ruled.length > 0 || names.length === 0) {
    const differ = disagreements(ruled).reduce((sum, { answers }) => sum + answers, 0);
    names.push(
      `${GRADING_NAMES[grading]} (${
        GRADING_NAMES[otherGrading(grading)]
      } differ on ${differ} of ${ruled.length} ` +
        "answers)",
    );
  }
  return names.join(" and ");
}

/** Disagreements in words, one a line; nothing where there are none. */
export function disagreementTexts(found: readonly Disagreement[]): string[] {
  return found.map(({ original, sound, right, answers }) =>
    `${answers} right only by ${GRADING_NAMES[right]} (original: ${original}, sound: ${sound})`
  );
}

/**
 * A grading by its name.
 *
 * @throws {Error} for any other name.
 */
export function readGrading(name: string): Grading {
  const grading = GRADINGS.find((known) => known === name);
  if (grading) return grading;
  throw new Error(
    `Cannot grade by ${JSON.stringify(name)}: the gradings are ${GRADINGS.join(" and ")}`,
  );
}
