/**
 * The ledger as text for a terminal, and as a paragraph for a notebook.
 *
 * @module
 */
import { formatTable } from "../figures/mod.ts";
import {
  FINDING_KEYS,
  FINDINGS,
  type Findings,
  intervalText,
  judgeClaims,
  type Ledger,
  type LedgerClaim,
  publishedTexts,
  type Statement,
  verdictText,
} from "../findings/mod.ts";

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
    { key: "estimate", label: "statistic (95 % interval; of weights the range)" },
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
  mixed: "is partly supported and partly contradicted by these data",
  "not decided": "is not decided by these data",
  "not run": "has not been tested here",
};

function statementLines(statements: readonly Statement[]): string[] {
  const run = statements.filter(({ verdict }) => verdict !== "not run");
  const left = statements.filter(({ verdict }) => verdict === "not run");
  const lines = run.map(({ text, verdict, reason }) => `- ${text}: **${verdict}**. ${reason}`);
  if (left.length === 0) return lines;
  const reasons = [...new Set(left.map(({ reason }) => reason))].join(" ");
  return [...lines, `- Not tested here: ${left.map(({ text }) => text).join("; ")}. ${reasons}`];
}

function claimLines({ claim, statements, verdict, verdict_other, text, basis }: LedgerClaim) {
  return [
    `**Claim ${claim} ${SENTENCES[verdict]}.** ${text}`,
    ...verdict_other === null ? [] : [`By the other grading it ${SENTENCES[verdict_other]}.`],
    "",
    ...statementLines(statements),
    ...basis.length > 0 ? ["", `Data: ${basis.join("; ")}.`] : [],
  ];
}

/**
 * What findings say of the claims that they bear on: verdict, statements with their numbers, data. A
 * notebook's last value, with only its own report at hand.
 *
 * @param findings Reports by finding, as `{ energy: report }`.
 *
 * @example
 * ```ts ignore
 * readFinding({ energy: report });
 * ```
 */
export function readFinding(findings: Findings): Paragraph {
  const keys = FINDING_KEYS.filter((key) => findings[key]);
  const claims = new Set(keys.map((key) => FINDINGS[key].claim));
  const read = judgeClaims(findings).claims.filter(({ claim }) => claims.has(claim));
  const published = publishedTexts(findings);
  return new Paragraph([
    ...read.map((claim) => claimLines(claim).join("\n")),
    ...published.length > 0 ? [`Published, in percent: ${published.join("; ")}.`] : [],
  ].join("\n\n"));
}

/** Text that a notebook shows as Markdown and a terminal without its marks. */
class Paragraph {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text.replaceAll("**", "");
  }

  /** The notebook's view. */
  [Symbol.for("Jupyter.display")](): Record<string, string> {
    return { "text/markdown": this.text, "text/plain": String(this) };
  }
}
