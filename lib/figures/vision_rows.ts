/**
 * Rows of the vision localization sweep, one series a task.
 *
 * @module
 */
import type pl from "nodejs-polars";
import { readChoice } from "./frame_rows.ts";
import { seriesNotes } from "./notes.ts";
import { type Task, TASK_STYLES, TASKS } from "./series_styles.ts";
import { readSweepRows, type SweepRow } from "./sweep_rows.ts";

/** A row of the sweep with the measures that a figure draws. */
export type VisionRow<M extends string> = SweepRow<"task", "layer", M | "n">;

/** The rows of one task, by layer. */
export interface TaskRows<M extends string> {
  readonly task: Task;
  readonly rows: readonly VisionRow<M>[];
}

/**
 * Reads the frame: one entry for each task that it has, in the tasks' order.
 *
 * @throws {TypeError} if a column is missing or of a wrong type, or a task is unknown.
 * @throws {RangeError} if there are no rows, or two for one task and layer.
 */
export function readVisionRows<M extends string>(
  frame: pl.DataFrame,
  spec: { figure: string; measures: readonly M[] },
): TaskRows<M>[] {
  const { figure, measures } = spec;
  const rows = readSweepRows<"task", "layer", M | "n">(frame, {
    figure,
    source: "the frame of a vision localization sweep",
    keys: ["task"],
    indices: ["layer"],
    measures: ["n", ...measures],
  });
  for (const { task } of rows) readChoice(task, { figure, column: "task", known: TASKS });
  return TASKS.map((task) => ({ task, rows: rows.filter((row) => row.task === task) }))
    .filter((entry) => entry.rows.length > 0);
}

/** Names the layers where one of the measures is missing. */
export function visionNotes<M extends string>(
  tasks: readonly TaskRows<M>[],
  measures: readonly M[],
): string[] {
  const labelled = tasks.flatMap(({ task, rows }) =>
    rows.map((row) => ({ series: TASK_STYLES[task].label, layer: row.layer, row }))
  );
  return seriesNotes(
    labelled.filter(({ row }) => measures.some((name) => row[name] === null)),
    {
      all: labelled,
      order: TASKS.map((task) => TASK_STYLES[task].label),
      reason: "no finite value",
    },
  );
}
