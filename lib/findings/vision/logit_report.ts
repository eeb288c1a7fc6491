/**
 * What swaps do to logits, summed up.
 *
 * @module
 */
import type pl from "nodejs-polars";
import { z } from "zod";
import { basisText } from "../../basis.ts";
import { frameOf } from "../../frame.ts";
import { meanEstimate } from "../../statistics/mod.ts";
import type { LogitRecord } from "./records.ts";
import type { VisionReport } from "./report.ts";

const value = z.number().nullable();

/** One task's mean logit difference with one kind of swap from one layer on. */
export const logitPlaceSchema = z.strictObject({
  task: z.string(),
  /** "from" that layer to the last, or a "window" of layers. */
  swap: z.enum(["from", "window"]),
  layer: z.int(),
  /** Pairs, each direction counted. */
  n: z.int(),
  /** The other image's answer less the own one's; with the swap, less without. */
  rise: value,
  low: value,
  high: value,
  /** That rise over the one of swapping in all layers; null where that is none. */
  share: value,
});

/** One place. */
type LogitPlace = z.infer<typeof logitPlaceSchema>;

/**
 * Mean rises of the logit difference by task, swap and layer, with intervals over pairs in both
 * directions.
 *
 * @param layers Ascending, as in the records.
 */
export function logitPlaces(
  records: readonly LogitRecord[],
  { tasks, layers }: { tasks: readonly string[]; layers: readonly number[] },
): LogitPlace[] {
  return tasks.flatMap((task) => {
    const own = records.filter((record) => record.task === task && record.baseline !== null);
    const rises = (values: (record: LogitRecord) => number[]) =>
      layers.map((_, i) => own.map((record) => values(record)[i] - record.baseline!));
    const kinds = [["from", rises(({ from }) => from)], [
      "window",
      rises((r) => r.windows),
    ]] as const;
    const whole = layers[0] === 0 ? meanEstimate(kinds[0][1][0]) : undefined;
    return kinds.flatMap(([swap, columns]) =>
      columns.map(meanEstimate).map(({ n, mean, low, high }, i) => ({
        ...{ task, swap, layer: layers[i], n, rise: mean, low, high },
        share: mean === null || !whole?.mean ? null : mean / whole.mean,
      }))
    );
  });
}

/**
 * Rises of the logit difference: task, swap ("from" a layer on, or a "window" of layers), layer, n
 * (pairs, each direction counted), rise, low, high, share (of the rise with all layers swapped), basis.
 */
export function visionLogitFrame({ logits, basis }: VisionReport): pl.DataFrame {
  const rows = (logits?.places ?? []).map((place) => ({
    ...place,
    basis: basisText(basis[place.task]),
  }));
  return frameOf(rows, {
    task: "string",
    swap: "string",
    layer: "int",
    n: "int",
    rise: "float",
    low: "float",
    high: "float",
    share: "float",
    basis: "string",
  });
}
