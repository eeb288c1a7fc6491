/**
 * Reading an answer out of a response and judging it, by the original's rules and by sound ones.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { gradeResponse } from "./mod.ts";
 *
 * const { predicted, correct, correct_sound } = gradeResponse("So x = \\boxed{2008}.", {
 *   gold: "2015",
 *   choices: null,
 * });
 * assertEquals([predicted, correct, correct_sound], ["2008", true, false]);
 * ```
 *
 * @module
 */
export {
  type AnswerGrade,
  countUndecided,
  disagreements,
  disagreementSchema,
  disagreementTexts,
  GRADE_FIELDS,
  type GradedRecord,
  gradeResponse,
  graderText,
  type Grading,
  GRADING_NAMES,
  GRADINGS,
  isRight,
  otherGrading,
  readGrading,
  TIMED_OUT,
} from "./grading.ts";
