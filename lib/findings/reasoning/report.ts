/**
 * What reasoning localization found: accuracy without each layer, its drop against the baseline, and
 * both by level.
 *
 * @module
 */
import type pl from "nodejs-polars";
import { z } from "zod";
import { basesSchema, basisText } from "../../basis.ts";
import {
  countUndecided,
  disagreements,
  disagreementSchema,
  graderText,
  type Grading,
  GRADINGS,
  isRight,
  otherGrading,
} from "../../benchmarks/grading/mod.ts";
import { frameOf } from "../../frame.ts";
import { differenceEstimate, shareEstimate } from "../../statistics/mod.ts";
import { marksSchema, toMarks } from "../sample_marks.ts";
import { ablationName, type ReasoningRecord } from "./records.ts";

const share = z.number().nullable();
const placeSchema = z.strictObject({
  /** -1 for the baseline. */
  layer: z.int(),
  n: z.int(),
  accuracy: share,
  accuracy_low: share,
  accuracy_high: share,
  /** The baseline's accuracy less this one, over the same problems. */
  drop: share,
  drop_low: share,
  drop_high: share,
  /** Accuracy by the other grading. */
  accuracy_other: share,
  /** Responses that ended by themselves. */
  finished: z.int(),
  /** Share of responses that are answers, right or wrong; older reports have none. */
  formed: share.optional(),
  /** Whether nothing comes out without the layer: fewer than a tenth of the whole's answers. */
  fatal: z.boolean().optional(),
  /** Responses whose equality with the answer could not be decided; they count as wrong. */
  undecided: z.int(),
});
const levelSchema = z.strictObject({
  level: z.int(),
  layer: z.int(),
  n: z.int(),
  accuracy: share,
  drop: share,
});

/** What reasoning localization found on one dataset. */
export const reasoningReportSchema = z.object({
  /** What it rests on, by data set: its own. */
  basis: basesSchema,
  /** The grading of all values but those that are said to be by the other. */
  grading: z.enum(GRADINGS),
  /** Answers on which the gradings disagree, by the rules that decided. */
  disagreements: z.array(disagreementSchema),
  dataset: z.string(),
  model: z.string(),
  /** Layers of the model. */
  num_layers: z.int(),
  layers: z.array(z.int()),
  places: z.array(placeSchema),
  levels: z.array(levelSchema),
  /** What the receipts of all ablations say. */
  receipts: z.object({ ablations: z.int(), calls_left_out: z.int() }),
  /** Every problem's outcome, for statistics over problems; older reports have none. */
  outcomes: z.strictObject({
    ids: z.array(z.string()),
    /** One text an entry of `places`, one mark a problem: whether it was solved. */
    correct: z.array(marksSchema),
    /** The same by the other grading. */
    correct_other: z.array(marksSchema),
    /** Whether the response is an answer; older reports have none. */
    formed: z.array(marksSchema).optional(),
  }).optional(),
});

/** What reasoning localization found on one dataset. */
export type ReasoningReport = z.infer<typeof reasoningReportSchema>;

/** The original's summary.json of one experiment. */
export interface AblationSummary {
  experiment: string;
  /** -1 for the baseline. */
  ablated_layer: number;
  /** Rounded to 4 digits. */
  accuracy: number;
  correct: number;
  total: number;
  /** The same by the sound rules, and answers on which the two gradings differ. */
  accuracy_sound: number;
  correct_sound: number;
  gradings_differ: number;
}

/** Options of {@linkcode reportReasoning}. */
export interface ReportReasoningOptions extends Pick<ReasoningReport, "basis"> {
  dataset: string;
  model: string;
  /** Layers that were left out. */
  layers: readonly number[];
  /** Layers of the model. */
  numLayers: number;
  /** The grading that counts; default "sound". */
  grading?: Grading;
}

function difference(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a - b;
}

/** One experiment as the original sums it up, by its rules, and by the sound rules. */
export function ablationSummary(
  records: readonly ReasoningRecord[],
  layer: number,
): AblationSummary {
  const own = records.filter(({ ablated_layer }) => ablated_layer === layer);
  const count = (grading: Grading) => own.filter((record) => isRight(record, grading)).length;
  const share = (count: number) =>
    own.length === 0 ? 0 : Math.round(count / own.length * 1e4) / 1e4;
  const [correct, correct_sound] = [count("original"), count("sound")];
  return {
    experiment: ablationName(layer),
    ablated_layer: layer,
    accuracy: share(correct),
    correct,
    total: own.length,
    accuracy_sound: share(correct_sound),
    correct_sound,
    gradings_differ: own.filter((record) => record.correct !== record.correct_sound).length,
  };
}

/** A layer is fatal without which fewer than this part of the whole model's answers remain. */
const FATAL = 0.1;

/**
 * Whether a response is an answer, right or wrong: it ended by itself, with something where the answer
 * belongs. The control of ablations: a model that no longer writes answers has not lost its reasoning
 * alone.
 */
function isAnswer({ finished, full_response }: ReasoningRecord): boolean {
  return finished && /\\boxed\{\s*[^\s}]|<answer>\s*[^\s<]/i.test(full_response);
}

/** Share of right answers; null without records. */
function accuracyOf(records: readonly ReasoningRecord[], grading: Grading): number | null {
  if (records.length === 0) return null;
  return records.filter((record) => isRight(record, grading)).length / records.length;
}

/**
 * Sums up reasoning localization.
 *
 * @param records All answers, the baseline's included.
 */
export function reportReasoning(
  records: readonly ReasoningRecord[],
  { dataset, model, basis, layers, numLayers, grading = "sound" }: ReportReasoningOptions,
): ReasoningReport {
  const ordered = [-1, ...layers.toSorted((a, b) => a - b)];
  const byLayer = Map.groupBy(records, ({ ablated_layer }) => ablated_layer);
  const ids = [...new Set(records.map(({ id }) => id))];
  const columnsOf = (value: (record: ReasoningRecord) => boolean) =>
    ordered.map((layer) => {
      const own = byLayer.get(layer) ?? [];
      const marks = new Map(own.map((record) => [record.id, Number(value(record))]));
      return ids.map((id) => marks.get(id) ?? null);
    });
  const columnsBy = (grading: Grading) => columnsOf((record) => isRight(record, grading));
  const columns = columnsBy(grading);
  const formed = columnsOf(isAnswer);
  const formedShares = formed.map((column) => shareEstimate(column).mean);
  const drops = columns.map((column) => column.map((value, i) => difference(columns[0][i], value)));
  const places = ordered.map((layer, i) => {
    const [accuracy, drop] = [shareEstimate(columns[i]), differenceEstimate(drops[i])];
    return {
      layer,
      n: accuracy.n,
      accuracy: accuracy.mean,
      accuracy_low: accuracy.low,
      accuracy_high: accuracy.high,
      drop: drop.mean,
      // The baseline is itself, without doubt.
      drop_low: layer < 0 ? drop.mean : drop.low,
      drop_high: layer < 0 ? drop.mean : drop.high,
      accuracy_other: accuracyOf(byLayer.get(layer) ?? [], otherGrading(grading)),
      finished: byLayer.get(layer)?.filter(({ finished }) => finished).length ?? 0,
      formed: formedShares[i],
      fatal: layer >= 0 && formedShares[i] !== null && formedShares[0] !== null &&
        formedShares[i] < FATAL * formedShares[0],
      undecided: countUndecided(byLayer.get(layer) ?? [], grading),
    };
  });
  const known = records.flatMap(({ level }) => level === null ? [] : [level]);
  const levels = [...new Set(known)].sort((a, b) => a - b).flatMap((level) => {
    const of = (layer: number) =>
      byLayer.get(layer)?.filter((record) => record.level === level) ?? [];
    const baseline = accuracyOf(of(-1), grading);
    return ordered.map((layer) => {
      const own = of(layer);
      const accuracy = accuracyOf(own, grading);
      return { level, layer, n: own.length, accuracy, drop: difference(baseline, accuracy) };
    });
  });
  const ablated = records.filter(({ ablated_layer }) => ablated_layer >= 0);
  return {
    basis: { [dataset]: { ...basis[dataset], grader: graderText(records, grading) } },
    grading,
    disagreements: disagreements(records),
    dataset,
    model,
    num_layers: numLayers,
    layers: ordered.slice(1),
    places,
    levels,
    receipts: {
      ablations: ablated.length,
      calls_left_out: ablated.reduce((sum, { calls_left_out }) => sum + calls_left_out, 0),
    },
    outcomes: {
      ids,
      correct: columns.map(toMarks),
      correct_other: columnsBy(otherGrading(grading)).map(toMarks),
      formed: formed.map(toMarks),
    },
  };
}

/**
 * Accuracy and drop with their intervals: dataset, layer (-1 for the baseline), n, accuracy,
 * accuracy_low, accuracy_high, drop, drop_low, drop_high, accuracy_other (by the other grading),
 * formed (share of responses that are answers), basis.
 */
export function reasoningLocalizationFrame(reports: readonly ReasoningReport[]): pl.DataFrame {
  const rows = reports.flatMap(({ dataset, places, basis }) =>
    places.map(({ finished: _, undecided: __, fatal: ___, formed = null, ...place }) => ({
      dataset,
      ...{ ...place, formed },
      basis: basisText(basis[dataset]),
    }))
  );
  return frameOf(rows, {
    dataset: "string",
    layer: "int",
    n: "int",
    accuracy: "float",
    accuracy_low: "float",
    accuracy_high: "float",
    drop: "float",
    drop_low: "float",
    drop_high: "float",
    accuracy_other: "float",
    formed: "float",
    basis: "string",
  });
}

/** Accuracy and drop by level: dataset, level, layer (-1 for the baseline), n, accuracy, drop, basis. */
export function reasoningByLevelFrame(reports: readonly ReasoningReport[]): pl.DataFrame {
  const rows = reports.flatMap(({ dataset, levels, basis }) =>
    levels.map((place) => ({ dataset, ...place, basis: basisText(basis[dataset]) }))
  );
  return frameOf(rows, {
    dataset: "string",
    level: "int",
    layer: "int",
    n: "int",
    accuracy: "float",
    drop: "float",
    basis: "string",
  });
}

/** The report with the outcomes of its other grading in place of its own. */
export function reasoningByOtherGrading(report: ReasoningReport): ReasoningReport {
  const { grading, outcomes } = report;
  const swapped = outcomes &&
    { ...outcomes, correct: outcomes.correct_other, correct_other: outcomes.correct };
  return { ...report, grading: otherGrading(grading), outcomes: swapped };
}
