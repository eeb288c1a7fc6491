/**
 * Where each pair's answer is read out of the image: swapped from there on it still turns, from any
 * later layer no more. Measured by the answers that change, and by logits.
 *
 * @module
 */
import type pl from "nodejs-polars";
import { z } from "zod";
import { frameOf } from "../../frame.ts";
import { CONFIDENCE, exactMedian } from "../../statistics/mod.ts";
import { fromMarks } from "../sample_marks.ts";
import type { LogitRecord } from "./records.ts";
import type { VisionReport } from "./report.ts";

/** One layer a pair: -1 if no swap turns it, null if the model does not see the own image unswapped. */
const lastLayers = z.array(z.int().nullable());

/** One task's pairs by logits. */
export const logitReadOutSchema = z.strictObject({
  task: z.string(),
  ids: z.array(z.string()),
  /** The last layer from which a swap raises the other image's answer above the own one's. */
  turned: lastLayers,
  /** The last layer from which a swap takes at least half of the own answer's lead. */
  halved: lastLayers,
});

/** What tells that a swap has turned a pair: its answer, its logits, or half of their difference. */
export type ReadOutMeasure = "answers" | "logits" | "half of the logits";
/** The measures, the original's first. */
const READ_OUT_MEASURES: readonly ReadOutMeasure[] = [
  "answers",
  "logits",
  "half of the logits",
];

/**
 * The last layers from which swaps turn logit differences, pair by pair. A pair's difference is the
 * mean over its two directions: what speaks for one of the two answers whatever the image shows counts
 * for the own answer in one and against it in the other.
 *
 * @param layers Ascending, as in the records.
 */
export function logitReadOuts(
  records: readonly LogitRecord[],
  { tasks, layers }: { tasks: readonly string[]; layers: readonly number[] },
): z.infer<typeof logitReadOutSchema>[] {
  return tasks.map((task) => {
    const own = records.filter((record) => record.task === task && record.baseline !== null);
    const pairs = [...Map.groupBy(own, ({ sample_id }) => sample_id)];
    const lastAbove = (share: number) =>
      pairs.map(([, directions]) => {
        const mean = (value: (record: LogitRecord) => number) =>
          directions.reduce((sum, record) => sum + value(record), 0) / directions.length;
        const unswapped = mean(({ baseline }) => baseline!);
        if (unswapped >= 0) return null;
        return layers.findLast((_, i) => mean(({ from }) => from[i]) > share * unswapped) ?? -1;
      });
    return { task, ids: pairs.map(([id]) => id), turned: lastAbove(0), halved: lastAbove(0.5) };
  });
}

/** Pairs of a task by a measure. */
export interface ReadOuts {
  /** Pairs that were swapped. */
  of: number;
  /** Of each that some swap turns, the last layer from which one does. */
  layers: number[];
}

/** Where the pairs of a task are read out; null if the report does not say. */
export function readOuts(
  { layers, outcomes, logits }: VisionReport,
  { task, measure }: { task: string; measure: ReadOutMeasure },
): ReadOuts | null {
  const last = measure === "answers"
    ? outcomes?.find((known) => known.task === task)?.changed.map(fromMarks)
    : logits?.read_outs?.find((known) => known.task === task);
  if (!last) return null;
  if (!Array.isArray(last)) {
    const all = measure === "logits" ? last.turned : last.halved;
    return {
      of: all.length,
      layers: all.filter((layer) => layer !== null && layer >= 0) as number[],
    };
  }
  const pairs = (last[0] ?? []).map((_, pair) => last.map((column) => column[pair]))
    .filter((marks) => !marks.includes(null));
  return {
    of: pairs.length,
    layers: pairs.flatMap((marks) => layers.findLast((_, i) => marks[i] === 1) ?? []),
  };
}

/** The median of the layers with its exact interval; null without any. */
function medianLayer({ layers }: ReadOuts) {
  if (layers.length === 0) return null;
  const { value, low, high } = exactMedian(layers)(CONFIDENCE);
  const known = Number.isFinite(low);
  return { layer: value, low: known ? low : null, high: known ? high : null };
}

/** A median layer in words, e.g. "5 (4 to 6)". */
export function medianText(readOuts: ReadOuts): string {
  const median = medianLayer(readOuts);
  if (median === null) return "none";
  const { layer, low, high } = median;
  return String(layer) + (low === null ? "" : ` (${low} to ${high})`);
}

/**
 * Where the median pair is read out, with its exact interval: task, measure ("answers", "logits" or
 * "half of the logits"), pairs (that some swap turns), of (that were swapped), layer, low, high.
 */
export function visionReadOutFrame(report: VisionReport): pl.DataFrame {
  const rows = report.tasks.flatMap((task) =>
    READ_OUT_MEASURES.flatMap((measure) => {
      const found = readOuts(report, { task, measure });
      const median = found && medianLayer(found);
      return found && median
        ? [{ task, measure, pairs: found.layers.length, of: found.of, ...median }]
        : [];
    })
  );
  return frameOf(rows, {
    ...{ task: "string", measure: "string", pairs: "int", of: "int" },
    ...{ layer: "float", low: "float", high: "float" },
  });
}
