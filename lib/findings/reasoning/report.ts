/**
 * What reasoning localization found: accuracy without each layer, its drop against the baseline, and
 * both by level.
 *
 * @module
 */
import { z } from "zod";
import { basesSchema } from "../../basis.ts";
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
import { differenceEstimate, meanEstimate, shareEstimate } from "../../statistics/mod.ts";
import { estimateFields, estimateSchema } from "../estimate_fields.ts";
import { marksSchema, toMarks } from "../sample_marks.ts";
import type { Ablation, DivergenceRecord, ReasoningRecord } from "./records.ts";

const share = z.number().nullable();
const placeSchema = z.strictObject({
  /** -1 for the baseline. */
  layer: z.int(),
  n: z.int(),
  ...estimateSchema("accuracy"),
  /** The baseline's accuracy less this one, over the same problems. */
  ...estimateSchema("drop"),
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
  /**
   * Divergence of the next token from the whole model's while it reads its own answer, in nats, mean
   * over problems; none of the baseline, and older reports have none.
   */
  ...z.object(estimateSchema("kl")).partial().shape,
});
/** Every problem's outcome, for statistics over problems. */
const outcomesSchema = z.strictObject({
  ids: z.array(z.string()),
  /** One text an entry of `places`, one mark a problem: whether it was solved. */
  correct: z.array(marksSchema),
  /** The same by the other grading. */
  correct_other: z.array(marksSchema),
  /** Whether the response is an answer; older reports have none. */
  formed: z.array(marksSchema).optional(),
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
  /** Older reports have none. */
  outcomes: outcomesSchema.optional(),
  /** The same with each layer's mean in its place, if that was asked for. */
  mean: z.strictObject({
    /** What the means are over: prompts of the sample, answers left out; hash of their tokens. */
    over: z.strictObject({ prompts: z.int(), hash: z.string() }),
    /** Norm of each layer's mean. */
    norms: z.array(z.number()),
    places: z.array(placeSchema),
    outcomes: outcomesSchema,
  }).optional(),
});

/** What reasoning localization found on one dataset. */
export type ReasoningReport = z.infer<typeof reasoningReportSchema>;

/** The ablations of one kind. */
export type ReasoningSweep = Pick<ReasoningReport, "places" | "outcomes">;

/** The layers without which hardly any answer comes. */
export function fatalLayers({ places }: ReasoningSweep): number[] {
  return places.filter(({ fatal }) => fatal).map(({ layer }) => layer);
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

type ByLayer = ReadonlyMap<number, readonly ReasoningRecord[]>;

/** Accuracy, drop and divergence of the whole model and without each layer. */
function sweepOf(
  byLayer: ByLayer,
  { ids, layers, divergences, grading }: {
    ids: readonly string[];
    /** The baseline's -1 first. */
    layers: readonly number[];
    divergences: readonly DivergenceRecord[];
    grading: Grading;
  },
): ReasoningSweep & { outcomes: z.infer<typeof outcomesSchema> } {
  const columnsOf = (value: (record: ReasoningRecord) => boolean) =>
    layers.map((layer) => {
      const own = byLayer.get(layer) ?? [];
      const marks = new Map(own.map((record) => [record.id, Number(value(record))]));
      return ids.map((id) => marks.get(id) ?? null);
    });
  const columnsBy = (grading: Grading) => columnsOf((record) => isRight(record, grading));
  const columns = columnsBy(grading);
  const formed = columnsOf(isAnswer);
  const formedShares = formed.map((column) => shareEstimate(column).mean);
  const drops = columns.map((column) => column.map((value, i) => difference(columns[0][i], value)));
  const kl = new Map(divergences.map((one) => [`${one.ablated_layer}/${one.id}`, one.kl]));
  const places = layers.map((layer, i) => {
    const own = byLayer.get(layer) ?? [];
    const [accuracy, drop] = [shareEstimate(columns[i]), differenceEstimate(drops[i])];
    // The baseline is itself, without doubt.
    const certain = { mean: drop.mean, low: drop.mean, high: drop.mean };
    return {
      layer,
      n: accuracy.n,
      ...estimateFields("accuracy", accuracy),
      ...estimateFields("drop", layer < 0 ? certain : drop),
      accuracy_other: accuracyOf(own, otherGrading(grading)),
      finished: own.filter(({ finished }) => finished).length,
      formed: formedShares[i],
      fatal: layer >= 0 && formedShares[i] !== null && formedShares[0] !== null &&
        formedShares[i] < FATAL * formedShares[0],
      undecided: countUndecided(own, grading),
      ...estimateFields("kl", meanEstimate(ids.map((id) => kl.get(`${layer}/${id}`) ?? null))),
    };
  });
  const outcomes = {
    ids: [...ids],
    correct: columns.map(toMarks),
    correct_other: columnsBy(otherGrading(grading)).map(toMarks),
    formed: formed.map(toMarks),
  };
  return { places, outcomes };
}

/** Accuracy and drop by level, of problems that have one. */
function levelsOf(
  records: readonly ReasoningRecord[],
  { byLayer, layers, grading }: { byLayer: ByLayer; layers: readonly number[]; grading: Grading },
): ReasoningReport["levels"] {
  const known = records.flatMap(({ level }) => level === null ? [] : [level]);
  return [...new Set(known)].sort((a, b) => a - b).flatMap((level) => {
    const of = (layer: number) =>
      byLayer.get(layer)?.filter((record) => record.level === level) ?? [];
    const baseline = accuracyOf(of(-1), grading);
    return layers.map((layer) => {
      const own = of(layer);
      const accuracy = accuracyOf(own, grading);
      return { level, layer, n: own.length, accuracy, drop: difference(baseline, accuracy) };
    });
  });
}

/** The sweep with means, or nothing where no layer was replaced by its mean. */
function meanSweep(
  means: readonly ReasoningRecord[],
  { layers, sweep }: { layers: readonly number[]; sweep: Parameters<typeof sweepOf>[1] },
  byLayer: ByLayer,
): ReasoningReport["mean"] {
  const over = new Set(means.map(({ mean_over }) => mean_over));
  const [hash] = over;
  if (!hash) return undefined;
  if (over.size > 1) {
    throw new Error(
      `Cannot sum up mean ablations: their means are over different prompts (${
        [...over].join(", ")
      })`,
    );
  }
  return {
    over: { prompts: sweep.ids.length, hash },
    norms: layers.map((layer) => byLayer.get(layer)?.[0]?.mean_norm ?? 0),
    ...sweepOf(byLayer, sweep),
  };
}

/**
 * Sums up reasoning localization.
 *
 * @param answers All answers, the baseline's included.
 * @param divergences Of every ablation, if they were measured.
 * @throws {Error} if means are over different prompts.
 */
export function reportReasoning(
  { answers, divergences = [] }: {
    answers: readonly ReasoningRecord[];
    divergences?: readonly DivergenceRecord[];
  },
  { dataset, model, basis, layers, numLayers, grading = "sound" }: ReportReasoningOptions,
): ReasoningReport {
  const ordered = [-1, ...layers.toSorted((a, b) => a - b)];
  const ids = [...new Set(answers.map(({ id }) => id))];
  const way = (name: Ablation) => ({ replaced_with }: { replaced_with: Ablation }) =>
    replaced_with === name;
  const byLayer = Map.groupBy(answers.filter(way("zero")), (record) => record.ablated_layer);
  const means = answers.filter(way("mean"));
  const byMean = new Map([
    [-1, byLayer.get(-1) ?? []] as const,
    ...Map.groupBy(means, (record) => record.ablated_layer),
  ]);
  const sweep = (name: Ablation) => ({
    ...{ ids, layers: ordered, grading },
    divergences: divergences.filter(way(name)),
  });
  const ablated = answers.filter(({ ablated_layer }) => ablated_layer >= 0);
  const mean = meanSweep(means, { layers: ordered.slice(1), sweep: sweep("mean") }, byMean);
  return {
    basis: { [dataset]: { ...basis[dataset], grader: graderText(answers, grading) } },
    grading,
    disagreements: disagreements(answers),
    dataset,
    model,
    num_layers: numLayers,
    layers: ordered.slice(1),
    ...sweepOf(byLayer, sweep("zero")),
    levels: levelsOf(answers, { byLayer, layers: ordered, grading }),
    receipts: {
      ablations: ablated.length,
      calls_left_out: ablated.reduce((sum, { calls_left_out }) => sum + calls_left_out, 0),
    },
    ...(mean ? { mean } : {}),
  };
}

/** The report with the outcomes of its other grading in place of its own. */
export function reasoningByOtherGrading(report: ReasoningReport): ReasoningReport {
  const turned = <S extends ReasoningSweep>(sweep: S): S => ({
    ...sweep,
    outcomes: sweep.outcomes && {
      ...sweep.outcomes,
      correct: sweep.outcomes.correct_other,
      correct_other: sweep.outcomes.correct,
    },
  });
  return {
    ...turned(report),
    grading: otherGrading(report.grading),
    ...(report.mean ? { mean: turned(report.mean) } : {}),
  };
}
