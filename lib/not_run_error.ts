/**
 * The error of what cannot be run, which is no fault of the run.
 *
 * @module
 */

/**
 * What was asked for cannot be run with what is at hand. Whoever runs several experiments notes the
 * reason and goes on with the others.
 */
export class NotRunError extends Error {
  override name = "NotRunError";
}
