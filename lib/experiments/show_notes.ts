/**
 * What a user should know of a checkpoint that is read otherwise than its files may suggest.
 *
 * @module
 */

/** Shows notes of checkpoints, one a line. */
export function showNotes(notes: Iterable<string> = []): void {
  for (const note of notes) console.warn(`note: ${note}`);
}
