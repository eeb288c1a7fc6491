/**
 * Names of reasoning datasets as figures write them.
 *
 * @module
 */
const LABELS: Readonly<Record<string, string>> = { gsm8k: "GSM8K", math500: "MATH-500" };

/** The dataset's published name, or the one that the frame gives it. */
export function datasetLabel(dataset: string): string {
  return Object.hasOwn(LABELS, dataset) ? LABELS[dataset] : dataset;
}

/** The datasets of the rows, in an order that does not depend on the rows'. */
export function datasetsOf(rows: readonly { readonly dataset: string }[]): string[] {
  return [...new Set(rows.map(({ dataset }) => dataset))].sort();
}
