/**
 * What can go wrong between here and a served model.
 *
 * @module
 */

export interface ServedFailure {
  /** What could not be done, e.g. "answer request 12 with gpt-4o at https://...". */
  task: string;
  /** Why: the server's words, or what became of the connection. */
  reason: string;
  /** What to do about it. */
  advice: string;
  /** HTTP status; null if there was no answer. */
  status: number | null;
  /** Whether the same request may succeed later. */
  transient: boolean;
  /** How long the server asks to wait, in ms; null if it does not say. */
  retryAfterMs: number | null;
}

/**
 * A request to a served model that failed. It carries no cause: what an SDK throws may hold the
 * request, and with it the key.
 */
export class ServedModelError extends Error {
  override readonly name = "ServedModelError";
  readonly failure: Readonly<ServedFailure>;

  constructor(failure: ServedFailure) {
    super(`Cannot ${failure.task}: ${failure.reason}; ${failure.advice}`);
    this.failure = failure;
  }

  /** HTTP status; null if there was no answer. */
  get status(): number | null {
    return this.failure.status;
  }

  /** Whether the same request may succeed later. */
  get transient(): boolean {
    return this.failure.transient;
  }

  /** The same failure as the end of all attempts. */
  givenUp(why: string): ServedModelError {
    return new ServedModelError({
      ...this.failure,
      reason: `${this.failure.reason} (${why})`,
      transient: false,
    });
  }
}
