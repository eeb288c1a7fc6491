/**
 * Formulas: spelled mathematics (see `spellMaths`) parsed into numbers, letters and operations.
 *
 * @module
 */
import type { Rational } from "./rational.ts";
import { bracketStep, type Token, tokenise } from "./tokens.ts";

/** A formula: a number, a letter, or an operation on others. */
export interface Expression {
  /**
   * "number", "letter", an operation, a known function, "apply f" for a function that is not known,
   * "sum" or "product" over whole numbers, whose arguments are from, to and the body.
   */
  name: string;
  args: Expression[];
  /** Of a number. */
  value?: Rational;
  /** Of a letter, with its index and primes; of a series the letter that counts. */
  letter?: string;
}

/** Powers of ten beyond this are no answers, and their digits would fill the memory. */
const MAX_EXPONENT = 1000;

const GREEK = new Set(
  ("\\alpha \\beta \\gamma \\delta \\epsilon \\varepsilon \\zeta \\eta \\theta \\kappa \\lambda " +
    "\\mu \\nu \\xi \\pi \\rho \\sigma \\tau \\phi \\varphi \\chi \\psi \\omega \\Gamma \\Delta " +
    "\\Theta \\Lambda \\Sigma \\Phi \\Psi \\Omega \\ell").split(" "),
);
/** Functions and what they are called in expressions. */
const FUNCTIONS = new Map([
  ...["sin", "cos", "tan", "cot", "sec", "csc", "arcsin", "arccos", "arctan", "sinh", "cosh"]
    .concat("tanh", "ln", "exp").map((name) => [`\\${name}`, name] as const),
  ["\\log", "log"],
  ["\\lg", "log"],
]);
const INVERSE = new Map([["sin", "arcsin"], ["cos", "arccos"], ["tan", "arctan"]]);
/** Letters that functions are mostly called by; other letters before a bracket are factors. */
const APPLIED = /^[fghFGHP]'*$/;
const ENCLOSED = new Map([["(", ")"], ["[", "]"], ["{", "}"]]);
const DIGIT = /^\d$/;
const TEN = 10n;

/** A number with letters for digits: "2A_{16}". */
const BASED = /^(-?)(?=[\dA-Z]{2})([\dA-Z]+)_\{(\d+)\}$/;

class NotUnderstood extends Error {}

export const number = (over: bigint | number, under = 1n): Expression => ({
  name: "number",
  args: [],
  value: { over: BigInt(over), under },
});
export const call = (name: string, ...args: Expression[]): Expression => ({ name, args });
const letterOf = (letter: string): Expression => ({ name: "letter", args: [], letter });

/**
 * Parses a formula.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseExpression("3\\frac{1}{2}"), call("add", number(3), call("divide", number(1), number(2))));
 * assertEquals(parseExpression("2x"), call("multiply", number(2), { name: "letter", args: [], letter: "x" }));
 * assertEquals(parseExpression("\\triangle ABC"), undefined);
 * ```
 *
 * @returns undefined if it is not understood as a whole.
 */
export function parseExpression(tex: string): Expression | undefined {
  try {
    const [, sign, digits, base] = BASED.exec(tex) ?? [];
    if (digits) return number(inBase(digits, base) * (sign ? -1n : 1n));
    return new Parser(tokenise(tex).filter((token) => token !== " ")).whole();
  } catch (error) {
    if (error instanceof NotUnderstood) return undefined;
    throw error;
  }
}

/** The letters in an expression; those that a series counts with are marked by a colon. */
export function lettersOf({ name, args, letter }: Expression): string[] {
  return name === "letter" ? [letter!] : args.flatMap(lettersOf);
}

/** An expression with numbers in place of letters. */
export function substitute(
  expression: Expression,
  values: ReadonlyMap<string, Rational>,
): Expression {
  const { name, args, letter } = expression;
  const value = name === "letter" ? values.get(letter!) : undefined;
  if (value) return { name: "number", args, value };
  return args.length > 0
    ? { ...expression, args: args.map((arg) => substitute(arg, values)) }
    : expression;
}

/** Recursive descent: sums of products of powers of atoms. */
class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;
  /** How many absolute values are open. */
  #bars = 0;
  /** Letters that a series counts with, by what they are called inside of it. */
  readonly #counting = new Map<string, string>();

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): Expression {
    const expression = this.#choice();
    if (this.#at < this.#tokens.length) throw new NotUnderstood();
    return expression;
  }

  get #next(): Token {
    return this.#tokens[this.#at] ?? "";
  }

  #accept(token: Token): boolean {
    if (this.#next !== token) return false;
    this.#at++;
    return true;
  }

  #expect(token: Token): void {
    if (!this.#accept(token)) throw new NotUnderstood();
  }

  #choice(): Expression {
    const sum = this.#sum();
    if (this.#accept("\\choose")) return call("binomial", sum, this.#sum());
    return this.#accept("\\over") ? call("divide", sum, this.#sum()) : sum;
  }

  #sum(): Expression {
    let sum = this.#product();
    while (this.#next === "+" || this.#next === "-") {
      const minus = this.#tokens[this.#at++] === "-";
      const term = this.#product();
      sum = call("add", sum, minus ? call("negate", term) : term);
    }
    return sum;
  }

  #product(): Expression {
    if (this.#accept("-")) return call("negate", this.#product());
    if (this.#accept("+")) return this.#product();
    let product = this.#power();
    while (true) {
      if (this.#accept("\\cdot")) product = call("multiply", product, this.#signed());
      else if (this.#accept("/")) product = call("divide", product, this.#signed());
      else if (this.#startsFactor()) product = call("multiply", product, this.#power());
      else return product;
    }
  }

  #signed(): Expression {
    return this.#accept("-") ? call("negate", this.#signed()) : this.#power();
  }

  #startsFactor(): boolean {
    const token = this.#next;
    if (token === "|") return this.#bars === 0;
    return /^[\w.({[]$/.test(token) && token !== "_" || GREEK.has(token) || FUNCTIONS.has(token) ||
      /^\\(?:frac|sqrt|d?binom|tbinom|lfloor|lceil|sum|prod|gcd|lcm|max|min)$/.test(token);
  }

  #power(): Expression {
    let base = this.#atom();
    while (true) {
      if (this.#accept("!")) {
        base = call("factorial", base);
      } else if (this.#accept("^")) {
        if (this.#tokens.slice(this.#at, this.#at + 3).join("") === "{\\circ}") {
          this.#at += 3;
          base = call("multiply", base, call("divide", letterOf("\\pi"), number(180)));
          continue;
        }
        base = call("power", base, this.#atom());
        // A power of a power without brackets has no meaning.
        if (this.#next === "^") throw new NotUnderstood();
      } else {
        return base;
      }
    }
  }

  #atom(): Expression {
    const token = this.#next;
    if (DIGIT.test(token) || token === ".") return this.#number();
    this.#at++;
    if (/^[A-Za-z]$/.test(token) || GREEK.has(token)) return this.#symbol(token);
    if (FUNCTIONS.has(token)) return this.#function(FUNCTIONS.get(token)!);
    if (ENCLOSED.has(token)) return this.#enclosed(ENCLOSED.get(token)!);
    switch (token) {
      case "\\lfloor":
        return call("floor", this.#enclosed("\\rfloor"));
      case "\\lceil":
        return call("ceil", this.#enclosed("\\rceil"));
      case "|": {
        this.#bars++;
        const inner = this.#sum();
        this.#expect("|");
        this.#bars--;
        return call("abs", inner);
      }
      case "\\frac":
        return call("divide", this.#atom(), this.#atom());
      case "\\binom":
      case "\\dbinom":
      case "\\tbinom":
        return call("binomial", this.#atom(), this.#atom());
      case "\\sqrt": {
        const degree = this.#accept("[") ? this.#enclosed("]") : number(2);
        return call("root", this.#atom(), degree);
      }
      case "\\gcd":
      case "\\lcm":
      case "\\max":
      case "\\min":
        return this.#arguments().reduce((x, y) => call(token.slice(1), x, y));
      case "\\sum":
      case "\\prod":
        return this.#series(token === "\\sum" ? "sum" : "product");
    }
    throw new NotUnderstood();
  }

  #enclosed(close: Token): Expression {
    // Inside of brackets a bar opens again.
    const bars = this.#bars;
    this.#bars = 0;
    const inner = this.#choice();
    this.#expect(close);
    this.#bars = bars;
    return inner;
  }

  #digits(): string {
    let digits = "";
    while (DIGIT.test(this.#next)) digits += this.#tokens[this.#at++];
    return digits;
  }

  #number(): Expression {
    const whole = this.#digits();
    const hasPoint = this.#accept(".");
    const part = hasPoint ? this.#digits() : "";
    let value: Rational = { over: BigInt(whole + part || "0"), under: TEN ** BigInt(part.length) };
    if (hasPoint && this.#accept("\\overline")) {
      const repeat = this.#group();
      if (!/^\d+$/.test(repeat)) throw new NotUnderstood();
      const nines = TEN ** BigInt(repeat.length) - 1n;
      value = { over: value.over * nines + BigInt(repeat), under: value.under * nines };
    } else if (whole + part === "") {
      throw new NotUnderstood();
    }
    if (!hasPoint && this.#accept("_")) return number(inBase(whole, this.#group()));
    const mixed = !hasPoint ? this.#properFraction() : undefined;
    if (mixed) return call("add", { ...number(0), value }, mixed);
    return { ...number(0), value: scale(value, this.#exponent()) };
  }

  /** What is between braces, as written. */
  #group(): string {
    this.#expect("{");
    const start = this.#at;
    let depth = 1;
    while (depth > 0 && this.#at < this.#tokens.length) {
      depth += bracketStep(this.#tokens[this.#at++]);
    }
    return this.#tokens.slice(start, this.#at - 1).join("");
  }

  /** A fraction of two whole numbers below 1: behind a whole number it is added, not a factor. */
  #properFraction(): Expression | undefined {
    const start = this.#at;
    if (this.#next !== "\\frac") return undefined;
    this.#at++;
    const parts = [0, 1].map(() => this.#next === "{" ? this.#group() : "");
    const isProper = parts.every((digits) => /^\d+$/.test(digits)) &&
      BigInt(parts[0]) < BigInt(parts[1]);
    if (isProper) return call("divide", number(BigInt(parts[0])), number(BigInt(parts[1])));
    this.#at = start;
    return undefined;
  }

  /** The exponent of "1.5e-3"; an e before anything else is a number or a letter. */
  #exponent(): number {
    const [e, sign, digit] = this.#tokens.slice(this.#at, this.#at + 3);
    if (e !== "e" && e !== "E") return 0;
    const hasSign = sign === "+" || sign === "-";
    if (!DIGIT.test((hasSign ? digit : sign) ?? "")) return 0;
    this.#at += hasSign ? 2 : 1;
    return Number(this.#digits()) * (sign === "-" ? -1 : 1);
  }

  #symbol(letter: Token): Expression {
    let name = letter;
    if (this.#accept("_")) {
      name += `_${this.#next === "{" ? this.#group() : this.#tokens[this.#at++]}`;
    }
    while (this.#accept("'")) name += "'";
    if (!APPLIED.test(name) || !this.#accept("(")) {
      return letterOf(this.#counting.get(name) ?? name);
    }
    this.#at--;
    return call(`apply ${name}`, ...this.#arguments());
  }

  /** Members between brackets. */
  #arguments(): Expression[] {
    const open = this.#tokens[this.#at++] ?? "";
    const close = open === "\\{" ? "\\}" : ENCLOSED.get(open);
    if (!close) throw new NotUnderstood();
    const args = [this.#sum()];
    while (this.#accept(",") || this.#accept(";")) args.push(this.#sum());
    this.#expect(close);
    return args;
  }

  #function(name: string): Expression {
    let base: Expression | undefined;
    let exponent: Expression | undefined;
    if (this.#accept("_")) base = this.#atom();
    if (this.#accept("^")) exponent = this.#atom();
    const argument = this.#argument();
    const isInverse = exponent?.name === "negate" && exponent.args[0].value?.over === 1n;
    if (isInverse) {
      const inverse = INVERSE.get(name);
      if (!inverse) throw new NotUnderstood();
      return call(inverse, argument);
    }
    const value = name === "log" ? call("log", argument, base ?? number(10)) : call(name, argument);
    return exponent ? call("power", value, exponent) : value;
  }

  /** Of a function: brackets, or factors as in "\sin 2x". */
  #argument(): Expression {
    if (this.#accept("-")) return call("negate", this.#argument());
    if (["(", "[", "{"].includes(this.#next)) return this.#atom();
    let argument = this.#power();
    while (this.#startsFactor() && !FUNCTIONS.has(this.#next) && this.#next !== "(") {
      argument = call("multiply", argument, this.#power());
    }
    return argument;
  }

  #series(name: "sum" | "product"): Expression {
    this.#expect("_");
    this.#expect("{");
    const written = this.#tokens[this.#at++] ?? "";
    if (!/^[A-Za-z]$/.test(written)) throw new NotUnderstood();
    this.#expect("=");
    const from = this.#enclosed("}");
    this.#expect("^");
    const to = this.#atom();
    const letter = `${written}:${this.#at}`;
    const outer = this.#counting.get(written);
    this.#counting.set(written, letter);
    const body = this.#product();
    if (outer) this.#counting.set(written, outer);
    else this.#counting.delete(written);
    return { name, args: [from, to, body], letter };
  }
}

function scale({ over, under }: Rational, exponent: number): Rational {
  if (Math.abs(exponent) > MAX_EXPONENT) throw new NotUnderstood();
  const power = TEN ** BigInt(Math.abs(exponent));
  return exponent < 0 ? { over, under: under * power } : { over: over * power, under };
}

/** A whole number in a base up to 36; letters are digits. */
function inBase(digits: string, base: string): bigint {
  const radix = Number(base);
  if (!(radix >= 2 && radix <= 36)) throw new NotUnderstood();
  return [...digits].reduce((total, digit) => {
    const value = parseInt(digit, 36);
    if (!(value < radix)) throw new NotUnderstood();
    return total * BigInt(radix) + BigInt(value);
  }, 0n);
}
