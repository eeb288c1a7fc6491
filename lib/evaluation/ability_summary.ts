/**
 * From the records of the transferability experiments to a report of abilities, and to frames.
 *
 * @module
 */
import { ABILITIES, ABILITY_METRICS } from "../abilities.ts";
import type pl from "nodejs-polars";
import { type Bases, basisText } from "../basis.ts";
import {
  countUndecided,
  disagreements,
  graderText,
  type Grading,
  otherGrading,
} from "../benchmarks/grading/mod.ts";
import { frameOf } from "../frame.ts";
import { abilityDifference } from "./ability_difference.ts";
import type { AbilityRecord } from "./ability_records.ts";
import type { AbilityOutcome, AbilityReport } from "./ability_report.ts";
import { shareEstimate } from "../statistics/mod.ts";
import { benchmarkOf, type Experiment, EXPERIMENTS, type ExperimentType } from "./experiments.ts";
import { STANDING_COLUMNS } from "./model_standing.ts";
import { labelsOf } from "./transitions.ts";

/** Options of {@linkcode reportAbilities}. */
export interface ReportAbilitiesOptions {
  experimentType: ExperimentType;
  sampleSize: number;
  sampleSeed: number;
  maxNewTokens: number;
  /** Models to report, in order. */
  models: AbilityReport["models"];
  /** Where each benchmark's questions are from: "embedded", "hub", or a folder. */
  sources: Readonly<Record<string, string>>;
  /** Abilities that were not measured, and why. */
  notRun?: Readonly<Record<string, string>>;
  /** The grading that counts; default "sound". */
  grading?: Grading;
}

const mean = (values: readonly boolean[]) =>
  values.length === 0 ? null : values.filter(Boolean).length / values.length;

/** The names that records state, in one text; null where none does. */
function namesOf(
  records: readonly AbilityRecord[],
  name: (record: AbilityRecord) => string | null,
): string | null {
  const names = records.map(name).filter((text) => text !== null);
  return [...new Set(names)].sort().join(" and ") || null;
}

/** One model's samples that have an answer in every setting. */
function outcomeOf(
  records: readonly AbilityRecord[],
  { ability, settings: [a, b] }: Experiment,
  { model, grading }: { model: string; grading: Grading },
): Omit<AbilityOutcome, "counted_other"> {
  const inA = labelsOf(records, { setting: a.name, grading });
  const inB = b ? labelsOf(records, { setting: b.name, grading }) : null;
  const ids = [...inA.keys()].filter((id) => inB?.has(id) ?? true);
  const right_a = ids.map((id) => inA.get(id)!);
  const right_b = inB && ids.map((id) => inB.get(id)!);
  const counts = (a: boolean, b: boolean) => a && (ability === "perception" ? !b : b);
  const counted = right_b ? right_a.map((right, i) => counts(right, right_b[i])) : right_a;
  return { model, ability, ids, counted, right_a, right_b };
}

/**
 * Sums up the experiments: M_vis, M_v2r and M_rea with exact intervals over samples.
 *
 * @param records Of these models, all experiments and settings.
 */
export function reportAbilities(
  records: readonly AbilityRecord[],
  {
    experimentType,
    sampleSize,
    sampleSeed,
    maxNewTokens,
    models,
    sources,
    notRun = {},
    grading = "sound",
  }: ReportAbilitiesOptions,
): AbilityReport {
  const groups = Map.groupBy(records, ({ model, dataset }) => JSON.stringify([model, dataset]));
  const scores: AbilityReport["scores"] = [];
  const outcomes: AbilityOutcome[] = [];
  const basis: Bases = {};
  const measured = EXPERIMENTS[experimentType].filter(({ ability }) => !(ability in notRun));
  for (const experiment of measured) {
    const own = models.map(({ name }) => groups.get(JSON.stringify([name, experiment.name])) ?? []);
    const by = (grading: Grading) =>
      models.map(({ name: model }, i) => outcomeOf(own[i], experiment, { model, grading }));
    const [found, others] = [by(grading), by(otherGrading(grading))];
    outcomes.push(...found.map((outcome, i) => {
      const { counted } = others[i];
      const differs = counted.some((value, at) => value !== outcome.counted[at]);
      return { ...outcome, counted_other: differs ? counted : null };
    }));
    // Samples are paired over models by id; a model that lacks one has no value there.
    const ids = [...new Set(found.flatMap((outcome) => outcome.ids))];
    basis[experiment.ability] = {
      benchmark: benchmarkOf(experiment),
      data: sources[experiment.dataset],
      n: ids.length,
      grader: graderText(own.flat(), grading),
      describer: namesOf(own.flat(), ({ description }) => description),
    };
    const columns = found.map((outcome) => {
      const values = new Map(outcome.ids.map((id, i) => [id, Number(outcome.counted[i])]));
      return ids.map((id) => values.get(id) ?? null);
    });
    const estimates = columns.map(shareEstimate);
    models.forEach(({ name }, i) => {
      const { n, mean: value, low, high } = estimates[i];
      scores.push({
        model: name,
        ability: experiment.ability,
        experiment: experiment.name,
        metric: ABILITY_METRICS[experiment.ability],
        n,
        value,
        low,
        high,
        accuracy_a: mean(found[i].right_a),
        accuracy_b: found[i].right_b && mean(found[i].right_b),
        other_value: mean(others[i].counted),
        timed_out: own[i].filter(({ timed_out }) => timed_out).length,
        undecided: countUndecided(own[i], grading),
      });
    });
  }
  return {
    experiment_type: experimentType,
    sample_size: sampleSize,
    sample_seed: sampleSeed,
    max_new_tokens: maxNewTokens,
    grading,
    disagreements: disagreements(records),
    basis,
    not_run: { ...notRun },
    models: [...models],
    scores,
    outcomes,
  };
}

/**
 * Abilities as a frame, a row for each model and ability: model, label, ability, metric,
 * experiment, n, value, low, high, accuracy_a, accuracy_b, other_value (by the other grading),
 * timed_out, undecided, basis, and where the model stands (`ModelStanding`).
 */
export function abilityFrame({ models, scores, basis }: AbilityReport): pl.DataFrame {
  const known = new Map(models.map((model) => [model.name, model]));
  const rows = scores.map((score) => {
    const { label, group, place, thirds } = known.get(score.model)!;
    return { ...score, label, group, place, thirds, basis: basisText(basis[score.ability]) };
  });
  return frameOf(rows, {
    model: "string",
    label: "string",
    ability: "string",
    metric: "string",
    experiment: "string",
    n: "int",
    value: "float",
    low: "float",
    high: "float",
    accuracy_a: "float",
    accuracy_b: "float",
    other_value: "float",
    timed_out: "int",
    undecided: "int",
    basis: "string",
    ...STANDING_COLUMNS,
  });
}

/** Options of {@linkcode abilityDifferenceFrame}. */
export interface AbilityDifferenceOptions {
  /** Label or name of the model that the others are compared with, e.g. "IN". */
  reference: string;
}

/**
 * Differences of all models to one, on the samples that both have, with paired intervals: label,
 * reference, ability, metric, n, diff, low, high, basis, and where the model stands (`ModelStanding`).
 *
 * @throws {Error} if the report does not have the reference.
 */
export function abilityDifferenceFrame(
  report: AbilityReport,
  { reference }: AbilityDifferenceOptions,
): pl.DataFrame {
  const others = report.models.filter(({ name, label }) => ![name, label].includes(reference));
  const measured = ABILITIES.filter((ability) => ability in report.basis);
  const rows = measured.flatMap((ability) =>
    others.map(({ name, label, group, place, thirds }) => {
      const pair = [name, reference] as const;
      const { n, mean, low, high } = abilityDifference(report, pair, { ability });
      const metric = ABILITY_METRICS[ability];
      const basis = basisText(report.basis[ability]);
      const about = { label, group, place, thirds, reference, ability, metric, basis };
      return { ...about, n, diff: mean, low, high };
    })
  );
  return frameOf(rows, {
    label: "string",
    reference: "string",
    ability: "string",
    metric: "string",
    n: "int",
    diff: "float",
    low: "float",
    high: "float",
    basis: "string",
    ...STANDING_COLUMNS,
  });
}
