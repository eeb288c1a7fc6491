/**
 * The claim ledger: the paper's seven claims, each with its statements and a verdict.
 *
 * @module
 */
import { z } from "zod";
import { CONFIDENCE } from "../statistics/mod.ts";
import {
  byOtherGradings,
  FINDING_KEYS,
  findingBasis,
  FINDINGS,
  type Findings,
  judgeFinding,
} from "./findings.ts";
import {
  intervalText,
  type Statement,
  statementSchema,
  type Verdict,
  VERDICTS,
} from "./statement.ts";

const claimSchema = z.strictObject({
  claim: z.int(),
  /** A word or two. */
  title: z.string(),
  /** What the paper says. */
  text: z.string(),
  verdict: z.enum(VERDICTS),
  /** By the other grading of answers, where that is another verdict. */
  verdict_other: z.enum(VERDICTS).nullable(),
  /** Why, in words with numbers. */
  reason: z.string(),
  /** What the verdict rests on: data sets, how many samples, who graded. */
  basis: z.array(z.string()),
  statements: z.array(statementSchema),
});

/** tables/claims.json. */
export const ledgerSchema = z.strictObject({
  /** How verdicts are made. */
  rule: z.string(),
  bootstrap: z.strictObject({ seed: z.int(), rounds: z.int(), confidence: z.number() }),
  claims: z.array(claimSchema),
});

/** The claims and what the data say of each. */
export type Ledger = z.infer<typeof ledgerSchema>;
/** One claim and what the data say of it. */
export type LedgerClaim = Ledger["claims"][number];

/** How verdicts are made. */
const RULE = "Each statement has one statistic, directed so that above 0 speaks for it. It " +
  "is supported if the 95 % interval lies wholly above 0, contradicted if wholly below 0, and not " +
  "decided otherwise. Intervals are from drawing samples again, the same ones for all models and " +
  "layers (paired bootstrap); where a third must exceed both others, or a loss be found among " +
  "several steps, they are corrected for that. Weights are no sample: there the layers of a third " +
  "stand for it, each with all its matrices, and the interval is Student's. A claim is supported " +
  "if all of its statements are, contradicted if any is, not run if none has run, and not decided " +
  "otherwise.";

/** The paper's claims, in order from 1. */
const CLAIMS: readonly Pick<LedgerClaim, "title" | "text">[] = [
  {
    title: "No monotonic improvement",
    text:
      "Vision ability, reasoning ability and vision-to-reasoning alignment do not all improve " +
      "monotonically from Base over IN to RL.",
  },
  {
    title: "Attention shift",
    text: "RL raises attention from generated (reasoning) tokens to visual tokens, mostly in " +
      "middle and late LLM layers.",
  },
  {
    title: "Functional localization",
    text: "In Base, recognition lives in early layers, OCR, counting and grounding in middle " +
      "layers, reasoning in late layers.",
  },
  {
    title: "Update energy",
    text: "IN puts more update energy into late layers, RL more into middle layers.",
  },
  {
    title: "Update diversity",
    text: "IN has the steeper singular value spectrum in early layers, RL in middle and late " +
      "layers.",
  },
  {
    title: "Transferability",
    text: "Putting RL's middle and late blocks into IN transfers RL's gain; early blocks do not.",
  },
  {
    title: "Necessity",
    text: "RL with the late block frozen loses the reasoning gain; freezing the early or middle " +
      "block costs less.",
  },
];

/**
 * The verdict of a claim that says all of its statements. Each statement is contradicted by chance in
 * at most about 3 % of data without any effect, so a claim of six is in about 15 %: read which one.
 */
export function combine(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.every((verdict) => verdict === "not run")) return "not run";
  if (verdicts.includes("contradicted")) return "contradicted";
  return verdicts.every((verdict) => verdict === "supported") ? "supported" : "not decided";
}

/** Which statements got which verdict; the one statement's own reason where there is one. */
function reasonOf(statements: readonly Statement[]): string {
  if (statements.length === 1) return statements[0].reason;
  const reasons = new Set(statements.map(({ reason }) => reason));
  if (reasons.size === 1) return statements[0].reason;
  return VERDICTS.flatMap((verdict) => {
    const own = statements.filter((statement) => statement.verdict === verdict);
    if (own.length === 0) return [];
    const count = `${own.length} of ${statements.length} statements ${verdict}`;
    return [`${count}: ${own.map(({ text }) => text).join("; ")}.`];
  }).join(" ");
}

/** A statement whose reason also says what the other grading of answers says, if that differs. */
function withOther(statement: Statement, { verdict, estimate, statistic }: Statement): Statement {
  if (JSON.stringify(estimate) === JSON.stringify(statement.estimate)) return statement;
  const found = estimate === null ? "" : `, ${intervalText(estimate, statistic.unit)}`;
  return { ...statement, reason: `${statement.reason} By the other grading: ${verdict}${found}.` };
}

const keysOfClaim = (claim: number) => FINDING_KEYS.filter((key) => FINDINGS[key].claim === claim);

function basisOfClaim(claim: number, findings: Findings): string[] {
  return [...new Set(keysOfClaim(claim).flatMap((key) => findingBasis(key, findings)))];
}

/** Whether a claim rests on answers on which the gradings disagree. */
function isDisputed(claim: number, findings: Findings): boolean {
  return keysOfClaim(claim).map((key) => findings[key] ?? []).flat()
    .some((report) => "disagreements" in report && report.disagreements.length > 0);
}

/** Options of {@linkcode judgeClaims}. */
export interface JudgeOptions {
  /** Seed of the resamples, default 0. */
  seed?: number;
  /** Resamples, default 2000. */
  rounds?: number;
}

/**
 * Holds the paper's claims against findings. Pure: equal findings give equal ledgers.
 *
 * @param findings Reports; a missing one leaves its statements not run.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const ledger = judgeClaims({});
 * assertEquals(ledger.claims.length, 7);
 * assertEquals(ledger.claims[3].verdict, "not run");
 * ```
 */
export function judgeClaims(
  findings: Findings,
  { seed = 0, rounds = 2000 }: JudgeOptions = {},
): Ledger {
  return {
    rule: RULE,
    bootstrap: { seed, rounds, confidence: CONFIDENCE },
    claims: CLAIMS.map(({ title, text }, i) => {
      const judge = (findings: Findings) =>
        keysOfClaim(i + 1).flatMap((key) => judgeFinding(key, findings, { seed, rounds }));
      const own = judge(findings);
      const others = isDisputed(i + 1, findings) ? judge(byOtherGradings(findings)) : own;
      const [verdict, other] = [own, others].map((statements) =>
        combine(statements.map(({ verdict }) => verdict))
      );
      const statements = own.map((statement, i) => withOther(statement, others[i]));
      return {
        claim: i + 1,
        title,
        text,
        verdict,
        verdict_other: other === verdict ? null : other,
        reason: reasonOf(statements),
        basis: basisOfClaim(i + 1, findings),
        statements,
      };
    }),
  };
}

/** A claim's verdict in words, with that of the other grading where it is another. */
export function verdictText(
  { verdict, verdict_other }: Pick<LedgerClaim, "verdict" | "verdict_other">,
): string {
  return verdict_other === null ? verdict : `${verdict} (${verdict_other} by the other grading)`;
}
