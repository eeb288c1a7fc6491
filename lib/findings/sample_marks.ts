/**
 * What happened to each sample, one character a sample: tables stay small and can be read by eye.
 *
 * @module
 */
import { z } from "zod";

/** `1` yes, `0` no, `-` missing. */
export const marksSchema = z.string().regex(/^[01-]*$/, "must hold only 1, 0 and -");

/**
 * A column of samples as marks.
 *
 * @example
 * ```ts
 * console.log(toMarks([1, 0, null])); // 10-
 * ```
 */
export function toMarks(column: readonly (number | null)[]): string {
  return column.map((value) => value === null ? "-" : value > 0 ? "1" : "0").join("");
}

/**
 * The samples of marks: 1, 0 or null.
 *
 * @example
 * ```ts
 * console.log(fromMarks("10-")); // [ 1, 0, null ]
 * ```
 */
export function fromMarks(marks: string): (number | null)[] {
  return [...marks].map((mark) => mark === "-" ? null : Number(mark));
}
