/**
 * The claim ledger: the paper's seven claims, each with its statements and a verdict.
 *
 * @module
 */
import { z } from "zod";
import { decimalText } from "../number_format.ts";
import { CONFIDENCE, holm } from "../statistics/mod.ts";
import {
  byOtherGradings,
  FINDING_KEYS,
  findingBasis,
  FINDINGS,
  type Findings,
  findingShifts,
  judgeFinding,
} from "./findings.ts";
import {
  type Draft,
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
  claims: z.array(claimSchema),
});

/** The claims and what the data say of each. */
export type Ledger = z.infer<typeof ledgerSchema>;
/** One claim and what the data say of it. */
export type LedgerClaim = Ledger["claims"][number];

/** How verdicts are made. */
const RULE =
  "Each statement has one statistic, directed so that above 0 speaks for it. On samples, " +
  "it is supported if the 95 % interval lies wholly above 0 (claim 1: above its margin), contradicted " +
  "if wholly below 0, and not decided otherwise, all corrected for how many of the " +
  "claim's statements are tested (Holm), unless all are supported, each by itself. Differences of " +
  "shares have Tango's score intervals, single shares exact ones, other means Student's, all over the " +
  "same samples; where a third must exceed both others, or one of several steps be no rise, they are " +
  "corrected for that. What so many samples could not have seen is said with a power of 80 %. Weights " +
  "are no sample: a statement about them is supported or contradicted if all ways to compute it " +
  "agree, else mixed, and the claim is decided only if p is at most 5 % by shifts of their profiles " +
  "over depth. A claim is supported if all of its statements are, mixed if one is, or if " +
  "some are supported and some contradicted, contradicted if any is and none is supported, not run if " +
  "none has run, and not decided otherwise.";

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

/** The verdict of a claim that says all of its statements. */
export function combine(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.every((verdict) => verdict === "not run")) return "not run";
  const has = (verdict: Verdict) => verdicts.includes(verdict);
  if (has("mixed") || (has("supported") && has("contradicted"))) return "mixed";
  if (has("contradicted")) return "contradicted";
  return verdicts.every((verdict) => verdict === "supported") ? "supported" : "not decided";
}

/**
 * A claim's statements, each corrected for how many are tested, unless each is supported by itself: to
 * believe all takes no correction, since none that errs is believed alone (intersection-union test).
 */
function decideAll(drafts: readonly Draft[]): Statement[] {
  const alone = (draft: Draft) => draft.decide(draft.p ?? 1, 1);
  if (drafts.every((draft) => alone(draft).verdict === "supported")) return drafts.map(alone);
  const tested = drafts.filter(({ p }) => p !== null);
  const corrected = holm(tested.map(({ p }) => p!));
  return drafts.map((draft) => draft.decide(corrected[tested.indexOf(draft)] ?? 1, tested.length));
}

/** A claim's statements and what they come to. */
function judgeClaim(
  claim: number,
  findings: Findings,
): Pick<LedgerClaim, "verdict" | "reason" | "statements"> {
  const keys = keysOfClaim(claim);
  const drafts = keys.flatMap((key) => judgeFinding(key, findings));
  const statements = decideAll(drafts);
  const verdict = combine(statements.map(({ verdict }) => verdict));
  const reason = reasonOf(statements);
  const shifts = keys.map((key) => findingShifts(key, findings)).find((found) => found !== null);
  if (!shifts || (verdict !== "supported" && verdict !== "contradicted")) {
    return { verdict, reason, statements };
  }
  const p = shifts[verdict];
  const byShifts = `By shifts of the profiles over depth p = ${decimalText(p, 3)}`;
  return p <= 1 - CONFIDENCE ? { verdict, reason: `${reason} ${byShifts}.`, statements } : {
    verdict: "not decided",
    reason: `${reason} ${byShifts}: layers like their neighbours may be all there is to it.`,
    statements,
  };
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
export function judgeClaims(findings: Findings): Ledger {
  return {
    rule: RULE,
    claims: CLAIMS.map(({ title, text }, i) => {
      const own = judgeClaim(i + 1, findings);
      const other = isDisputed(i + 1, findings)
        ? judgeClaim(i + 1, byOtherGradings(findings))
        : own;
      const statements = own.statements.map((statement, i) =>
        withOther(statement, other.statements[i])
      );
      return {
        claim: i + 1,
        title,
        text,
        verdict: own.verdict,
        verdict_other: other.verdict === own.verdict ? null : other.verdict,
        reason: statements.length === 1 ? statements[0].reason : own.reason,
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
