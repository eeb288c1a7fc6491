/**
 * How likely a model finds a token, or an answer, and how far two models are apart in that.
 *
 * @module
 */
import type { ModelInput } from "./model_input.ts";
import type { Values } from "./values.ts";

/**
 * The natural logarithm of a token's probability.
 *
 * @param logits [vocab]
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(logProbability(new Float32Array([0, 0]), 1), Math.log(0.5));
 * ```
 */
export function logProbability(logits: Float32Array, token: number): number {
  if (!(token >= 0 && token < logits.length)) {
    throw new RangeError(`Cannot find token ${token} among ${logits.length} logits`);
  }
  return logits[token] - logOfSum(logits);
}

/** The logarithm of the sum of the logits' exponentials. */
function logOfSum(logits: Float32Array): number {
  let largest = -Infinity;
  for (let i = 0; i < logits.length; i++) largest = Math.max(largest, logits[i]);
  let sum = 0;
  for (let i = 0; i < logits.length; i++) sum += Math.exp(logits[i] - largest);
  return largest + Math.log(sum);
}

/**
 * The Kullback-Leibler divergence of the next token's distribution from other ones, in nats: how much
 * likelier a model finds its own tokens than another one does. 0 where they are the same.
 *
 * @param logits [vocab], of the model whose tokens count.
 * @returns A function of the other model's logits [vocab].
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const divergence = divergenceFrom(new Float32Array([0, 0]));
 * const other = new Float32Array([Math.log(3), 0]);
 * assertAlmostEquals(divergence(other), Math.log(4 / 3) / 2, 1e-6);
 * ```
 *
 * @throws {RangeError} if the vocabularies differ.
 */
export function divergenceFrom(logits: Float32Array): (others: Float32Array) => number {
  const all = logOfSum(logits);
  const chances = Float64Array.from(logits, (logit) => Math.exp(logit - all));
  const own = chances.reduce((sum, chance, token) => sum + chance * (logits[token] - all), 0);
  return (others) => {
    if (others.length !== logits.length) {
      throw new RangeError(
        `Cannot compare distributions of ${logits.length} and ${others.length} tokens`,
      );
    }
    let expected = 0;
    for (let token = 0; token < others.length; token++) expected += chances[token] * others[token];
    // Rounding may leave less than nothing.
    return Math.max(0, own - expected + logOfSum(others));
  };
}

/**
 * Mean log-probability of an answer's tokens, in nats a token: teacher forcing.
 *
 * @param logits [T, vocab], of `forward` with `logits: "all"`.
 * @param input A prompt and its answer, of `extendInput`.
 * @throws {Error} if the input has no answer, or the logits are not of all its tokens.
 */
export function answerLogProbability(logits: Values, { ids, answerTokens = 0 }: ModelInput) {
  if (answerTokens === 0) throw new Error("Cannot rate an answer: the input has none");
  if (logits.dims[0] !== ids.length) {
    throw new Error(
      `Cannot rate an answer: the logits are of ${logits.dims[0]} tokens, the input has ` +
        `${ids.length}; ask forward for logits of all`,
    );
  }
  let sum = 0;
  for (let token = ids.length - answerTokens; token < ids.length; token++) {
    sum += logProbability(logits.row(token - 1), ids[token]);
  }
  return sum / answerTokens;
}
