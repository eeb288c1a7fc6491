/**
 * How reasoning localization reads and judges a response.
 *
 * @module
 */
import { readAnswerStrictly } from "../benchmarks/answer_reader.ts";
import { judgeAnswerStrictly } from "../benchmarks/correctness.ts";
import { MathsComparer } from "../maths/maths_equality.ts";
import type { ReasoningGrader } from "../probing/mod.ts";

/**
 * The original's stricter rules: tags or a box, no letters of choices, no containment; equality of
 * texts, numbers or mathematics. Release it with `await using`.
 */
export class StrictGrader implements AsyncDisposable {
  readonly #comparer = new MathsComparer();

  /** Reads and judges a response. */
  readonly grade: ReasoningGrader = async (response, { answer: gold }) => {
    const predicted = readAnswerStrictly(response);
    const { correct, undecided } = await judgeAnswerStrictly({ predicted, gold }, this.#comparer);
    return { predicted, correct, undecided };
  };

  [Symbol.asyncDispose](): Promise<void> {
    return this.#comparer[Symbol.asyncDispose]();
  }
}
