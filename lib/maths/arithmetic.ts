/**
 * The value of an expression: exact where it is a quotient of whole numbers, else complex with as
 * many digits as are asked for.
 *
 * @module
 */
import { Decimal } from "decimal.js";
import type { Expression, Rational } from "./expression.ts";

/** Thrown where an expression has no value, or none that can be computed. */
export class NoValue extends Error {}

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

/** Numbers that expressions are computed with. */
interface Arithmetic<T> {
  number(value: Rational): T;
  /** The value of a letter. */
  symbol(name: string): T;
  call(name: string, args: T[]): T;
}

/**
 * Computes an expression.
 *
 * @param variables Values of the letters that `arithmetic` does not know.
 * @throws {NoValue} if there is none.
 * @throws {OutOfSteps} if it takes too long.
 */
function compute<T>(
  expression: Expression,
  arithmetic: Arithmetic<T>,
  variables: ReadonlyMap<string, T>,
  exact: (expression: Expression) => Rational | undefined,
): T {
  const value = exact(expression);
  if (value) return arithmetic.number(value);
  const inner = (part: Expression, known = variables) => compute(part, arithmetic, known, exact);
  switch (expression.kind) {
    case "number":
      return arithmetic.number(expression.value);
    case "symbol":
      return variables.get(expression.name) ?? arithmetic.symbol(expression.name);
    case "call":
      return arithmetic.call(expression.name, expression.args.map((arg) => inner(arg)));
    case "series": {
      const [from, to] = [expression.from, expression.to].map((bound) => {
        const value = exact(bound);
        if (value === undefined) throw new NoValue();
        return whole(value.over, value.under);
      });
      if (to - from > MAX_COUNT) throw new NoValue();
      let total = arithmetic.number({ over: expression.name === "add" ? 0n : 1n, under: 1n });
      for (let k = from; k <= to; k++) {
        const known = new Map(variables);
        known.set(expression.variable, arithmetic.number({ over: k, under: 1n }));
        total = arithmetic.call(expression.name, [total, inner(expression.body, known)]);
      }
      return total;
    }
  }
}

export function sameRational(a: Rational, b: Rational): boolean {
  return a.over * b.under === b.over * a.under;
}

/** Computes exactly, and remembers what it found of each expression. */
export class Exact implements Arithmetic<Rational> {
  readonly #found = new Map<Expression, Rational | undefined>();
  readonly #budget: Budget;

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  /** The value, if it is a quotient of whole numbers of bearable size by the four operations. */
  readonly value = (expression: Expression): Rational | undefined => {
    if (!this.#found.has(expression)) this.#found.set(expression, this.at(expression, new Map()));
    return this.#found.get(expression);
  };

  /** The same where the letters have values. */
  at(expression: Expression, variables: ReadonlyMap<string, Rational>): Rational | undefined {
    try {
      return compute(
        expression,
        this,
        variables,
        (part) => part === expression ? undefined : this.value(part),
      );
    } catch (error) {
      if (error instanceof NoValue) return undefined;
      throw error;
    }
  }

  number(value: Rational): Rational {
    return value;
  }

  symbol(): Rational {
    throw new NoValue();
  }

  call(name: string, args: Rational[]): Rational {
    const [{ over: a, under: b }, { over: c, under: d } = { over: 1n, under: 1n }] = args;
    const bits = Math.max(...[a, b, c, d].map(bitLength));
    if (bits > MAX_BITS) throw new NoValue();
    this.#budget.spend(1 + (bits / 500) ** 1.6);
    switch (name) {
      case "add":
        return b === d ? { over: a + c, under: b } : reduced(a * d + c * b, b * d);
      case "negate":
        return { over: -a, under: b };
      case "multiply":
        return reduced(a * c, b * d);
      case "divide":
        return reduced(a * d, b * c);
      case "power":
        return this.#power({ over: a, under: b }, { over: c, under: d });
      case "abs":
        return { over: a < 0n ? -a : a, under: b };
      case "floor":
        return { over: floor(a, b), under: 1n };
      case "ceil":
        return { over: -floor(-a, b), under: 1n };
      case "max":
      case "min":
        return {
          over: a,
          under: b,
          ...(a * d < c * b) === (name === "max") && { over: c, under: d },
        };
      case "gcd":
        return { over: gcd(whole(a, b), whole(c, d)), under: 1n };
      case "lcm":
        return reduced(whole(a, b) * whole(c, d), gcd(a / b, c / d));
      case "factorial":
        return { over: product(1n, count(a, b), this.#budget), under: 1n };
      case "binomial": {
        const [n, k] = [count(a, b), count(c, d)];
        const over = k > n ? 0n : product(n - k + 1n, n, this.#budget);
        return { over: over / product(1n, k, this.#budget), under: 1n };
      }
    }
    throw new NoValue();
  }

  #power(base: Rational, exponent: Rational): Rational {
    if (exponent.over % exponent.under !== 0n) throw new NoValue();
    const power = exponent.over / exponent.under;
    const size = power < 0n ? -power : power;
    if (base.over === 0n && power <= 0n) throw new NoValue();
    const bits = bitLength(base.over) + bitLength(base.under);
    if (base.over !== 1n && Number(size) * bits > MAX_BITS) throw new NoValue();
    this.#budget.spend((Number(size) * bits / 500) ** 1.6);
    const [over, under] = [base.over ** size, base.under ** size];
    return power < 0n ? reduced(under, over) : { over, under };
  }
}

function bitLength(value: bigint): number {
  return value.toString(16).length * 4;
}

/** In lowest terms if that is cheap, with a positive divisor. */
function reduced(over: bigint, under: bigint): Rational {
  if (under === 0n) throw new NoValue();
  if (under < 0n) return reduced(-over, -under);
  if (bitLength(over) + bitLength(under) > 4000) return { over, under };
  const divisor = gcd(over, under);
  return { over: over / divisor, under: under / divisor };
}

function gcd(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b];
  return a < 0n ? -a : a;
}

function whole(over: bigint, under: bigint): bigint {
  if (over % under !== 0n) throw new NoValue();
  return over / under;
}

function floor(over: bigint, under: bigint): bigint {
  const quotient = over / under;
  return over % under < 0n ? quotient - 1n : quotient;
}

/** A whole number from 0 on, not too large to count to. */
function count(over: bigint, under: bigint): bigint {
  if (over < 0n || over / under > MAX_COUNT) throw new NoValue();
  return whole(over, under);
}

/** from (from + 1) ... to. */
function product(from: bigint, to: bigint, budget: Budget): bigint {
  let total = 1n;
  for (let k = from; k <= to; k++) total *= k;
  budget.spend(Number(to - from + 1n) ** 1.6 / 10 || 1);
  return total;
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
  readonly #precision: number;
  readonly #decimal: typeof Decimal;
  readonly #exact: Exact;
  readonly #budget: Budget;
  /** Steps of an elementary function; it takes long with many digits. */
  readonly #functionSteps: number;
  readonly #one: Complex;

  constructor(precision: number, exact: Exact, budget: Budget) {
    this.#precision = precision;
    this.#decimal = decimalOf(precision);
    this.#exact = exact;
    this.#budget = budget;
    this.#functionSteps = 200 * (precision / 50) ** 2;
    this.#one = this.#real(new this.#decimal(1), -Infinity);
  }

  /**
   * The value of an expression.
   *
   * @param variables Values of its letters.
   * @throws {NoValue} if there is none.
   */
  value(expression: Expression, variables: ReadonlyMap<string, Rational>): Complex {
    const known = new Map([...variables].map(([name, value]) => [name, this.number(value)]));
    return compute(expression, this, known, this.#exact.value);
  }

  number({ over, under }: Rational): Complex {
    const decimal = (value: bigint) => new this.#decimal(value.toString());
    const digits = Math.ceil((bitLength(over) + bitLength(under)) * Math.log10(2));
    this.#budget.spend(4 + digits / 30);
    this.extent = Math.max(this.extent, digits);
    const isExact = under === 1n && digits <= this.#precision;
    return this.#noted(
      this.#real(decimal(over).div(decimal(under)), isExact ? -Infinity : undefined),
    );
  }

  symbol(name: string): Complex {
    if (name === "i") return { ...this.#one, re: this.#one.im, im: this.#one.re };
    if (name === "e") return this.#real(this.#one.re.exp());
    if (name === "\\pi") return this.#real(this.#decimal.acos(-1));
    throw new NoValue();
  }

  call(name: string, args: Complex[]): Complex {
    const isSimple = ["add", "negate", "multiply", "divide", "abs"].includes(name);
    this.#budget.spend(isSimple ? 4 + this.#functionSteps / 50 : this.#functionSteps);
    return this.#noted(this.#call(name, args));
  }

  #noted({ re, im, error }: Complex): Complex {
    if (!re.isFinite() || !im.isFinite() || Number.isNaN(error)) throw new NoValue();
    const [x, y] = [re, im].map((part) => {
      if (part.isZero() || part.e < error + SLACK) return part.times(0);
      this.extent = Math.max(this.extent, Math.abs(part.e));
      return part;
    });
    this.leftReals ||= !y.isZero();
    return { re: x, im: y, error };
  }

  /** A real number; where no `error` is given it is rounded. */
  #real(re: Decimal, error?: number): Complex {
    const im = new this.#decimal(0);
    return { re, im, error: error ?? magnitude({ re, im }) - this.#precision };
  }

  /** With an error that is rounded, and relative to the value if `relative`. */
  #with(re: Decimal, im: Decimal, error: number, relative?: "relative"): Complex {
    const size = magnitude({ re, im });
    return { re, im, error: Math.max(relative ? error + size : error, size - this.#precision) };
  }

  #call(name: string, args: Complex[]): Complex {
    const [x, y] = args;
    switch (name) {
      case "add":
        return this.#with(x.re.plus(y.re), x.im.plus(y.im), Math.max(x.error, y.error));
      case "negate":
        return { ...x, re: x.re.neg(), im: x.im.neg() };
      case "multiply":
        return this.#times(x, y);
      case "divide":
        return this.#times(x, this.#inverse(y));
      case "abs":
        return this.#real(
          this.#size(x),
          x.im.isZero() ? x.error : Math.max(x.error, magnitude(x) - this.#precision),
        );
      case "power":
        return this.#power(x, y);
      case "root":
        return this.#root(x, y);
      case "exp":
        return this.#exp(x);
      case "ln":
        return this.#ln(x);
      case "log":
        return this.#times(this.#ln(x), this.#inverse(this.#ln(y)));
    }
    // What follows is of real numbers only.
    if (args.some((arg) => !arg.im.isZero())) throw new NoValue();
    const { re, error } = x;
    const circular = (of: "sin" | "cos") => this.#with(this.#bounded(re)[of](), x.im, error);
    switch (name) {
      case "sin":
      case "cos":
        return circular(name);
      case "tan":
        return this.#times(circular("sin"), this.#inverse(circular("cos")));
      case "cot":
        return this.#times(circular("cos"), this.#inverse(circular("sin")));
      case "sec":
        return this.#inverse(circular("cos"));
      case "csc":
        return this.#inverse(circular("sin"));
      case "arcsin":
        // Steep at its ends.
        return this.#with(re.asin(), x.im, error / 2);
      case "arccos":
        return this.#with(re.acos(), x.im, error / 2);
      case "arctan":
        return this.#with(re.atan(), x.im, error);
      case "floor":
      case "ceil":
        if (!re.minus(re.round()).abs().gt(`1e${Math.max(error, -1e6) + SLACK}`)) {
          throw new NoValue();
        }
        return this.#real(re[name](), -Infinity);
      case "max":
      case "min":
        return re.gt(y.re) === (name === "max") ? x : y;
      case "factorial":
        return this.#falling(re, re);
      case "binomial":
        return this.#times(this.#falling(re, y.re), this.#inverse(this.#falling(y.re, y.re)));
    }
    if (name.startsWith("apply ")) return this.#unknown(name, args);
    throw new NoValue();
  }

  #times(x: Complex, y: Complex): Complex {
    const error = Math.max(magnitude(x) + y.error, magnitude(y) + x.error, x.error + y.error);
    const re = x.re.times(y.re).minus(x.im.times(y.im));
    return this.#with(re, x.re.times(y.im).plus(x.im.times(y.re)), error);
  }

  #inverse(x: Complex): Complex {
    if (magnitude(x) === -Infinity) throw new NoValue();
    const square = x.re.times(x.re).plus(x.im.times(x.im));
    const [re, im] = [x.re.div(square), x.im.neg().div(square)];
    return this.#with(re, im, x.error - magnitude(x), "relative");
  }

  #size({ re, im }: Complex): Decimal {
    return im.isZero() ? re.abs() : this.#decimal.hypot(re, im);
  }

  /** Arguments whose functions are beyond all numbers, or take for ever to reduce, have no value. */
  #bounded(x: Decimal): Decimal {
    if (!x.isZero() && x.e > 5) throw new NoValue();
    return x;
  }

  #exp({ re, im, error }: Complex): Complex {
    const [size, angle] = [this.#bounded(re).exp(), this.#bounded(im)];
    return im.isZero()
      ? this.#with(size, im, error, "relative")
      : this.#with(size.times(angle.cos()), size.times(angle.sin()), error, "relative");
  }

  #ln(x: Complex): Complex {
    if (magnitude(x) === -Infinity) throw new NoValue();
    const isPositive = x.im.isZero() && x.re.isPositive();
    const im = isPositive ? x.im : this.#decimal.atan2(x.im, x.re);
    return this.#with(this.#size(x).ln(), im, x.error - magnitude(x));
  }

  #power(x: Complex, y: Complex): Complex {
    const isZero = magnitude(x) === -Infinity;
    if (isZero && !(y.re.gt(0) && x.error === -Infinity)) throw new NoValue();
    if (isZero) return x;
    if (!y.im.isZero() || !y.re.isInteger() || y.re.abs().gt(1e6)) {
      return this.#exp(this.#times(this.#ln(x), y));
    }
    if (x.im.isZero()) {
      const error = x.error - magnitude(x) + Math.max(0, y.re.e);
      return this.#with(x.re.pow(y.re), x.im, error, "relative");
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
    if (isWhole && magnitude(x) === -Infinity) return { ...x, error: x.error / n.toNumber() };
    if (!isWhole || !x.im.isZero() || x.re.isNegative() && !n.eq(2) && n.mod(2).isZero()) {
      return this.#power(x, this.#inverse(degree));
    }
    const size = n.eq(2) ? x.re.abs().sqrt() : x.re.abs().pow(this.#one.re.div(n));
    const error = x.error - magnitude(x);
    if (x.re.isNegative() && n.eq(2)) return this.#with(x.im, size, error, "relative");
    return this.#with(x.re.isNegative() ? size.neg() : size, x.im, error, "relative");
  }

  /** n (n - 1) ... over k factors. */
  #falling(n: Decimal, k: Decimal): Complex {
    if (!k.isInteger() || k.lt(0) || k.gt(MAX_COUNT)) throw new NoValue();
    this.#budget.spend(k.toNumber());
    let total = this.#one.re;
    for (let i = 0; i < k.toNumber(); i++) total = total.times(n.minus(i));
    return this.#real(total);
  }

  /** A function of which only the name is known is some function, the same in both answers. */
  #unknown(name: string, args: Complex[]): Complex {
    const seed = [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 997, 7);
    const angle = args.reduce(
      (sum, { re }, i) => sum.plus(this.#bounded(re).times(seed + 3 * i)),
      new this.#decimal(seed),
    );
    const error = Math.max(...args.map((arg) => arg.error)) + 1;
    return this.#with(angle.div(701).sin().plus(2), this.#one.im, error);
  }
}
