/**
 * One line of `deno task bench`.
 *
 * @module
 */

/** A measurement beside what it is compared with, in one run on one machine. */
export interface BenchResult {
  /** What was measured. */
  what: string;
  /** Ours, with its unit, e.g. "3.10 GB/s". */
  ours: string;
  /** What it is compared with, or "-" where that is not installed. */
  reference: string;
  /** Ours over the reference, as the label says; null without a reference. */
  ratio: number | null;
  /** What the ratio should be, e.g. ">= 0.70". */
  target: string;
  /** What bounds the number. */
  note: string;
}
