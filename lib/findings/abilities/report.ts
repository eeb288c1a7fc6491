/**
 * What the transferability experiments found: three abilities of several models on the same samples.
 *
 * @module
 */
import { z } from "zod";
import { ABILITIES, ABILITY_METRICS } from "../../abilities.ts";
import { type Bases, basesSchema } from "../../basis.ts";
import {
  countUndecided,
  disagreements,
  disagreementSchema,
  graderText,
  type Grading,
  GRADINGS,
  otherGrading,
} from "../../benchmarks/grading/mod.ts";
import { shareEstimate } from "../../statistics/mod.ts";
import {
  benchmarkOf,
  type Experiment,
  EXPERIMENTS,
  type ExperimentType,
} from "./experiment_types.ts";
import { standingShape } from "./model_standing.ts";
import type { AbilityRecord } from "./records.ts";
import { labelsOf } from "./summary.ts";

const share = z.number().nullable();

const modelSchema = z.strictObject({
  /** Name in records and paths: a reference or a merge expression. */
  name: z.string(),
  /** Short name: Base, IN, RL, IN:RL:RL, "IN, late: 25 % RL", frozen mid, or the name. */
  label: z.string(),
  kind: z.string(),
  ...standingShape,
});

const scoreSchema = z.strictObject({
  model: z.string(),
  ability: z.enum(ABILITIES),
  /** The original's name of the experiment, e.g. "perception_general_vqa". */
  experiment: z.string(),
  metric: z.enum(["M_vis", "M_v2r", "M_rea"]),
  n: z.int(),
  /** The measure, 0 to 1, and its interval over samples. */
  value: share,
  low: share,
  high: share,
  /** Accuracy in setting A, and in B where there is one. */
  accuracy_a: share,
  accuracy_b: share,
  /** The measure by the other grading. */
  other_value: share,
  /** Answers cut off at the deadline, and maths comparisons that were not decided. */
  timed_out: z.int(),
  undecided: z.int(),
});

const outcomeSchema = z.strictObject({
  model: z.string(),
  ability: z.enum(ABILITIES),
  ids: z.array(z.string()),
  /** Whether each sample counts for the measure; the measure is their mean. */
  counted: z.array(z.boolean()),
  /** The same by the other grading; null where no sample differs. */
  counted_other: z.array(z.boolean()).nullable(),
  /** Whether each was right in setting A and, where there is one, in B. */
  right_a: z.array(z.boolean()),
  right_b: z.array(z.boolean()).nullable(),
});

/** Abilities of several models. */
export const abilityReportSchema = z.object({
  experiment_type: z.enum(["v1", "v2"]),
  sample_size: z.int(),
  sample_seed: z.int(),
  max_new_tokens: z.int(),
  /** The grading of all values but those that are said to be by the other. */
  grading: z.enum(GRADINGS),
  /** Answers on which the gradings disagree, by the rules that decided. */
  disagreements: z.array(disagreementSchema),
  /** What each ability's values rest on. */
  basis: basesSchema,
  /** Abilities that were not measured, and why. */
  not_run: z.record(z.string(), z.string()),
  models: z.array(modelSchema),
  scores: z.array(scoreSchema),
  outcomes: z.array(outcomeSchema),
});

/** Abilities of several models. */
export type AbilityReport = z.infer<typeof abilityReportSchema>;
/** One model's samples. */
type AbilityOutcome = AbilityReport["outcomes"][number];

/** The report with the values of its other grading in place of its own. */
export function byOtherGrading(report: AbilityReport): AbilityReport {
  return {
    ...report,
    grading: otherGrading(report.grading),
    outcomes: report.outcomes.map(({ counted, counted_other, ...outcome }) => ({
      ...outcome,
      counted: counted_other ?? counted,
      counted_other: counted_other && counted,
    })),
  };
}

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
