/**
 * What is refused before it is computed, because computing it would take all time or memory.
 *
 * @module
 */

/** Longest answer that is looked into, in characters; longer ones are compared as texts only. */
export const MAX_LENGTH = 4000;
/** Longest value given to an engine. */
const MAX_VALUE_LENGTH = 600;
/** Most digits of one number in it. */
const MAX_DIGITS = 200;
/** Largest whole exponent, and largest number under a factorial. */
const MAX_EXPONENT = 10_000;
/** Deepest exponents of exponents. */
const MAX_TOWER = 2;

/** Deepest nesting of exponents in spelled mathematics. */
function towerHeight(tex: string): number {
  const groups: boolean[] = [];
  let height = 0;
  let highest = 0;
  for (let i = 0; i < tex.length; i++) {
    if (tex[i] === "{") {
      const exponent = tex[i - 1] === "^";
      groups.push(exponent);
      if (exponent) highest = Math.max(highest, ++height);
    } else if (tex[i] === "}" && groups.pop()) height--;
  }
  return highest;
}

/**
 * Whether an engine is not to be asked about a value: it is too long, or has numbers, powers or
 * factorials of absurd size.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 *
 * assert(isRefused("9^{9^{9}}"));
 * assert(!isRefused("e^{x^{2}}"));
 * ```
 */
export function isRefused(tex: string): boolean {
  if (tex.length > MAX_VALUE_LENGTH || towerHeight(tex) > MAX_TOWER) return true;
  if (tex.match(/\d+/g)?.some((digits) => digits.length > MAX_DIGITS)) return true;
  const large = (digits: string) => Number(digits) > MAX_EXPONENT;
  for (const [, exponent] of tex.matchAll(/\^\{-?(\d+)/g)) if (large(exponent)) return true;
  for (const [, exponent] of tex.matchAll(/\d[eE][-+]?(\d+)/g)) if (large(exponent)) return true;
  for (const [, number] of tex.matchAll(/(\d+)\}?\)?!/g)) if (large(number)) return true;
  // A factorial of a factorial; a power of a power without brackets, which has no meaning.
  if (/!\)?!|\^\{[^{}]*\}\^/.test(tex)) return true;
  for (const [, base, exponent] of tex.matchAll(/\^\{-?(\d+)\^\{(\d+)\}/g)) {
    if (Number(base) ** Number(exponent) > MAX_EXPONENT) return true;
  }
  return false;
}
