/**
 * What the paper's claims are made of: typed statements, each tested by one statistic.
 *
 * @module
 */
import { z } from "zod";
import { decimalText, signedText } from "../number_format.ts";
import { CONFIDENCE, type Contrast, type Interval, pValue } from "../statistics/mod.ts";

/** What data say of a statement, or of a claim. */
export const VERDICTS = ["supported", "contradicted", "mixed", "not decided", "not run"] as const;
/** What data say of a statement, or of a claim. */
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
  /** Value and 95 % interval, of weights the range over all specifications; null without any. */
  estimate: intervalSchema.nullable(),
  /** How many samples, or specifications, it rests on, and what they are. */
  n: z.int(),
  of: z.string(),
  /** The smallest true effect that so many samples show in 80 % of cases; null if not known. */
  visible: z.number().nullable(),
  /** Chance of such an estimate without an effect, corrected for the claim's statements (see decideAll). */
  p: z.number().nullable(),
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

/** What data give for a statement. */
export type Measured =
  /** Samples: an estimate, and how small an effect shows at a confidence and power. */
  | {
    contrast: Contrast;
    visible: (test: { confidence: number; power: number }) => number | null;
    /** An effect against the statement that is too small to speak against it, default 0. */
    margin?: number;
    n: number;
    terms: Term[];
    note?: string;
  }
  /** No sample: the statistic by each way to compute it, the main one first. */
  | { specifications: readonly number[]; terms: Term[]; note?: string }
  /** Nothing to estimate: not decided. */
  | { nothing: string }
  /** No data: not run. */
  | { missing: string };

/** A statement that waits for the other ones of its claim. */
export interface Draft {
  /** Chance of such data without an effect; null where nothing is tested. */
  p: number | null;
  /** @param corrected The chance, corrected for the claim's `statements` that are tested. */
  decide: (corrected: number, statements: number) => Statement;
}

/** Below so many samples nothing is decided: a handful says little of how its values spread. */
export const LEAST_SAMPLES = 10;

/** Chance to find an effect that counts as visible. */
const POWER = 0.8;

const SCALES: Record<Unit, { factor: number; name: string; decimals: number }> = {
  share: { factor: 100, name: " points", decimals: 1 },
  "mean layers": { factor: 1, name: "", decimals: 2 },
  ln: { factor: 1, name: "", decimals: 2 },
};

/** Decimals of numbers that are read together: below 1, three digits of the largest. */
function decimalsOf(unit: Unit, values: readonly number[]): number {
  const { factor, decimals } = SCALES[unit];
  const largest = Math.max(0, ...values.map((value) => Math.abs(value * factor)));
  const small = largest > 0 && largest < 1;
  return small ? Math.min(4, 2 - Math.floor(Math.log10(largest))) : decimals;
}

/** Signed numbers of one unit that are read together. */
function unitFormat(unit: Unit, values: readonly number[]): (value: number) => string {
  const decimals = decimalsOf(unit, values);
  return (value) => signedText(value * SCALES[unit].factor, decimals);
}

/** An interval in words, e.g. "+12.0 points (3.0 to 21.0)". */
export function intervalText({ value, low, high }: Interval, unit: Unit): string {
  const format = unitFormat(unit, [value, low, high]);
  return `${format(value)}${SCALES[unit].name} (${format(low)} to ${format(high)})`;
}

/** A size without a sign, e.g. "12.0 points". */
function sizeText(value: number, unit: Unit): string {
  const { factor, name } = SCALES[unit];
  return decimalText(value * factor, decimalsOf(unit, [value])) + name;
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

/** Facts and a conclusion as one reason. */
function reasonText(
  { terms, note }: { terms: readonly Term[]; note?: string },
  { statistic: { unit } }: Question,
  conclusion: string,
): string {
  return [
    terms.length > 0 ? `${capital(termsText(terms, unit))}.` : "",
    note ? `${note}.` : "",
    conclusion,
  ].filter(Boolean).join(" ");
}

/**
 * The rule for samples: an interval wholly above 0 supports, wholly below 0 contradicts, any other
 * decides nothing. With a margin, wholly above its negative supports, and an interval that is so and
 * below 0 too is mixed: against the statement, by less than matters.
 */
export function verdictOf({ low, high }: Pick<Interval, "low" | "high">, margin = 0): Verdict {
  if (low > -margin) return high < 0 ? "mixed" : "supported";
  return high < 0 ? "contradicted" : "not decided";
}

function whereText(verdict: Verdict, margin: number, unit: Unit): string {
  const border = margin === 0 ? "0" : `−${sizeText(margin, unit)}, the margin`;
  if (verdict === "supported") return `wholly above ${border}`;
  if (verdict === "contradicted") return "wholly below 0";
  if (verdict === "mixed") return `below 0, but above ${border}`;
  return margin === 0 ? "with 0 inside" : `neither above ${border}, nor below 0`;
}

type Sampled = Extract<Measured, { contrast: Contrast }>;

function draftOfSamples(question: Question, measured: Sampled): Draft {
  const { contrast, visible, margin = 0, n, terms } = measured;
  const { statistic: { name, unit }, of } = question;
  const estimate = contrast(CONFIDENCE);
  const at95 = verdictOf(estimate, margin);
  // The margin moves 0 to where the statement turns.
  const p = Math.min(
    pValue(contrast),
    margin === 0 ? 1 : pValue((confidence) => {
      const { value, low, high } = contrast(confidence);
      return { value, low: low + margin, high: high + margin };
    }),
  );
  return {
    p: n < LEAST_SAMPLES ? 1 : p,
    decide: (corrected, statements) => {
      const seen = visible({ confidence: 1 - (1 - CONFIDENCE) / statements, power: POWER });
      const smallest = seen === null ? null : Math.max(0, seen - margin);
      const verdict = n < LEAST_SAMPLES || corrected > 1 - CONFIDENCE ? "not decided" : at95;
      const share = 100 * POWER;
      const power = smallest === null
        ? `No effect would show with n = ${n}`
        : verdict === "not decided"
        ? `Effects of fewer than ${sizeText(smallest, unit)} could not be seen (power ${share} %)`
        : `So many show ${sizeText(smallest, unit)} or more (power ${share} %)`;
      const conclusion = `${capital(name)}: ${intervalText(estimate, unit)}, n = ${n} ${of}`;
      const why = n < LEAST_SAMPLES
        ? `: too few to decide, at least ${LEAST_SAMPLES} are needed.`
        : verdict === at95
        ? `, ${whereText(verdict, margin, unit)}. ${power}.`
        : `, ${
          whereText(at95, margin, unit)
        }, but not once corrected for ${statements} statements ` +
          `(Holm's p = ${decimalText(corrected, 3)}). ${power}.`;
      return {
        ...question,
        ...{ estimate, n, visible: smallest, p: corrected, terms, verdict },
        reason: reasonText(measured, question, conclusion + why),
      };
    },
  };
}

type Specified = Extract<Measured, { specifications: readonly number[] }>;

/** The rule for weights: what all specifications agree on. */
function judgeSpecifications(question: Question, measured: Specified): Statement {
  const { specifications: all, terms } = measured;
  const { name, unit } = question.statistic;
  const estimate = { value: all[0], low: Math.min(...all), high: Math.max(...all) };
  const above = all.filter((value) => value > 0).length;
  const split = above > 0 && estimate.low < 0;
  const verdict = split ? "mixed" : verdictOf(estimate);
  const conclusion = `${capital(name)}: ${intervalText(estimate, unit)}, the range over ` +
    `${all.length} ${question.of}, of which ${above} are above 0.`;
  return {
    ...question,
    ...{ estimate, n: all.length, visible: null, p: null, terms, verdict },
    reason: reasonText(measured, question, conclusion),
  };
}

/** Holds a statement against data. */
export function judge(question: Question, measured: Measured): Draft {
  if ("contrast" in measured) return draftOfSamples(question, measured);
  if ("specifications" in measured) {
    const statement = judgeSpecifications(question, measured);
    return { p: null, decide: () => statement };
  }
  const isMissing = "missing" in measured;
  const statement: Statement = {
    ...question,
    ...{ estimate: null, n: 0, visible: null, p: null, terms: [] },
    verdict: isMissing ? "not run" : "not decided",
    reason: isMissing ? measured.missing : `${measured.nothing}. There is nothing to estimate.`,
  };
  return { p: null, decide: () => statement };
}
