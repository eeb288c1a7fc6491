/**
 * Claims in words, for a notebook and a terminal, and the report: claims and verdicts, figures,
 * tables and provenance of a study on one page.
 *
 * @module
 */
export { PAGE_TITLE } from "./page.ts";
export { executedNotebook, figureNames, finishedFindings } from "./report_content.ts";
export {
  carryOver,
  previousRun,
  type RunNotebookRecord,
  type RunRecord,
  writeRunRecord,
} from "./run_record.ts";
export { ledgerTable, readFinding } from "./show_ledger.ts";
export { TABLE_FORMATS, type TableFormat } from "./table_files.ts";
export { REPORT_FILES, writeReport } from "./write_report.ts";
