/**
 * What the paper's claims are made of: typed statements, each tested by one statistic.
 *
 * @module
 */
import { z } from "zod";
import { decimalText, signedText } from "../number_format.ts";
import type { Interval } from "../statistics/mod.ts";

/** What data say of a statement. */
export const VERDICTS = ["supported", "contradicted", "not decided", "not run"] as const;
/** What data say of a statement. */
export type Verdict = typeof VERDICTS[number];

/**
 * Units of a statistic: a share of samples or of attention (0 to 1, shown in percentage points), a
 * layer's energy over the mean layer's, or a natural logarithm.
 */
const UNITS = ["share", "mean layers", "ln"] as const;
/** Unit of a statistic. */
export type Unit = typeof UNITS[number];

const interval = { value: z.number(), low: z.number(), high: z.number() };
const intervalSchema = z.strictObject(interval);
const termSchema = z.strictObject({ name: z.string(), ...interval });

/** One statement and what the data say of it. */
export const statementSchema = z.strictObject({
  /** The claim's number and the part, e.g. "3.recognition". */
  id: z.string(),
  claim: z.int(),
  text: z.string(),
  /** What must be larger than what for the statement to hold. */
  direction: z.string(),
  /** The directed statistic: above 0 speaks for the statement, below 0 against it. */
  statistic: z.strictObject({ name: z.string(), unit: z.enum(UNITS) }),
  /** Null where there is nothing to estimate. */
  estimate: intervalSchema.nullable(),
  /** How many samples the interval rests on, and what they are. */
  n: z.int(),
  of: z.string(),
  /** The quantities that the statistic compares, each with its own interval. */
  terms: z.array(termSchema),
  verdict: z.enum(VERDICTS),
  /** Why, in words with numbers. */
  reason: z.string(),
});

/** One statement and what the data say of it. */
export type Statement = z.infer<typeof statementSchema>;
/** A named value and its interval. */
export type Term = z.infer<typeof termSchema>;

/** A statement before data. */
export type Question = Pick<
  Statement,
  "id" | "claim" | "text" | "direction" | "statistic" | "of"
>;

/** What data give for a statement, or why there is nothing: the statement is then not run. */
export type Measured =
  | { estimate: Interval | null; n: number; terms: Term[]; note?: string }
  | { missing: string };

/** Below so many samples nothing is decided: resampling a handful gives intervals too narrow. */
export const LEAST_SAMPLES = 10;

/** Below so many layers a third nothing is decided: a spread cannot be told from two. */
const LEAST_LAYERS = 3;

const SCALES: Record<Unit, { factor: number; name: string; decimals: number }> = {
  share: { factor: 100, name: " points", decimals: 1 },
  "mean layers": { factor: 1, name: "", decimals: 2 },
  ln: { factor: 1, name: "", decimals: 2 },
};

/** Numbers of one unit that are read together: signed; below 1, with three digits of the largest. */
function unitFormat(unit: Unit, values: readonly number[]): (value: number) => string {
  const { factor, decimals: least } = SCALES[unit];
  const largest = Math.max(0, ...values.map((value) => Math.abs(value * factor)));
  const small = largest > 0 && largest < 1;
  const decimals = small ? Math.min(4, 2 - Math.floor(Math.log10(largest))) : least;
  return (value) => signedText(value * factor, decimals);
}

/** An interval in words, e.g. "+12.0 points (3.0 to 21.0)". */
export function intervalText({ value, low, high }: Interval, unit: Unit): string {
  const format = unitFormat(unit, [value, low, high]);
  return `${format(value)}${SCALES[unit].name} (${format(low)} to ${format(high)})`;
}

/**
 * The rule of every verdict: an interval wholly above 0 supports, wholly below 0 contradicts, any
 * other decides nothing.
 */
export function verdictOf({ low, high }: Pick<Interval, "low" | "high">): Verdict {
  if (low > 0) return "supported";
  return high < 0 ? "contradicted" : "not decided";
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

function termsText(terms: readonly Term[], unit: Unit): string {
  const format = unitFormat(unit, terms.map(({ value }) => value));
  const { name } = SCALES[unit];
  // Energies have no sign; differences, which all other terms are, do.
  const text = (value: number) =>
    unit === "mean layers" ? decimalText(value, 2) : format(value) + name;
  return terms.map((term) => `${term.name} ${text(term.value)}`).join(", ");
}

const WHERE: Record<Verdict, string> = {
  supported: "wholly above 0",
  contradicted: "wholly below 0",
  "not decided": "with 0 inside",
  "not run": "",
};

/** Holds a statement against data. */
export function judge(question: Question, measured: Measured): Statement {
  if ("missing" in measured) {
    return {
      ...question,
      estimate: null,
      n: 0,
      terms: [],
      verdict: "not run",
      reason: measured.missing,
    };
  }
  const { estimate, n, terms, note } = measured;
  const { statistic: { name, unit }, of } = question;
  const least = of.startsWith("layers") ? LEAST_LAYERS : LEAST_SAMPLES;
  const facts = [
    terms.length > 0 ? `${capital(termsText(terms, unit))}.` : "",
    note ? `${note}.` : "",
  ];
  const finish = (verdict: Verdict, why: string): Statement => ({
    ...question,
    estimate,
    n,
    terms,
    verdict,
    reason: [...facts, why].filter(Boolean).join(" "),
  });
  if (estimate === null) return finish("not decided", "There is nothing to estimate.");
  const result = `${capital(name)}: ${intervalText(estimate, unit)}, n = ${n} ${of}`;
  if (n < least) {
    return finish("not decided", `${result}: too few to decide, at least ${least} are needed.`);
  }
  const verdict = verdictOf(estimate);
  return finish(verdict, `${result}, ${WHERE[verdict]}.`);
}
