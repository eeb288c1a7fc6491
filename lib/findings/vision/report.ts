/**
 * What vision localization found: the original's summary and, beside it, steps, intervals, the
 * control and the receipts.
 *
 * @module
 */
import type pl from "nodejs-polars";
import { z } from "zod";
import { basesSchema, basisText } from "../../basis.ts";
import { frameOf } from "../../frame.ts";
import { differenceEstimate, shareEstimate } from "../../statistics/mod.ts";
import { estimateColumns, estimateFields, estimateSchema } from "../estimate_fields.ts";
import { marksSchema, toMarks } from "../sample_marks.ts";
import { logitPlaces, logitPlaceSchema } from "./logit_report.ts";
import { logitReadOuts, logitReadOutSchema } from "./read_outs.ts";
import type { ControlRecord, LogitRecord, VisionRecord } from "./records.ts";

const share = z.number().nullable();
const byLayer = z.record(z.string(), z.record(z.string(), z.number()));
const outcomeSchema = z.strictObject({
  task: z.string(),
  ids: z.array(z.string()),
  /** One text a layer of the report, one mark a pair: whether its answer changed. */
  changed: z.array(marksSchema),
});
const place = z.strictObject({
  task: z.string(),
  layer: z.int(),
  n: z.int(),
  change_rate: share,
  change_low: share,
  change_high: share,
  ...estimateSchema("step"),
  source_rate: share,
  source_low: share,
  source_high: share,
});

/** layer_swap_summary.json. The first four fields are the original's. */
export const visionReportSchema = z.object({
  tasks: z.array(z.string()),
  layers: z.array(z.int()),
  num_samples: z.int(),
  /** What each task's rates rest on. */
  basis: basesSchema,
  /** task -> layer -> share of answers that the swap from that layer on changed. */
  change_rates: byLayer,
  /** Layers of the model. */
  num_layers: z.int(),
  /** task -> layer with the largest change rate, the first of equals, as the original prints it. */
  peak_layers: z.record(z.string(), z.int()),
  /** task -> layer with the largest step; none where no two layers are neighbours. */
  step_peak_layers: z.record(z.string(), z.int()),
  /** task -> share of unswapped answers that are right. */
  baseline_accuracy: z.record(z.string(), share),
  /** An image swapped with itself: 0 answers may change. */
  control: z.object({ pairs: z.int(), changed: z.int() }),
  /** What the receipts of all swaps say. */
  receipts: z.object({
    swaps: z.int(),
    layer_tokens_swapped: z.int(),
    smallest_swap_norm: share,
  }),
  places: z.array(place),
  /** Every pair's outcome, for statistics over pairs; older reports have none. */
  outcomes: z.array(outcomeSchema).optional(),
  /** What swaps do to logits, in both directions; older reports have none. */
  logits: z.strictObject({
    window: z.int(),
    places: z.array(logitPlaceSchema),
    /** Where each pair is read out; older reports have none. */
    read_outs: z.array(logitReadOutSchema).optional(),
  }).optional(),
});

/** What vision localization found. */
export type VisionReport = z.infer<typeof visionReportSchema>;

/** Options of {@linkcode reportVision}. */
export interface ReportVisionOptions extends Pick<VisionReport, "basis"> {
  tasks: readonly string[];
  /** Layers swept, any order. */
  layers: readonly number[];
  /** Layers of the model. */
  numLayers: number;
  /** Pairs a task that were asked for. */
  numSamples: number;
  /** Layers of a windowed swap. */
  window: number;
}

/** Ids of the pairs swapped, in the order of the records. */
function pairsOf(records: readonly VisionRecord[]): string[] {
  return [...new Set(records.map(({ sample_id }) => sample_id))];
}

/** One task's records as [layers][samples]; null where a swap is missing. */
function columnsOf(
  records: readonly VisionRecord[],
  layers: readonly number[],
  value: (record: VisionRecord) => boolean,
): (number | null)[][] {
  const samples = pairsOf(records);
  const places = new Map(records.map((record) => [`${record.sample_id}/${record.layer}`, record]));
  return layers.map((layer) =>
    samples.map((sample) => {
      const record = places.get(`${sample}/${layer}`);
      return record ? Number(value(record)) : null;
    })
  );
}

/**
 * Each layer's column less the next layer's; the model's last less the unswapped model, whose change
 * is 0. Null where the next layer is not among the layers.
 */
function stepsOf(
  columns: readonly (number | null)[][],
  { layers, numLayers }: { layers: readonly number[]; numLayers: number },
): (number | null)[][] {
  return columns.map((column, i) =>
    column.map((value, sample) => {
      const last = layers[i] === numLayers - 1;
      const next = last ? 0 : layers[i + 1] === layers[i] + 1 ? columns[i + 1][sample] : null;
      return value === null || next === null ? null : value - next;
    })
  );
}

function taskPlaces(
  task: string,
  records: readonly VisionRecord[],
  { layers, numLayers, changed }: {
    layers: readonly number[];
    numLayers: number;
    changed: readonly (number | null)[][];
  },
): z.infer<typeof place>[] {
  const source = columnsOf(records, layers, (record) => record.is_source_answer);
  const steps = stepsOf(changed, { layers, numLayers });
  return layers.map((layer, i) => {
    const [change, right] = [shareEstimate(changed[i]), shareEstimate(source[i])];
    const step = differenceEstimate(steps[i]);
    return {
      task,
      layer,
      n: change.n,
      change_rate: change.mean,
      change_low: change.low,
      change_high: change.high,
      ...estimateFields("step", step),
      source_rate: right.mean,
      source_low: right.low,
      source_high: right.high,
    };
  });
}

/** The layer of the largest value, the first of equals, by task; nothing where no layer has one. */
function peakOf(
  places: readonly z.infer<typeof place>[],
  key: "change_rate" | "step",
): Record<string, number> {
  const [best] = places.filter((at) => at[key] !== null).sort((a, b) => b[key]! - a[key]!);
  return best === undefined ? {} : { [best.task]: best.layer };
}

/**
 * Sums up vision localization.
 *
 * @param records All swaps, the controls of their pairs, and their logit differences.
 * @throws {Error} without a layer.
 */
export function reportVision(
  { records, controls, logits }: {
    records: readonly VisionRecord[];
    controls: readonly ControlRecord[];
    logits: readonly LogitRecord[];
  },
  { tasks, layers, numLayers, numSamples, basis, window }: ReportVisionOptions,
): VisionReport {
  if (layers.length === 0) throw new Error("Cannot sum up vision localization: no layer is given");
  const ordered = layers.toSorted((a, b) => a - b);
  const norms = records.map(({ swap_norm }) => swap_norm);
  const report: VisionReport = {
    tasks: [...tasks],
    layers: ordered,
    num_samples: numSamples,
    basis,
    change_rates: {},
    num_layers: numLayers,
    peak_layers: {},
    step_peak_layers: {},
    baseline_accuracy: {},
    control: {
      pairs: controls.length,
      changed: controls.filter(({ answer_changed }) => answer_changed).length,
    },
    receipts: {
      swaps: records.length,
      layer_tokens_swapped: records.reduce(
        (sum, { layers_swapped, tokens_swapped }) => sum + layers_swapped * tokens_swapped,
        0,
      ),
      smallest_swap_norm: norms.length > 0 ? norms.reduce((a, b) => Math.min(a, b)) : null,
    },
    places: [],
    outcomes: [],
    logits: {
      window,
      places: logitPlaces(logits, { tasks, layers: ordered }),
      read_outs: logitReadOuts(logits, { tasks, layers: ordered }),
    },
  };
  for (const task of tasks) {
    const own = records.filter((record) => record.task === task);
    const changed = columnsOf(own, ordered, (record) => record.answer_changed);
    report.outcomes!.push({ task, ids: pairsOf(own), changed: changed.map(toMarks) });
    const places = taskPlaces(task, own, { layers: ordered, numLayers, changed });
    report.places.push(...places);
    report.change_rates[task] = Object.fromEntries(
      places.flatMap(({ layer, change_rate }) =>
        change_rate === null ? [] : [[String(layer), change_rate]]
      ),
    );
    Object.assign(report.peak_layers, peakOf(places, "change_rate"));
    Object.assign(report.step_peak_layers, peakOf(places, "step"));
    const baselines = controls.filter((control) => control.task === task);
    report.baseline_accuracy[task] = baselines.length === 0
      ? null
      : baselines.filter(({ correct }) => correct).length / baselines.length;
  }
  return report;
}

/**
 * Change rates, steps and source answers with their intervals: task, layer, n, change_rate,
 * change_low, change_high, step, step_low, step_high, source_rate, source_low, source_high, basis.
 */
export function visionLocalizationFrame({ places, basis }: VisionReport): pl.DataFrame {
  const rows = places.map((place) => ({ ...place, basis: basisText(basis[place.task]) }));
  return frameOf(rows, {
    task: "string",
    layer: "int",
    n: "int",
    change_rate: "float",
    change_low: "float",
    change_high: "float",
    ...estimateColumns("step"),
    source_rate: "float",
    source_low: "float",
    source_high: "float",
    basis: "string",
  });
}
