/**
 * Rows of the vision localization sweep by task.
 *
 * @module
 */
import type pl from "nodejs-polars";
import { readRows, type Row, seriesNotes } from "../../figures/mod.ts";

/** The tasks in drawing order, and their names. */
export const TASK_LABELS: Readonly<Record<string, string>> = {
  counting: "Counting",
  ocr: "OCR",
  grounding: "Grounding",
  recognition: "Recognition",
};

/** The rows of one task, by layer. */
interface TaskRows<M extends string> {
  readonly label: string;
  readonly rows: readonly Row<"task", "layer", M | "n">[];
}

/** Reads the frame: one entry for each task that it has, in the tasks' order. */
export function readTasks<M extends string>(
  frame: pl.DataFrame,
  { figure, measures }: { figure: string; measures: readonly M[] },
): TaskRows<M>[] {
  const rows = readRows(frame, {
    figure,
    source: "the frame of a vision localization sweep",
    texts: { task: Object.keys(TASK_LABELS) },
    indices: { layer: 0 },
    measures: ["n", ...measures],
  });
  return Object.entries(TASK_LABELS).map(([task, label]) => (
    { label, rows: rows.filter((row) => row.task === task) }
  )).filter((entry) => entry.rows.length > 0);
}

/** Names the layers where one of the measures is missing. */
export function taskNotes<M extends string>(
  tasks: readonly TaskRows<M>[],
  measures: readonly M[],
): string[] {
  const all = tasks.flatMap(({ label, rows }) =>
    rows.map((row) => ({ series: label, layer: row.layer, row }))
  );
  return seriesNotes(all.filter(({ row }) => measures.some((name) => row[name] === null)), {
    all,
    order: tasks.map(({ label }) => label),
    reason: "no finite value",
  });
}
