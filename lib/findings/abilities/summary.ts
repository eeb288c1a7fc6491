/**
 * Transition statistics between two settings, and an experiment's summary, as the original writes
 * them.
 *
 * @module
 */
import { ABILITY_METRICS } from "../../abilities.ts";
import {
  countUndecided,
  disagreements,
  type GradedRecord,
  type Grading,
  isRight,
} from "../../benchmarks/grading/mod.ts";
import type { AbilityRecord } from "./records.ts";
import type { Experiment } from "./experiment_types.ts";

/** Rounds to 4 digits as Python's `round` does: ties, which are odd 32nds, go to the even digit. */
export function roundTo4(value: number): number {
  const scaled = value * 32;
  if (Number.isInteger(scaled) && scaled % 2 !== 0) {
    const below = Math.floor(value * 1e4);
    return (below % 2 === 0 ? below : below + 1) / 1e4;
  }
  return Number(value.toFixed(4));
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : roundTo4(part / whole);
}

/**
 * How samples change between two settings, over the N that both have: the accuracies, `delta_acc`
 * (A less B), counts of those right in both (n_TT), in A only, in B only and in neither, `net_gain`
 * (n_FT - n_TF), `side_effect_rate` (n_TF of those right in A) and `lift_rate` (n_FT of the others).
 *
 * @param a Whether each sample is right in setting A, by id.
 * @param b The same in setting B.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const a = new Map([["1", true], ["2", true], ["3", false]]);
 * const b = new Map([["1", true], ["2", false], ["3", false], ["4", true]]);
 * const { N, n_TT, n_TF, acc_A, acc_B, delta_acc } = transitionStatistics(a, b);
 * assertEquals([N, n_TT, n_TF, acc_A, acc_B, delta_acc], [3, 1, 1, 0.6667, 0.3333, 0.3333]);
 * ```
 */
export function transitionStatistics(
  a: ReadonlyMap<string, boolean>,
  b: ReadonlyMap<string, boolean>,
) {
  const shared = [...a.keys()].filter((id) => b.has(id));
  const count = (inA: boolean, inB: boolean) =>
    shared.filter((id) => a.get(id) === inA && b.get(id) === inB).length;
  const [tt, tf] = [count(true, true), count(true, false)];
  const [ft, ff] = [count(false, true), count(false, false)];
  const N = shared.length;
  return {
    N,
    acc_A: ratio(tt + tf, N),
    acc_B: ratio(tt + ft, N),
    delta_acc: N === 0 ? 0 : roundTo4((tt + tf) / N - (tt + ft) / N),
    n_TT: tt,
    n_TF: tf,
    n_FT: ft,
    n_FF: ff,
    net_gain: ft - tf,
    side_effect_rate: ratio(tf, tt + tf),
    lift_rate: ratio(ft, ff + ft),
  };
}

/** What a summary needs of a record; records of the original lack what is optional. */
export type SummarisedRecord =
  & Pick<AbilityRecord, "id" | "setting" | "correct">
  & Partial<Pick<AbilityRecord, "timed_out">>
  & Partial<GradedRecord>;

/** Whether each sample is right in one setting, by id, in the records' order. */
export function labelsOf(
  records: readonly SummarisedRecord[],
  { setting, grading }: { setting: string; grading: Grading },
): Map<string, boolean> {
  return new Map(
    records.filter((record) => record.setting === setting)
      .map((record) => [record.id, isRight({ correct_sound: false, ...record }, grading)]),
  );
}

/**
 * summary.json: the original's fields by the original's rules, how many answers were cut off, not
 * decided, and graded by rules, and in `sound` the same statistics by the sound rules.
 */
export interface ExperimentSummary {
  experiment: string;
  model: string;
  timed_out: number;
  undecided: number;
  graded_by_rules: number;
  /** Null where a record is the original's, which has no sound grade. */
  sound: Record<string, number> | null;
  [field: string]: string | number | Record<string, number> | null;
}

/** The statistics of one grading. */
function statisticsOf(
  records: readonly SummarisedRecord[],
  { settings: [a, b], ability }: Experiment,
  grading: Grading,
): Record<string, number> {
  const labels = labelsOf(records, { setting: a.name, grading });
  if (!b) {
    const correct = [...labels.values()].filter(Boolean).length;
    const acc = ratio(correct, labels.size);
    return { N: labels.size, acc, correct, M_rea: acc };
  }
  const statistics = transitionStatistics(labels, labelsOf(records, { setting: b.name, grading }));
  const counted = ability === "perception" ? statistics.n_TF : statistics.n_TT;
  return { ...statistics, [ABILITY_METRICS[ability]]: ratio(counted, statistics.N) };
}

const isGraded = (record: SummarisedRecord): record is SummarisedRecord & GradedRecord =>
  record.correct_sound !== undefined;

/**
 * Sums up one model's records of one experiment.
 *
 * @param records Of this model and experiment, all settings.
 */
export function summariseExperiment(
  records: readonly SummarisedRecord[],
  { experiment, model }: { experiment: Experiment; model: string },
): ExperimentSummary {
  const { name, description, settings: [a, b] } = experiment;
  const graded = records.filter(isGraded);
  const differ = disagreements(graded).reduce((sum, { answers }) => sum + answers, 0);
  return {
    ...statisticsOf(records, experiment, "original"),
    ...b ? { setting_A: a.name, setting_B: b.name } : { setting: a.name },
    experiment: name,
    model,
    description,
    timed_out: records.filter(({ timed_out }) => timed_out).length,
    undecided: countUndecided(records, "original"),
    graded_by_rules: records.filter(({ graded_by }) => graded_by === "rules").length,
    sound: graded.length < records.length ? null : {
      ...statisticsOf(records, experiment, "sound"),
      undecided: countUndecided(records, "sound"),
      gradings_differ: differ,
    },
  };
}
