/**
 * Whether two answers are mathematically the same.
 *
 * @module
 */
import { compareSpelled, type ValueComparer } from "./maths_compare.ts";
import { isRefused, MAX_LENGTH } from "./maths_limits.ts";
import { type EngineTask, MathsProcess } from "./maths_process.ts";
import { spellMaths } from "./maths_text.ts";
import { canonicalDecimal, ExactComparer } from "./maths_values.ts";
import type { Verdict } from "./maths_verdict.ts";

/** Options of {@linkcode MathsComparer}. */
export interface MathsComparerOptions {
  /** Milliseconds that one comparison may take; default 5000. */
  deadline?: number;
  /** Milliseconds that the engine may take to start; default 60000. */
  startDeadline?: number;
}

/** Decides what needs no engine, and notes whether one would have been asked. */
class WithoutEngine implements ValueComparer {
  asked = false;

  values(a: string, b: string): Verdict {
    return this.#ask(a, b);
  }

  equations(a: readonly [string, string], b: readonly [string, string]): Verdict {
    return this.#ask(...a, ...b);
  }

  #ask(...texts: string[]): Verdict {
    if (!texts.some(isRefused)) this.asked = true;
    return "undecided";
  }
}

/** Answers too long to look into: the same text, or decimals. */
function compareLong(a: string, b: string): Verdict {
  const [x, y] = [a, b].map((text) => text.replace(/\s/g, ""));
  if (x === y) return "equal";
  const [decimalX, decimalY] = [canonicalDecimal(x), canonicalDecimal(y)];
  if (decimalX === undefined || decimalY === undefined) return "undecided";
  return decimalX === decimalY ? "equal" : "different";
}

/**
 * Compares answers, LaTeX or plain text. Most are decided at once (the same text, exact numbers,
 * forms that differ); for the others a computer algebra engine runs in a process that is ended and
 * replaced when it takes too long, so that no comparison hangs. Release it with `await using`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * await using comparer = new MathsComparer();
 * assertEquals(await comparer.compare("\\frac{1}{2}", "0.5"), "equal");
 * assertEquals(await comparer.compare("(x+1)^2", "x^2 + 2x + 1"), "equal");
 * assertEquals(await comparer.compare("[0,1)", "(0,1)"), "different");
 * ```
 */
export class MathsComparer implements AsyncDisposable {
  readonly #deadline: number;
  readonly #startDeadline: number;
  #engine: MathsProcess | undefined;
  /** Comparisons follow each other: the deadline is of one alone. */
  #last: Promise<unknown> = Promise.resolve();
  #released = false;

  constructor({ deadline = 5000, startDeadline = 60_000 }: MathsComparerOptions = {}) {
    this.#deadline = deadline;
    this.#startDeadline = startDeadline;
  }

  /**
   * Compares two answers; the order does not matter.
   *
   * @returns "undecided" where an answer is not understood, too large to compute, or the engine
   * found nothing before the deadline.
   * @throws {Error} if the engine cannot be started, or the comparer was released.
   */
  async compare(a: string, b: string): Promise<Verdict> {
    if (this.#released) throw new Error("Cannot compare answers: the comparer was released");
    if (a.trim() === b.trim()) return a.trim() === "" ? "undecided" : "equal";
    if (Math.max(a.length, b.length) > MAX_LENGTH) return compareLong(a.trim(), b.trim());
    // One order, so that the verdict cannot depend on which answer is whose.
    const [x, y] = [spellMaths(a), spellMaths(b)].sort();
    const quick = new WithoutEngine();
    const verdict = compareSpelled(x, y, new ExactComparer(quick));
    if (verdict !== "undecided" || !quick.asked) return verdict;
    const turn = this.#last.then(() => this.#askEngine({ a: x, b: y }));
    this.#last = turn.catch(() => {});
    return await turn;
  }

  async #askEngine(task: EngineTask): Promise<Verdict> {
    if (this.#released) return "undecided";
    this.#engine ??= await MathsProcess.start(this.#startDeadline);
    const engine = this.#engine;
    const verdict = await engine.ask(task, this.#deadline);
    if (verdict !== undefined) return verdict;
    // It may still compute, and would give this answer to the next question.
    this.#engine = undefined;
    await engine.stop();
    return "undecided";
  }

  /** Ends the engine; comparisons that wait for it end as undecided. */
  async dispose(): Promise<void> {
    this.#released = true;
    await this.#engine?.stop();
    await this.#last;
    await this.#engine?.stop();
    this.#engine = undefined;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }
}
