/**
 * What the engine would read otherwise than it is meant.
 *
 * @module
 */
import { bracketStep, type Token, tokenise } from "./tokens.ts";

const MIXED = /(?<![\d.}_^\\A-Za-z])(\d+)\\frac\{(\d+)\}\{(\d+)\}/g;
const FUNCTION = /^\\(?:(?:arc)?(?:sin|cos|tan)|cot|sec|csc|ln|log|exp)$/;
/** All letters but those that functions are mostly called by. */
const QUANTITY = /^[A-Za-ei-z]$/;

/** A whole number before a proper fraction is added to it, not multiplied by it. */
function addMixed(tex: string): string {
  return tex.replace(MIXED, (all, whole: string, over: string, under: string) => {
    const [w, o, u] = [whole, over, under].map(BigInt);
    return o < u ? `\\frac{${w * u + o}}{${under}}` : all;
  });
}

/** Where the bracket at `open` is closed. */
function closeOf(tokens: readonly Token[], open: number): number {
  let depth = 0;
  return tokens.findIndex((token, i) => i >= open && (depth += bracketStep(token)) === 0);
}

/**
 * Spells mathematics so that the engine reads it as it is meant: a mixed number is a sum, a letter
 * before a bracket is a factor (except f, g and h), and the braces after a function hold all of its
 * argument.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(spellForEngine("3\\frac{1}{2}"), "\\frac{7}{2}");
 * assertEquals(spellForEngine("a(b+\\sin{x}/2)"), "a\\cdot (b+\\sin(x)/2)");
 * ```
 */
export function spellForEngine(tex: string): string {
  const tokens = tokenise(addMixed(tex));
  for (const [i, token] of tokens.entries()) {
    if (QUANTITY.test(token) && tokens[i + 1] === "(") tokens[i] = `${token}\\cdot `;
    if (!FUNCTION.test(token) || tokens[i + 1] !== "{") continue;
    tokens[closeOf(tokens, i + 1)] = ")";
    tokens[i + 1] = "(";
  }
  return tokens.join("");
}
