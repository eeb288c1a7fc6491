/**
 * Comparing formulas: exactly where both are quotients of whole numbers, else by computing both with
 * as many digits as their sizes call for, at sampled points where they have unknowns.
 *
 * @module
 */
import {
  type Budget,
  type Complex,
  Exact,
  isZero,
  magnitude,
  MAX_PRECISION,
  Numeric,
} from "./arithmetic.ts";
import {
  call,
  type Expression,
  lettersOf,
  number,
  parseExpression,
  substitute,
} from "./expression.ts";
import { NoValue, type Rational, sameRational } from "./rational.ts";
import { type Token, tokenise, withoutBrackets } from "./tokens.ts";
import type { Verdict } from "./verdict.ts";

/** Digits of the first computation, which tells most different values from each other. */
const ROUGH = 30;
/** Digits beyond twice those of the numbers on the way in which equal values must agree. */
const MARGIN = 34;
/** Points to sample, how many must have values for a verdict, and how many suffice. */
const POINTS = 16;
const ENOUGH_POINTS = 4;
const PLENTY_POINTS = 8;
/** Digits after the point, and in all, from which a decimal stands for the number it rounds. */
const ROUNDED = { decimals: 5, digits: 6 };

/** A decimal of any length without needless zeros; undefined for anything else. */
export function canonicalDecimal(tex: string): string | undefined {
  if (!/^-?[\d.]*$/.test(tex)) return undefined;
  const negative = tex.startsWith("-");
  const [whole, part = "", more] = tex.slice(negative ? 1 : 0).split(".");
  if (more !== undefined || whole + part === "") return undefined;
  // Loops: as patterns these take quadratic time on long runs of zeros.
  let start = 0;
  while (whole[start] === "0") start++;
  let end = part.length;
  while (part[end - 1] === "0") end--;
  const digits = `${whole.slice(start)}.${part.slice(0, end)}`;
  return negative && digits !== "." ? `-${digits}` : digits;
}

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

/** Longest decimal in which a repeated end is looked for; that takes cubic time. */
const MAX_REPEATING = 60;

/** "0.1666..." with its last digits overlined, and "3.14159..." as the decimal that it is cut to. */
function continued(tex: string): string {
  if (!tex.endsWith("\\ldots") || tex.length > MAX_REPEATING) return tex;
  const digits = tex.slice(0, -"\\ldots".length);
  const [, start, repeated] = /^(-?\d*\.\d*?)(\d+?)\2+$/.exec(digits) ?? [];
  if (start !== undefined && digits.length - start.length >= 3) {
    return `${start}\\overline{${repeated}}`;
  }
  return roundedDecimals(digits) === undefined ? tex : digits;
}

/** What two computations say of each other at one point. */
interface Agreement {
  verdict: Verdict;
  /** Whether all numbers on the way were real. */
  real: boolean;
}

/** A number in (0, 1) for an unknown at a point; the same in every run. */
function scramble(point: number, unknown: number): number {
  const mixed = Math.imul(point * 31 + unknown + 1, 0x9e3779b1) ^ 0x5bf03635;
  return ((Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b) >>> 8) + 0.5) / 2 ** 24;
}

/** What an unknown is at a point: positive reals, reals of either sign, small whole numbers. */
function sampleValue(point: number, unknown: number): Rational {
  const share = scramble(point, unknown);
  const thousandths = (value: number) => ({ over: BigInt(Math.round(1000 * value)), under: 1000n });
  if (point % 4 === 0) return thousandths(0.2 + 3 * share);
  // Two unknowns have every pair of signs at some point.
  const isNegative = ((point + 1) >> (1 + unknown % 2)) % 2 === 0;
  if (point % 2 === 1) return thousandths((0.2 + 2 * share) * (isNegative ? -1 : 1));
  return { over: BigInt(3 + unknown + Math.floor(9 * share)), under: 1n };
}

type Point = ReadonlyMap<string, Rational>;

function unknownsOf(expression: Expression): string[] {
  return lettersOf(expression).filter((letter) => !/^(?:e|i|\\pi|.*:.*)$/.test(letter));
}

/** The points at which formulas with these unknowns are compared; a single one without unknowns. */
function pointsOf(...expressions: Expression[]): Point[] {
  const unknowns = [...new Set(expressions.flatMap(unknownsOf))].sort();
  return Array.from(
    { length: unknowns.length === 0 ? 1 : POINTS },
    (_, point) => new Map(unknowns.map((name, i) => [name, sampleValue(point, i)])),
  );
}

/** Digits that suffice to call two values equal that agree in them. */
function enough({ extent }: Numeric): number {
  return Math.ceil((MARGIN + 2 * extent) / 20) * 20;
}

function hasNoValue(error: unknown): boolean {
  return error instanceof NoValue || /DecimalError/.test(String(error));
}

/** Compares formulas as long as its budget lasts. */
export class Formulas {
  readonly #exact: Exact;
  readonly #parsed = new Map<string, Expression | undefined>();

  constructor(budget: Budget) {
    this.#exact = new Exact(budget);
  }

  /** Whether two formulas have the same value wherever both have one. */
  same(texA: string, texB: string): Verdict {
    const [a, b] = [texA, texB].map((tex) => continued(withoutBrackets(tex)));
    if (a === b) return "equal";
    const [decimalA, decimalB] = [canonicalDecimal(a), canonicalDecimal(b)];
    if (decimalA !== undefined && decimalB !== undefined) {
      return decimalA === decimalB ? "equal" : "different";
    }
    if (a.endsWith("\\infty") || b.endsWith("\\infty")) return this.#infinite(a, b);
    const [x, y] = [this.#parse(a), this.#parse(b)];
    if (!x || !y) return "undecided";
    const [p, q] = [this.#exact.value(x), this.#exact.value(y)];
    if (p && q && sameRational(p, q)) return "equal";
    if (this.#hasNone(x) !== this.#hasNone(y)) return "different";
    const [decimalsOfX, decimalsOfY] = [roundedDecimals(a), roundedDecimals(b)];
    if (unknownsOf(x).length + unknownsOf(y).length === 0) {
      if (decimalsOfX !== undefined) return this.#rounded(x, y, decimalsOfX);
      if (decimalsOfY !== undefined) return this.#rounded(y, x, decimalsOfY);
    }
    return p && q ? "different" : this.#sampled(x, y);
  }

  /** Whether two equations, each by its sides, are the same but for a constant factor. */
  equations(a: readonly string[], b: readonly string[]): Verdict {
    const [x, y] = [a, b].map((sides) => this.#difference(sides));
    return x && y
      ? this.#proportion(this.#numerator(x)[0], this.#numerator(y)[0]).verdict
      : "undecided";
  }

  /**
   * Whether two inequalities, each by the side that is to be the larger and the other, are the same
   * but for a positive factor.
   */
  inequalities(a: readonly string[], b: readonly string[]): Verdict {
    const [x, y] = [a, b].map((sides) => this.#difference(sides));
    const { verdict, positive } = x && y ? this.#proportion(x, y) : { verdict: "undecided" };
    // Inequalities that differ by more may have the same solutions.
    if (verdict !== "equal") return "undecided";
    return positive ? "equal" : "different";
  }

  /** The sign of a number; undefined if it is none, or 0 for all that is known. */
  sign(tex: string): 1 | -1 | undefined {
    const x = this.#parse(tex);
    if (!x || unknownsOf(x).length > 0) return undefined;
    const value = this.#numeric(2 * MARGIN, x);
    if (!value || value.re.isZero() || !value.im.isZero()) return undefined;
    return value.re.isPositive() ? 1 : -1;
  }

  /** Where two sides that are linear in a variable meet, and whether `left` - `right` rises there. */
  meeting(
    left: string,
    right: string,
    variable: Token,
  ): { at: string; rises: boolean } | undefined {
    const hasVariable = (tex: string) => tokenise(tex).includes(variable);
    if (left === variable && !hasVariable(right)) return { at: right, rises: true };
    if (right === variable && !hasVariable(left)) return { at: left, rises: false };
    const at = (value: number) =>
      `((${left})-(${right}))`.replace(
        /\\[A-Za-z]+|[^]/g,
        (token) => token === variable ? `(${value})` : token,
      );
    const slope = `(${at(1)}-${at(0)})`;
    const sign = this.sign(slope);
    if (sign === undefined || this.same(at(2), `2${at(1)}-${at(0)}`) !== "equal") return undefined;
    return { at: `-\\frac{${at(0)}}{${slope}}`, rises: sign > 0 };
  }

  #parse(tex: string): Expression | undefined {
    if (!this.#parsed.has(tex)) {
      this.#exact.budget.spend(tex.length);
      this.#parsed.set(tex, parseExpression(tex));
    }
    return this.#parsed.get(tex);
  }

  #difference([left, right]: readonly string[]): Expression | undefined {
    const [x, y] = [this.#parse(left), this.#parse(right)];
    return x && y && call("add", x, call("negate", y));
  }

  #infinite(a: string, b: string): Verdict {
    const sign = (tex: string) => /^[-+]?\\infty$/.test(tex) ? tex.replace("+", "") : undefined;
    const [x, y] = [sign(a), sign(b)];
    if (x && y) return x === y ? "equal" : "different";
    const finite = this.#parse(x ? b : a);
    return (x || y) && finite ? "different" : "undecided";
  }

  /** Whether something is divided by zero. */
  #hasNone(x: Expression): boolean {
    const divisor = x.name === "divide" ? this.#exact.value(x.args[1]) : undefined;
    return divisor?.over === 0n || x.args.some((arg) => this.#hasNone(arg));
  }

  /** The value with so many digits; undefined if there is none. */
  #numeric(precision: number, x: Expression): Complex | undefined {
    try {
      return new Numeric(precision, this.#exact).value(x);
    } catch (error) {
      if (hasNoValue(error)) return undefined;
      throw error;
    }
  }

  /**
   * Whether two expressions without unknowns have the same value: different if their difference is
   * larger than all errors; equal if it is not though they were computed with more than twice as
   * many digits as any number on the way has.
   *
   * @returns undefined if one has no value.
   */
  #agree(x: Expression, y: Expression): Agreement | undefined {
    const [a, b] = [this.#exact.value(x), this.#exact.value(y)];
    if (a && b) return { verdict: sameRational(a, b) ? "equal" : "different", real: true };
    for (let precision = ROUGH, last = 0; precision > last;) {
      const numeric = new Numeric(precision, this.#exact);
      last = precision;
      try {
        const [p, q] = [x, y].map((side) => numeric.value(side));
        const difference = numeric.call("add", [p, numeric.call("negate", [q])]);
        const real = !numeric.leftReals;
        if (!isZero(difference)) return { verdict: "different", real };
        precision = Math.max(precision, enough(numeric));
        const size = Math.max(magnitude(p), magnitude(q), 0);
        if (precision === last) {
          return { verdict: difference.error < size - MARGIN / 2 ? "equal" : "undecided", real };
        }
      } catch (error) {
        if (!hasNoValue(error)) throw error;
        // More digits may show that what seemed to be 0 is none.
        precision = Math.max(precision, enough(numeric));
      }
      if (precision > MAX_PRECISION) return { verdict: "undecided", real: true };
    }
    return undefined;
  }

  /** Whether a number is rounded or cut to `decimal`, which has so many digits after the point. */
  #rounded(decimal: Expression, exact: Expression, decimals: number): Verdict {
    const [d, x] = [decimal, exact].map((side) => this.#numeric(2 * MARGIN, side));
    if (!d || !x) return "undecided";
    // In units of the last place: from half a unit below the number to a unit above.
    const units = x.re.minus(d.re).times(d.re.isNegative() ? -1 : 1).times(`1e${decimals}`);
    return x.im.isZero() && units.gte(-0.5) && units.lt(1) ? "equal" : "different";
  }

  /**
   * Equal if the values agree wherever both have one; different as soon as real values differ. Where
   * a number on the way is not real, as a logarithm left of 0, a difference says nothing.
   */
  #sampled(x: Expression, y: Expression): Verdict {
    const points = pointsOf(x, y);
    const isComplex = points.length === 1 || [x, y].some((side) => lettersOf(side).includes("i"));
    let agreeing = 0;
    for (const point of points) {
      const found = this.#agree(substitute(x, point), substitute(y, point));
      if (found?.verdict === "equal") agreeing++;
      if (found?.verdict === "undecided") return "undecided";
      if (found?.verdict === "different" && (found.real || isComplex)) return "different";
      if (agreeing === PLENTY_POINTS) break;
    }
    return agreeing >= Math.min(ENOUGH_POINTS, points.length) ? "equal" : "undecided";
  }

  /** Whether x is a constant times y, and of which sign the constant is. */
  #proportion(x: Expression, y: Expression): { verdict: Verdict; positive?: boolean } {
    for (const point of pointsOf(x, y)) {
      const [xHere, yHere] = [x, y].map((side) => substitute(side, point));
      const [p, q] = [xHere, yHere].map((side) => this.#numeric(MARGIN, side));
      if (!p?.im.isZero() || !q?.im.isZero() || isZero(p) && isZero(q)) continue;
      const verdict = isZero(p) || isZero(q)
        ? "different"
        : this.#sampled(call("multiply", x, yHere), call("multiply", y, xHere));
      return { verdict, positive: p.re.isPositive() === q.re.isPositive() };
    }
    return { verdict: "undecided" };
  }

  /** What a formula is above and below one fraction bar. */
  #numerator(x: Expression): [over: Expression, under: Expression] {
    const whole: [Expression, Expression] = [x, number(1)];
    const times = (p: Expression, q: Expression) => call("multiply", p, q);
    if (x.args.length === 0) return whole;
    const [[a, b], [c, d]] = [0, 1].map((i) => this.#numerator(x.args[i] ?? number(1)));
    switch (x.name) {
      case "add":
        return [call("add", times(a, d), times(c, b)), times(b, d)];
      case "negate":
        return [call("negate", a), b];
      case "multiply":
        return [times(a, c), times(b, d)];
      case "divide":
        return [times(a, d), times(b, c)];
      case "power": {
        const exponent = this.#exact.value(x.args[1]);
        if (!exponent || exponent.over % exponent.under !== 0n) return whole;
        const power = (base: Expression) => call("power", base, number(magnitude, exponent.under));
        const magnitude = exponent.over < 0n ? -exponent.over : exponent.over;
        return exponent.over < 0n ? [power(b), power(a)] : [power(a), power(b)];
      }
    }
    return whole;
  }
}
