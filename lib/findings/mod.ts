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
export * from "./findings.ts";
export * from "./ledger.ts";
export * from "./read_findings.ts";
export {
  intervalText,
  LEAST_LAYERS,
  LEAST_SAMPLES,
  type Statement,
  statementSchema,
  type Term,
  type Unit,
  type Verdict,
  VERDICTS,
} from "./statement.ts";
