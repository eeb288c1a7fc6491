/**
 * The ledger as a frame, as text for a terminal, and as a paragraph for a notebook.
 *
 * @module
 */
import type pl from "nodejs-polars";
import { formatTable } from "../figures/table.ts";
import { frameOf } from "../frame.ts";
import { Paragraph } from "./paragraph.ts";
import { type Ledger, type LedgerClaim, verdictText } from "../findings/ledger.ts";
import { intervalText, type Statement } from "../findings/statement.ts";

/**
 * One row a statement: claim, id, text, direction, verdict, statistic, unit, value, low, high, n,
 * of, reason.
 */
export function ledgerFrame({ claims }: Ledger): pl.DataFrame {
  const rows = claims.flatMap(({ statements }) =>
    statements.map(({ estimate, statistic, terms: _, ...statement }) => ({
      ...statement,
      statistic: statistic.name,
      unit: statistic.unit,
      value: estimate?.value ?? null,
      low: estimate?.low ?? null,
      high: estimate?.high ?? null,
    }))
  );
  return frameOf(rows, {
    claim: "int",
    id: "string",
    text: "string",
    direction: "string",
    verdict: "string",
    statistic: "string",
    unit: "string",
    value: "float",
    low: "float",
    high: "float",
    n: "int",
    of: "string",
    reason: "string",
  });
}

/** A statement's estimate in words, or a dash. */
export function estimateText({ estimate, statistic }: Statement): string {
  return estimate === null ? "–" : intervalText(estimate, statistic.unit);
}

/** All claims and statements with their verdicts, aligned, and their data, for a terminal. */
export function ledgerTable({ claims }: Ledger): string {
  const rows = claims.flatMap((claim) => [
    { id: String(claim.claim), verdict: verdictText(claim), estimate: "", n: "", text: claim.text },
    ...claim.statements.map((statement) => ({
      id: `  ${statement.id}`,
      verdict: statement.verdict,
      estimate: estimateText(statement),
      n: statement.estimate === null ? "–" : String(statement.n),
      text: statement.text,
    })),
  ]);
  const table = formatTable(rows, [
    { key: "id", label: "claim" },
    { key: "verdict", label: "verdict" },
    { key: "estimate", label: "statistic (95 % interval)" },
    { key: "n", label: "n", align: "right" },
    { key: "text", label: "what is claimed" },
  ]);
  const data = claims.filter(({ basis }) => basis.length > 0)
    .map(({ claim, basis }) => `${claim}: ${basis.join("; ")}`);
  return data.length === 0 ? table : `${table}\n\nData of the claims\n${data.join("\n")}`;
}

/** How a claim's verdict is put. */
const SENTENCES: Record<LedgerClaim["verdict"], string> = {
  supported: "is supported by these data",
  contradicted: "is contradicted by these data",
  "not decided": "is not decided by these data",
  "not run": "has not been tested here",
};

/**
 * One claim's verdict and its statements' reasons, for a notebook.
 *
 * In a notebook the last cell's value, with only the report at hand:
 * `readClaim(judgeClaims({ energy: report }), 4)`.
 *
 * @param claim Number of the claim, from 1.
 * @throws {RangeError} if there is no such claim.
 *
 * @example
 * ```ts
 * import { judgeClaims } from "../findings/ledger.ts";
 * console.log(String(readClaim(judgeClaims({}), 4)));
 * ```
 */
export function readClaim(ledger: Ledger, claim: number): Paragraph {
  const found = ledger.claims.find((known) => known.claim === claim);
  if (!found) {
    throw new RangeError(`Cannot read claim ${claim}: there are 1 to ${ledger.claims.length}`);
  }
  const { statements, verdict, verdict_other, text, basis } = found;
  const run = statements.filter((statement) => statement.verdict !== "not run");
  const left = statements.filter((statement) => statement.verdict === "not run");
  const lines = [
    `**Claim ${claim} ${SENTENCES[verdict]}.** ${text}`,
    ...verdict_other === null ? [] : [`By the other grading it ${SENTENCES[verdict_other]}.`],
    "",
    ...run.map((statement) => `- ${statement.text}: **${statement.verdict}**. ${statement.reason}`),
  ];
  if (left.length > 0) {
    const reasons = [...new Set(left.map(({ reason }) => reason))].join(" ");
    const names = left.map((statement) => statement.text).join("; ");
    lines.push(`- Not tested here: ${names}. ${reasons}`);
  }
  if (basis.length > 0) lines.push("", `Data: ${basis.join("; ")}.`);
  return new Paragraph(lines.join("\n"));
}
