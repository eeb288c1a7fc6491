/**
 * What figures say of how answers were decoded.
 *
 * @module
 */

/**
 * A note where answers were made with another penalty on repetition than the checkpoints' own; else
 * nothing.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(penaltyNotes(undefined), []);
 * assertEquals(penaltyNotes({ repetition_penalty: 1.2 }), [
 *   "Repetition penalty 1.2 in place of the checkpoints' own.",
 * ]);
 * ```
 */
export function penaltyNotes(
  generation: { readonly repetition_penalty?: number } | undefined,
): string[] {
  const penalty = generation?.repetition_penalty;
  return penalty === undefined
    ? []
    : [`Repetition penalty ${penalty} in place of the checkpoints' own.`];
}
