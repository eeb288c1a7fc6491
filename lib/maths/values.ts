/**
 * Comparing single values: exactly where both are numbers, by an engine otherwise.
 *
 * @module
 */
import type { ValueComparer } from "./compare.ts";
import { type Rational, readRational, sameRational } from "./rational.ts";
import { withoutBrackets } from "./tokens.ts";
import { readUnit, splitUnit } from "./units.ts";
import { anyOf, type Verdict } from "./verdict.ts";

/** A decimal of any length without needless zeros; undefined for anything else. */
export function canonicalDecimal(tex: string): string | undefined {
  if (!/^-?(?:\d+\.?\d*|\.\d+)$/.test(tex)) return undefined;
  const negative = tex.startsWith("-");
  const [whole, part = ""] = tex.slice(negative ? 1 : 0).split(".");
  // Loops: as patterns these take quadratic time on long runs of zeros.
  let start = 0;
  while (whole[start] === "0") start++;
  let end = part.length;
  while (part[end - 1] === "0") end--;
  const digits = `${whole.slice(start)}.${part.slice(0, end)}`;
  return negative && digits !== "." ? `-${digits}` : digits;
}

/** Digits after the point, and in all, from which a decimal stands for the number it rounds. */
const ROUNDED = { decimals: 5, digits: 6 };

/**
 * The digits after the point of a decimal that stands for the numbers that are rounded or cut to it,
 * as "0.333333" does for a third; undefined for a short one, which stands for itself.
 */
export function roundedDecimals(tex: string): number | undefined {
  const [, whole, part] = /^-?(\d*)\.(\d+)$/.exec(tex) ?? [];
  if (part === undefined || part.length < ROUNDED.decimals) return undefined;
  const digits = (whole + part).replace(/^0+/, "").length;
  return digits < ROUNDED.digits ? undefined : part.length;
}

/** Whether an exact number is rounded or cut to `decimal`, which has so many digits. */
function roundsTo(decimal: Rational, exact: Rational, decimals: number): boolean {
  if ((decimal.over < 0n) !== (exact.over < 0n)) return false;
  const magnitude = (value: bigint) => value < 0n ? -value : value;
  const unit = exact.under * decimal.under;
  // In units of the last place: from half a unit below the exact number to a unit above.
  const excess = 10n ** BigInt(decimals) *
    (magnitude(exact.over) * decimal.under - magnitude(decimal.over) * exact.under);
  return 2n * excess >= -unit && excess < unit;
}

/** Compares numbers; `a` or `b` as written may be a long decimal that stands for the other. */
function compareNumbers(x: Rational, y: Rational, [a, b]: [string, string]): Verdict {
  if (sameRational(x, y)) return "equal";
  const [ofX, ofY] = [roundedDecimals(a), roundedDecimals(b)];
  const rounded = ofX !== undefined && roundsTo(x, y, ofX) ||
    ofY !== undefined && roundsTo(y, x, ofY);
  return rounded ? "equal" : "different";
}

/**
 * Compares values exactly where both are numbers, and asks `engine` otherwise. Units must agree
 * where both have one; a percentage is its number or a hundredth of it, degrees are their number or
 * radians.
 */
export class ExactComparer implements ValueComparer {
  readonly #engine: ValueComparer;

  constructor(engine: ValueComparer) {
    this.#engine = engine;
  }

  values(a: string, b: string): Verdict {
    if (a === b) return "equal";
    const [x, y] = [splitUnit(a), splitUnit(b)];
    if (x.unit === y.unit) return this.#numbers(x.value, y.value);
    if (x.unit !== undefined && y.unit !== undefined) {
      return this.#converted([x.value, y.value], [x.unit, y.unit]);
    }
    const [measured, bare, unit] = x.unit ? [x.value, y.value, x.unit] : [y.value, x.value, y.unit];
    return anyOf(this.#bare(measured, bare, unit!));
  }

  equations(a: readonly [string, string], b: readonly [string, string]): Verdict {
    return this.#engine.equations(a, b);
  }

  /** A value with a unit against one without. */
  *#bare(measured: string, bare: string, unit: string): Iterable<Verdict> {
    yield this.#numbers(measured, bare);
    if (unit === "percent") yield this.#numbers(`\\frac{${measured}}{100}`, bare);
    if (unit === "degrees" && bare.includes("\\pi")) {
      yield this.#numbers(`(${measured})\\cdot\\frac{\\pi}{180}`, bare);
    }
  }

  #converted(values: [string, string], units: [string, string]): Verdict {
    const [x, y] = units.map(readUnit);
    if (x && y) {
      if (x.measure !== y.measure) return "different";
      if (sameRational(x.size, y.size)) return this.#numbers(...values);
      const [a, b] = values.map(readRational);
      if (!a || !b) return "undecided";
      const total = (value: Rational, size: Rational) => ({
        over: value.over * size.over,
        under: value.under * size.under,
      });
      return sameRational(total(a, x.size), total(b, y.size)) ? "equal" : "different";
    }
    // Of units that are not known only the numbers can tell.
    const known = ["percent", "degrees"];
    if (x || y || units.some((unit) => known.includes(unit))) return "different";
    return this.#numbers(...values) === "different" ? "different" : "undecided";
  }

  #numbers(valueA: string, valueB: string): Verdict {
    const [a, b] = [valueA, valueB].map(withoutBrackets);
    if (a === b) return "equal";
    const [decimalA, decimalB] = [canonicalDecimal(a), canonicalDecimal(b)];
    if (decimalA !== undefined && decimalB !== undefined) {
      return decimalA === decimalB ? "equal" : "different";
    }
    const [x, y] = [readRational(a), readRational(b)];
    if (x && y) return compareNumbers(x, y, [a, b]);
    // A variable is no number and no other variable; e and i are numbers.
    const letter = /^[A-Za-df-hj-z]$/;
    if ((x || letter.test(a)) && (y || letter.test(b))) return "different";
    return this.#engine.values(a, b);
  }
}
