/**
 * How likely a model finds a token, or an answer.
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
  const largest = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - largest);
  return logits[token] - largest - Math.log(sum);
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
