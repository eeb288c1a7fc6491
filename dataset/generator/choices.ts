/**
 * Multiple choice: four numbers, one of them right.
 *
 * @module
 */
import type { Random } from "./random.ts";

/** Letters of the choices, in order. */
export const CHOICE_LETTERS = "ABCD";

/**
 * Four different whole numbers near `answer` with it among them, in random order.
 *
 * @throws {Error} If `answer` is not a whole number from 0.
 */
export function drawChoices(random: Random, answer: string): string[] {
  const right = Number(answer);
  if (!/^\d+$/.test(answer)) {
    throw new Error(`Cannot offer choices near "${answer}": it is not a whole number from 0.`);
  }
  const near = Array.from({ length: 9 }, (_, i) => right - 4 + i)
    .filter((value) => value >= 0 && value !== right);
  const wrong = random.sample(near, CHOICE_LETTERS.length - 1);
  return random.sample([right, ...wrong], CHOICE_LETTERS.length).map(String);
}
