/**
 * The paper's claims as typed statements, held against the findings of a study.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { judgeClaims, readFindings } from "./mod.ts";
 *
 * const ledger = judgeClaims(await readFindings("results/none"));
 * assertEquals(ledger.claims[0].verdict, "not run");
 * ```
 *
 * @module
 */
export {
  FINDING_KEYS,
  findingBasis,
  type FindingKey,
  FINDINGS,
  type Findings,
  findingSummary,
} from "./findings.ts";
export { judgeClaims, type Ledger, type LedgerClaim, ledgerSchema, verdictText } from "./ledger.ts";
export { publishedTexts } from "./abilities/published.ts";
export { readFindings } from "./read_findings.ts";
export { intervalText, type Statement, type Verdict, VERDICTS } from "./statement.ts";
