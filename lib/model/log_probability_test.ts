import { assertAlmostEquals, assertThrows } from "@std/assert";
import { extendInput, textInput } from "./model_input.ts";
import { answerLogProbability, divergenceFrom, logProbability } from "./log_probability.ts";
import { Values } from "./values.ts";

Deno.test("an answer's likelihood is the mean over its tokens, each after those before it", () => {
  const input = extendInput(textInput([1, 0]), [1, 1]);
  const logits = new Values(Float32Array.from([9, -9, 0, 1000, Math.log(3), 0, 9, 9]), [4, 2]);
  // 1 after the prompt is certain; after it, it has a quarter.
  assertAlmostEquals(answerLogProbability(logits, input), Math.log(0.25) / 2, 1e-6);
});

Deno.test("what cannot be rated is refused with the reason", () => {
  const logits = new Values(new Float32Array(4), [2, 2]);
  assertThrows(() => logProbability(logits.row(0), 2), Error, "token 2 among 2 logits");
  assertThrows(
    () => divergenceFrom(logits.row(0))(new Float32Array(3)),
    RangeError,
    "distributions of 2 and 3 tokens",
  );
  assertThrows(() => answerLogProbability(logits, textInput([1, 0])), Error, "the input has none");
  const input = extendInput(textInput([1, 0]), [1]);
  assertThrows(() => answerLogProbability(logits, input), Error, "of 2 tokens, the input has 3");
  assertThrows(() => new Values(new Float32Array(3), [2, 2]), Error, "[2, 2]: that is 4");
  assertThrows(() => logits.row(2), Error, "Cannot give row 2: there are 2");
  assertThrows(() => logits.toFrame(["a"]), Error, "Cannot name 2 dimensions a");
});
