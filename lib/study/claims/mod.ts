/**
 * The claim ledger: the paper's claims as typed statements, held against the findings of a study.
 *
 * A notebook shows its claim as its last value, judged by the report at hand:
 *
 * ```ts ignore
 * readClaim(judgeClaims({ energy: report }), 4);
 * ```
 *
 * All claims of a study, from the tables of its folder:
 *
 * ```ts ignore
 * const ledger = judgeClaims(await readFindings(study.folder));
 * frameTable(ledgerFrame(ledger), { columns: ["id", "verdict", "value", "low", "high", "text"] });
 * ```
 *
 * @module
 */
export * from "./findings.ts";
export * from "./ledger.ts";
export * from "./read_findings.ts";
export * from "./show_ledger.ts";
export {
  type Interval,
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
