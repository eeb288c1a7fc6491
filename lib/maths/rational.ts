/**
 * Numbers that are read exactly: whole numbers, decimals, fractions, mixed numbers, powers of ten,
 * repeating decimals, numbers in another base.
 *
 * @module
 */
import { withoutBrackets } from "./tokens.ts";

/** A quotient of whole numbers, not reduced; the divisor is positive. */
export interface Rational {
  over: bigint;
  under: bigint;
  /** Digits after the point, for a number written as a decimal. */
  decimals?: number;
}

/** Powers of ten beyond this are no answers, and their digits would fill the memory. */
const MAX_EXPONENT = 1000;

const SIGN = String.raw`(?<sign>[-+]?)`;
const DECIMAL = new RegExp(
  String.raw`^${SIGN}(?<whole>\d*)(?:\.(?<part>\d*))?(?:\\overline\{(?<repeat>\d+)\})?` +
    String.raw`(?:(?:[eE]|\\cdot ?10\^)\{?(?<exponent>[-+]?\d{1,6})\}?)?$`,
);
const POWER_OF_TEN = new RegExp(String.raw`^${SIGN}10\^\{(?<exponent>-?\d{1,6})\}$`);
const FRACTION = new RegExp(
  String.raw`^${SIGN}(?<whole>\d*)\\frac\{(?<over>[^{}]+)\}\{(?<under>[^{}]+)\}$`,
);
const SLASH = /^(?<over>[^/]+)\/(?<under>[^/]+)$/;
const BASED = new RegExp(String.raw`^${SIGN}(?<digits>[\dA-Z]+)_\{(?<base>\d{1,2})\}$`);

/**
 * Reads an exact number off spelled mathematics (see `spellMaths`).
 *
 * @example
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 *
 * assert(sameRational(readRational("-3\\frac{1}{2}")!, readRational("-3.5")!));
 * assertEquals(readRational("\\sqrt{2}"), undefined);
 * ```
 *
 * @returns undefined for anything else, a division by zero, or a power of ten beyond 1000.
 */
export function readRational(tex: string): Rational | undefined {
  const inner = withoutBrackets(tex);
  if (inner !== tex) return readRational(inner);
  const negated = /^-[({]/.test(tex) ? readRational(tex.slice(1)) : undefined;
  if (negated) return { ...negated, over: -negated.over };
  return readDecimal(tex) ?? readFraction(tex) ?? readBased(tex);
}

/** Whether two numbers are the same. */
export function sameRational(a: Rational, b: Rational): boolean {
  return a.over * b.under === b.over * a.under;
}

function quotient(over: bigint, under: bigint): Rational | undefined {
  if (under === 0n) return undefined;
  return under < 0n ? { over: -over, under: -under } : { over, under };
}

function withSign(sign: string | undefined, number: Rational): Rational {
  return sign === "-" ? { ...number, over: -number.over } : number;
}

function readDecimal(tex: string): Rational | undefined {
  const power = POWER_OF_TEN.exec(tex)?.groups;
  const groups = power ? { ...power, whole: "1" } : DECIMAL.exec(tex)?.groups;
  if (!groups) return undefined;
  const { sign, whole = "", part = "", repeat, exponent = "0" } = groups as {
    [name: string]: string | undefined;
  };
  // A repeating part belongs after a point.
  if (whole + part === "" && !repeat || repeat && !tex.includes(".")) return undefined;
  const shift = Number(exponent);
  if (Math.abs(shift) > MAX_EXPONENT) return undefined;
  let over = BigInt(whole + part || "0");
  let under = 10n ** BigInt(part.length);
  if (repeat) {
    const nines = 10n ** BigInt(repeat.length) - 1n;
    over = over * nines + BigInt(repeat);
    under *= nines;
  }
  if (shift > 0) over *= 10n ** BigInt(shift);
  else under *= 10n ** BigInt(-shift);
  const decimals = part !== "" && !repeat && shift === 0 ? { decimals: part.length } : {};
  return withSign(sign, { over, under, ...decimals });
}

function readFraction(tex: string): Rational | undefined {
  const groups = FRACTION.exec(tex)?.groups ?? SLASH.exec(tex)?.groups;
  if (!groups) return undefined;
  const [above, below] = [readDecimal(groups.over), readDecimal(groups.under)];
  if (!above || !below) return undefined;
  const fraction = quotient(above.over * below.under, above.under * below.over);
  if (!fraction || !groups.whole) return fraction && withSign(groups.sign, fraction);
  // A whole number before a proper fraction is added to it; before another one it is a factor.
  const whole = BigInt(groups.whole);
  const proper = /^\d+$/.test(groups.over + groups.under) && fraction.over < fraction.under;
  const over = proper ? whole * fraction.under + fraction.over : whole * fraction.over;
  return withSign(groups.sign, { over, under: fraction.under });
}

function readBased(tex: string): Rational | undefined {
  const groups = BASED.exec(tex)?.groups;
  if (!groups) return undefined;
  const base = Number(groups.base);
  if (base < 2 || base > 36) return undefined;
  let over = 0n;
  for (const digit of groups.digits) {
    const value = parseInt(digit, 36);
    if (value >= base) return undefined;
    over = over * BigInt(base) + BigInt(value);
  }
  return withSign(groups.sign, { over, under: 1n });
}
