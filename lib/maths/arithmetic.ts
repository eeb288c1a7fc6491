/**
 * The value of an expression: exact where it is a quotient of whole numbers, else complex with as
 * many digits as are asked for.
 *
 * @module
 */
import { Decimal } from "decimal.js";
import { type Expression, substitute } from "./expression.ts";
import { bitLength, floor, gcd, integer, NoValue, type Rational, reduced } from "./rational.ts";

/** Thrown when a comparison has used up its steps. */
export class OutOfSteps extends Error {}

/** Steps that a comparison may still take; a step is about a microsecond. */
export class Budget {
  #left: number;

  constructor(steps: number) {
    this.#left = steps;
  }

  /** @throws {OutOfSteps} if fewer are left. */
  spend(steps: number): void {
    this.#left -= steps;
    if (!(this.#left >= 0)) throw new OutOfSteps();
  }
}

/** Largest number under a factorial, and most terms of a series. */
const MAX_COUNT = 5000;
/** Bits of the largest whole numbers that are computed with. */
const MAX_BITS = 200_000;
/** Digits beyond which Decimal does not know pi and the logarithm of ten. */
export const MAX_PRECISION = 1000;

/** Steps of looking at a part of an expression, and of putting a number into it. */
const PART_STEPS = 4;

/** Numbers that expressions are computed with. */
interface Arithmetic<T> {
  readonly budget: Budget;
  number(value: Rational): T;
  letter(letter: string): T;
  call(name: string, args: T[]): T;
  /** The same as a whole number. */
  whole(value: T): bigint;
}

/**
 * Computes an expression from its parts, whose values `valueOf` tells.
 *
 * @throws {NoValue} if it has none.
 */
function compute<T>(
  expression: Expression,
  arithmetic: Arithmetic<T>,
  valueOf: (part: Expression) => T,
): T {
  const { name, args, value, letter } = expression;
  arithmetic.budget.spend(PART_STEPS);
  if (value) return arithmetic.number(value);
  if (name === "letter") return arithmetic.letter(letter!);
  if (name !== "sum" && name !== "product") return arithmetic.call(name, args.map(valueOf));
  const [from, to] = args.slice(0, 2).map((end) => arithmetic.whole(valueOf(end)));
  if (to - from > MAX_COUNT) throw new NoValue();
  let total = arithmetic.number(integer(name === "sum" ? 0n : 1n));
  for (let k = from; k <= to; k++) {
    const term = valueOf(substitute(args[2], new Map([[letter!, integer(k)]])));
    total = arithmetic.call(name === "sum" ? "add" : "multiply", [total, term]);
  }
  return total;
}

type Operation<T> = (x: T, y: T) => T;

/** Computes exactly, and remembers what it found of each expression. */
export class Exact implements Arithmetic<Rational> {
  readonly budget: Budget;
  readonly #found = new WeakMap<Expression, { value?: Rational }>();
  readonly #operations: Record<string, Operation<Rational>> = {
    add: (x, y) => reduced(x.over * y.under + y.over * x.under, x.under * y.under),
    negate: ({ over, under }) => ({ over: -over, under }),
    multiply: (x, y) => reduced(x.over * y.over, x.under * y.under),
    divide: (x, y) => reduced(x.over * y.under, x.under * y.over),
    power: (x, y) => this.#power(x, this.whole(y)),
    abs: ({ over, under }) => ({ over: over < 0n ? -over : over, under }),
    floor: (x) => integer(floor(x)),
    ceil: ({ over, under }) => integer(-floor({ over: -over, under })),
    max: (x, y) => x.over * y.under < y.over * x.under ? y : x,
    min: (x, y) => x.over * y.under < y.over * x.under ? x : y,
    gcd: (x, y) => integer(gcd(this.whole(x), this.whole(y))),
    lcm: (x, y) => reduced(this.whole(x) * this.whole(y), gcd(x.over, y.over)),
    factorial: (x) => this.#falling(x, x),
    binomial: (x, y) => this.#operations.divide(this.#falling(x, y), this.#falling(y, y)),
  };

  constructor(budget: Budget) {
    this.budget = budget;
  }

  /** The value, if it is a quotient of whole numbers of bearable size, found by operations on such. */
  value(expression: Expression): Rational | undefined {
    const known = this.#found.get(expression);
    if (known) return known.value;
    const found: { value?: Rational } = {};
    this.#found.set(expression, found);
    try {
      found.value = compute(expression, this, (part) => {
        const value = this.value(part);
        if (!value) throw new NoValue();
        return value;
      });
    } catch (error) {
      if (!(error instanceof NoValue)) throw error;
    }
    return found.value;
  }

  number(value: Rational): Rational {
    return value;
  }

  letter(): Rational {
    throw new NoValue();
  }

  call(name: string, [x, y = integer(1n)]: Rational[]): Rational {
    const bits = Math.max(...[x.over, x.under, y.over, y.under].map(bitLength));
    if (bits > MAX_BITS || !(name in this.#operations)) throw new NoValue();
    this.budget.spend(1 + (bits / 500) ** 1.6);
    return this.#operations[name](x, y);
  }

  whole({ over, under }: Rational): bigint {
    if (over % under !== 0n) throw new NoValue();
    return over / under;
  }

  #power({ over, under }: Rational, power: bigint): Rational {
    if (power < 0n) return this.#power(reduced(under, over), -power);
    if (over === 0n && power === 0n) throw new NoValue();
    const bits = Number(power) * (bitLength(over) + bitLength(under));
    if (bits > MAX_BITS && over !== 1n) throw new NoValue();
    this.budget.spend((bits / 500) ** 1.6);
    return { over: over ** power, under: under ** power };
  }

  /** x (x - 1) ... of so many factors. */
  #falling({ over, under }: Rational, factors: Rational): Rational {
    const count = this.whole(factors);
    if (count < 0n || count > MAX_COUNT) throw new NoValue();
    this.budget.spend(Number(count) ** 1.6 / 10);
    let total = 1n;
    for (let i = 0n; i < count; i++) total *= over - i * under;
    return { over: total, under: under ** count };
  }
}

const DECIMALS = new Map<number, typeof Decimal>();

/** Decimals of so many digits; made once, since each is a class of its own. */
function decimalOf(precision: number): typeof Decimal {
  const known = DECIMALS.get(precision) ?? Decimal.clone({ defaults: true, precision });
  DECIMALS.set(precision, known);
  return known;
}

/** A complex number, and how far it may be off. */
export interface Complex {
  re: Decimal;
  im: Decimal;
  /** Decimal logarithm of the largest error; -Infinity where it is exact. */
  error: number;
}

/** Decimal digits that the rules for errors leave out: factors of 2 or 3 in each of many steps. */
const SLACK = 8;

/** The decimal logarithm of a number's size, rounded up. */
export function magnitude({ re, im }: Omit<Complex, "error">): number {
  return Math.max(...[re, im].map((part) => part.isZero() ? -Infinity : part.e + 1));
}

/**
 * Computes with complex numbers of `precision` significant digits. What may be 0, for all that is
 * known of the errors on the way, is 0.
 */
export class Numeric implements Arithmetic<Complex> {
  /** Whether a number on the way was not real. */
  leftReals = false;
  /** Digits of the longest whole number, or the largest size of an exponent, on the way. */
  extent = 0;
  readonly budget: Budget;
  readonly #precision: number;
  readonly #decimal: typeof Decimal;
  readonly #exact: Exact;
  /** Steps of an elementary function; it takes long with many digits. */
  readonly #functionSteps: number;
  readonly #zero: Decimal;
  readonly #one: Complex;

  constructor(precision: number, exact: Exact) {
    this.#precision = precision;
    this.#decimal = decimalOf(precision);
    this.#exact = exact;
    this.budget = exact.budget;
    this.#functionSteps = 200 * (precision / 50) ** 2;
    this.#zero = new this.#decimal(0);
    this.#one = { re: new this.#decimal(1), im: this.#zero, error: -Infinity };
  }

  readonly #simple: Record<string, Operation<Complex>> = {
    add: (x, y) => this.#rounded(x.re.plus(y.re), x.im.plus(y.im), Math.max(x.error, y.error)),
    negate: (x) => ({ ...x, re: x.re.neg(), im: x.im.neg() }),
    multiply: (x, y) => this.#times(x, y),
    divide: (x, y) => this.#times(x, this.#inverse(y)),
    abs: (x) =>
      x.im.isZero() ? { ...x, re: x.re.abs() } : this.#rounded(this.#size(x), this.#zero, x.error),
  };
  readonly #functions: Record<string, Operation<Complex>> = {
    power: (x, y) => this.#power(x, y),
    root: (x, y) => this.#root(x, y),
    exp: (x) => this.#exp(x),
    ln: (x) => this.#ln(x),
    log: (x, y) => this.#times(this.#ln(x), this.#inverse(this.#ln(y))),
  };
  /** Of real numbers only. */
  readonly #realFunctions: Record<string, Operation<Complex>> = {
    sin: (x) => this.#rounded(bounded(x.re).sin(), x.im, x.error),
    cos: (x) => this.#rounded(bounded(x.re).cos(), x.im, x.error),
    tan: (x) => this.#times(this.#realFunctions.sin(x, x), this.#realFunctions.sec(x, x)),
    cot: (x) => this.#times(this.#realFunctions.cos(x, x), this.#realFunctions.csc(x, x)),
    sec: (x) => this.#inverse(this.#noted(this.#realFunctions.cos(x, x))),
    csc: (x) => this.#inverse(this.#noted(this.#realFunctions.sin(x, x))),
    // Steep at their ends.
    arcsin: (x) => this.#rounded(x.re.asin(), x.im, x.error / 2),
    arccos: (x) => this.#rounded(x.re.acos(), x.im, x.error / 2),
    arctan: (x) => this.#rounded(x.re.atan(), x.im, x.error),
    floor: (x) => this.#rounding(x, x.re.floor()),
    ceil: (x) => this.#rounding(x, x.re.ceil()),
  };

  /**
   * The value of an expression without unknowns.
   *
   * @throws {NoValue} if there is none.
   */
  value(expression: Expression): Complex {
    const exact = this.#exact.value(expression);
    if (exact) return this.number(exact);
    return compute(expression, this, (part) => this.value(part));
  }

  number({ over, under }: Rational): Complex {
    const [x, y] = [over, under].map((part) => new this.#decimal(part.toString()));
    const digits = Math.ceil((bitLength(over) + bitLength(under)) * Math.log10(2));
    this.budget.spend(4 + digits / 30);
    this.extent = Math.max(this.extent, digits);
    const isExact = under === 1n && digits <= this.#precision;
    const value = this.#rounded(x.div(y), this.#zero, -Infinity);
    return this.#noted(isExact ? { ...value, error: -Infinity } : value);
  }

  letter(letter: string): Complex {
    if (letter === "i") return { ...this.#one, re: this.#zero, im: this.#one.re };
    if (letter === "e") return this.#exp(this.#one);
    if (letter === "\\pi") return this.#rounded(this.#decimal.acos(-1), this.#zero, -Infinity);
    throw new NoValue();
  }

  call(name: string, args: Complex[]): Complex {
    const [x, y = x] = args;
    this.budget.spend(name in this.#simple ? 4 + this.#functionSteps / 50 : this.#functionSteps);
    const operation = this.#simple[name] ?? this.#functions[name];
    if (operation) return this.#noted(operation(x, y));
    if (args.some(({ im }) => !im.isZero())) throw new NoValue();
    if (name.startsWith("apply ")) return this.#noted(this.#unknown(name, args));
    if (!(name in this.#realFunctions)) throw new NoValue();
    return this.#noted(this.#realFunctions[name](x, y));
  }

  whole({ re, im, error }: Complex): bigint {
    if (!re.isInteger() || !im.isZero() || error > -Infinity) throw new NoValue();
    return BigInt(re.toFixed());
  }

  #noted({ re, im, error }: Complex): Complex {
    if (!re.isFinite() || !im.isFinite() || Number.isNaN(error)) throw new NoValue();
    const [x, y] = [re, im].map((part) => {
      if (part.isZero() || part.e < error + SLACK) return this.#zero;
      this.extent = Math.max(this.extent, Math.abs(part.e));
      return part;
    });
    this.leftReals ||= !y.isZero();
    return { re: x, im: y, error };
  }

  /** With the error of rounding, if it is larger; `error` is relative to the value if so said. */
  #rounded(re: Decimal, im: Decimal, error: number, relative?: "relative"): Complex {
    const size = magnitude({ re, im });
    return { re, im, error: Math.max(relative ? error + size : error, size - this.#precision) };
  }

  #times(x: Complex, y: Complex): Complex {
    const error = Math.max(magnitude(x) + y.error, magnitude(y) + x.error, x.error + y.error);
    const re = x.re.times(y.re).minus(x.im.times(y.im));
    return this.#rounded(re, x.re.times(y.im).plus(x.im.times(y.re)), error);
  }

  #inverse(x: Complex): Complex {
    if (isZero(x)) throw new NoValue();
    const square = x.re.times(x.re).plus(x.im.times(x.im));
    const [re, im] = [x.re.div(square), x.im.neg().div(square)];
    return this.#rounded(re, im, x.error - magnitude(x), "relative");
  }

  #size({ re, im }: Complex): Decimal {
    return im.isZero() ? re.abs() : this.#decimal.hypot(re, im);
  }

  #exp({ re, im, error }: Complex): Complex {
    const [size, angle] = [bounded(re).exp(), bounded(im)];
    return im.isZero()
      ? this.#rounded(size, im, error, "relative")
      : this.#rounded(size.times(angle.cos()), size.times(angle.sin()), error, "relative");
  }

  #ln(x: Complex): Complex {
    if (isZero(x)) throw new NoValue();
    const isPositive = x.im.isZero() && x.re.isPositive();
    const im = isPositive ? x.im : this.#decimal.atan2(x.im, x.re);
    return this.#rounded(this.#size(x).ln(), im, x.error - magnitude(x));
  }

  #power(x: Complex, y: Complex): Complex {
    if (isZero(x)) {
      if (y.re.gt(0) && x.error === -Infinity) return x;
      throw new NoValue();
    }
    if (!y.im.isZero() || !y.re.isInteger() || y.re.abs().gt(1e6)) {
      return this.#exp(this.#times(this.#ln(x), y));
    }
    if (x.im.isZero()) {
      const error = x.error - magnitude(x) + Math.max(0, y.re.e);
      return this.#rounded(x.re.pow(y.re), x.im, error, "relative");
    }
    let [result, square] = [this.#one, y.re.isNegative() ? this.#inverse(x) : x];
    for (let rest = Math.abs(y.re.toNumber()); rest > 0; rest = Math.floor(rest / 2)) {
      if (rest % 2 === 1) result = this.#times(result, square);
      square = this.#times(square, square);
    }
    return result;
  }

  /** Of negative numbers the real root, where there is one. */
  #root(x: Complex, degree: Complex): Complex {
    const n = degree.re;
    const isWhole = degree.im.isZero() && n.isInteger() && n.gt(1);
    if (isWhole && isZero(x)) return { ...x, error: x.error / n.toNumber() };
    if (!isWhole || !x.im.isZero() || x.re.isNegative() && !n.eq(2) && n.mod(2).isZero()) {
      return this.#power(x, this.#inverse(degree));
    }
    const size = n.eq(2) ? x.re.abs().sqrt() : x.re.abs().pow(this.#one.re.div(n));
    const error = x.error - magnitude(x);
    if (x.re.isNegative() && n.eq(2)) return this.#rounded(x.im, size, error, "relative");
    return this.#rounded(x.re.isNegative() ? size.neg() : size, x.im, error, "relative");
  }

  /** A whole number next to one that is sure to be none. */
  #rounding(x: Complex, re: Decimal): Complex {
    const apart = x.re.minus(x.re.round()).abs();
    if (apart.isZero() || apart.e < x.error + SLACK) throw new NoValue();
    return { re, im: x.im, error: -Infinity };
  }

  /** A function of which only the name is known is some function, the same in both answers. */
  #unknown(name: string, args: Complex[]): Complex {
    const seed = [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 997, 7);
    const angle = args.reduce(
      (sum, { re }, i) => sum.plus(bounded(re).times(seed + 3 * i)),
      new this.#decimal(seed),
    );
    const error = Math.max(...args.map((arg) => arg.error)) + 1;
    return this.#rounded(angle.div(701).sin().plus(2), this.#zero, error);
  }
}

/** Whether a number is 0, for all that is known of it. */
export function isZero({ re, im }: Complex): boolean {
  return re.isZero() && im.isZero();
}

/** Arguments whose functions are beyond all numbers, or take for ever to reduce, have no value. */
function bounded(x: Decimal): Decimal {
  if (!x.isZero() && x.e > 5) throw new NoValue();
  return x;
}
