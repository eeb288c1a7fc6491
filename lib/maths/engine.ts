/**
 * Comparing values and equations with a computer algebra engine. Import this in a worker only: a
 * computation may take for ever.
 *
 * @module
 */
import { ComputeEngine, type Expression, isNumber } from "@cortex-js/compute-engine";
import type { ValueComparer } from "./compare.ts";
import { isRefused } from "./limits.ts";
import { spellForEngine } from "./engine_text.ts";
import { roundedDecimals } from "./values.ts";
import type { Verdict } from "./verdict.ts";

/** Significant digits of every computation. */
const PRECISION = 60;
/** Numbers closer than this, relative to the larger, are the same. */
const SAME = 1e-30;
/** Numbers further apart than this are not, even where a function is known to f64 only. */
const APART = 1e-14;
/** The same at a sampled point, where some functions are known to f64 only. */
const SAME_AT_POINT = 1e-10;
/** Points to sample, and how many must have values for a verdict. */
const POINTS = 12;
const ENOUGH_POINTS = 4;

/** A number as the engine found it, rounded to f64. */
interface Complex {
  re: number;
  im: number;
}

function size({ re, im }: Complex): number {
  return Math.hypot(re, im);
}

/** A number in (0, 1) for a variable at a point; the same in every run. */
function scramble(point: number, variable: number): number {
  const mixed = Math.imul(point * 31 + variable + 1, 0x9e3779b1) ^ 0x5bf03635;
  return ((Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b) >>> 8) + 0.5) / 2 ** 24;
}

/** What a variable is at a point: positive reals, reals of either sign, small whole numbers. */
function sampleValue(point: number, variable: number): number {
  const share = scramble(point, variable);
  if (point % 3 === 0) return 0.2 + 3 * share;
  if (point % 3 === 1) return 4 * share - 2;
  return 3 + variable + Math.floor(9 * share);
}

/** Compares by symbolic and high-precision computation, and at sampled points. */
export class MathsEngine implements ValueComparer {
  readonly #engine = new ComputeEngine();

  constructor() {
    this.#engine.precision = PRECISION;
  }

  values(a: string, b: string): Verdict {
    return this.#inScope([a, b], ([x, y]) => {
      if (x.isSame(y)) return "equal";
      const unknowns = this.#unknowns([x, y]);
      if (unknowns.length > 0) return this.#sampled(x, y, unknowns) ?? this.#proven(x, y);
      const [decimalsOfX, decimalsOfY] = [roundedDecimals(a), roundedDecimals(b)];
      if (decimalsOfX !== undefined) return this.#rounded(x, y, decimalsOfX);
      if (decimalsOfY !== undefined) return this.#rounded(y, x, decimalsOfY);
      return this.#numbers(x, y);
    });
  }

  equations(a: readonly [string, string], b: readonly [string, string]): Verdict {
    return this.#inScope([...a, ...b], ([leftA, rightA, leftB, rightB]) => {
      const x = this.#engine.function("Subtract", [leftA, rightA]);
      const y = this.#engine.function("Subtract", [leftB, rightB]);
      return this.#proportional(x, y) ?? "undecided";
    });
  }

  /** Parses and compares; symbols are forgotten afterwards, so that no answer affects the next. */
  #inScope(texts: readonly string[], compare: (expressions: Expression[]) => Verdict): Verdict {
    if (texts.some((tex) => isRefused(tex) || /\\text\{|\\ldots/.test(tex))) return "undecided";
    this.#engine.pushScope();
    try {
      const expressions = texts.map((tex) => this.#engine.parse(spellForEngine(tex)));
      return expressions.every((expression) => expression.isValid)
        ? compare(expressions)
        : "undecided";
    } finally {
      this.#engine.popScope();
    }
  }

  #unknowns(expressions: readonly Expression[]): string[] {
    return [...new Set(expressions.flatMap(({ unknowns }) => unknowns))].sort();
  }

  /** Whether an exact number is rounded or cut to `decimal`, which has so many digits. */
  #rounded(decimal: Expression, exact: Expression, decimals: number): Verdict {
    const excess = this.#engine.function("Subtract", [exact, decimal]).N();
    const units = excess.re * Math.sign(decimal.N().re) * 10 ** decimals;
    if (Number.isNaN(units)) return "undecided";
    return excess.im === 0 && units >= -0.5 && units < 1 ? "equal" : "different";
  }

  #numbers(x: Expression, y: Expression): Verdict {
    const difference = this.#engine.function("Subtract", [x, y]).evaluate();
    const [p, q, d] = [x.N(), y.N(), difference.N()];
    const largest = Math.max(size(p), size(q));
    if (largest === Infinity) return this.#infinite(p, q);
    if (Number.isNaN(largest + size(d))) return this.#proven(x, y);
    const isExact = isNumber(difference) && difference.isExact;
    if (isExact || size(d) > APART * largest) return size(d) === 0 ? "equal" : "different";
    return size(d) <= SAME * largest ? "equal" : this.#proven(x, y);
  }

  #infinite(p: Expression, q: Expression): Verdict {
    if (p.isSame(q)) return "equal";
    return Number.isFinite(size(p)) || Number.isFinite(size(q)) || p.re === -q.re
      ? "different"
      : "undecided";
  }

  /** The value at a sampled point; undefined if there is none. */
  #at(expression: Expression, unknowns: readonly string[], point: number): Complex | undefined {
    const values = unknowns.map((name, i) => [name, sampleValue(point, i)] as const);
    const { re, im } = expression.subs(Object.fromEntries(values)).N();
    return Number.isFinite(re) && Number.isFinite(im) ? { re, im } : undefined;
  }

  /**
   * Equal if the values agree wherever both are real; different as soon as real values differ.
   * Where one is not real, as a logarithm left of 0, a difference says nothing.
   */
  #sampled(x: Expression, y: Expression, unknowns: readonly string[]): Verdict | undefined {
    let agreeing = 0;
    for (let point = 0; point < POINTS; point++) {
      const [p, q] = [this.#at(x, unknowns, point), this.#at(y, unknowns, point)];
      if (!p || !q) continue;
      const difference = size({ re: p.re - q.re, im: p.im - q.im });
      if (difference <= SAME_AT_POINT * Math.max(size(p), size(q))) agreeing++;
      else if (p.im === 0 && q.im === 0) return "different";
    }
    return agreeing >= ENOUGH_POINTS ? "equal" : undefined;
  }

  /** Two equations say the same if one's difference of sides is a constant times the other's. */
  #proportional(x: Expression, y: Expression): Verdict | undefined {
    const unknowns = this.#unknowns([x, y]);
    let ratio: number | undefined;
    let agreeing = 0;
    for (let point = 0; point < POINTS; point++) {
      const [p, q] = [this.#at(x, unknowns, point), this.#at(y, unknowns, point)];
      if (!p || !q || p.im !== 0 || q.im !== 0) continue;
      if (p.re === 0 && q.re === 0) continue;
      const here = p.re / q.re;
      if (here === 0 || !Number.isFinite(here)) return "different";
      ratio ??= here;
      if (Math.abs(here - ratio) > SAME_AT_POINT * Math.abs(ratio)) return "different";
      agreeing++;
    }
    return agreeing >= ENOUGH_POINTS ? "equal" : undefined;
  }

  #proven(x: Expression, y: Expression): Verdict {
    const equal = x.isIdenticallyEqual(y);
    if (equal === undefined) return "undecided";
    return equal ? "equal" : "different";
  }
}
