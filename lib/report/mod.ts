/**
 * The report: claims and verdicts, figures, tables and provenance of a study on one page.
 *
 * @module
 */
export * from "./page.ts";
export * from "./paragraph.ts";
export * from "./report_content.ts";
export type { ReportFigure } from "./report_figures.ts";
export * from "./show_ledger.ts";
export * from "./write_report.ts";
