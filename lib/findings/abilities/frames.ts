/**
 * An ability report as frames.
 *
 * @module
 */
import type pl from "nodejs-polars";
import { ABILITIES, ABILITY_METRICS } from "../../abilities.ts";
import { basisText } from "../../basis.ts";
import { frameOf } from "../../frame.ts";
import { listText } from "../../list_text.ts";
import { differenceEstimate, less } from "../../statistics/mod.ts";
import { STANDING_COLUMNS } from "./model_standing.ts";
import type { AbilityReport } from "./report.ts";
import { abilityColumns } from "./samples.ts";

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

/** Options of {@linkcode abilityDifferenceFrame}. */
export interface AbilityDifferenceOptions {
  /** Label or name of the model that the others are compared with, e.g. "IN". */
  reference: string;
}

/**
 * Differences of all models to one, on the samples that both have, with paired score intervals:
 * label, reference, ability, metric, n, diff, low, high, basis, and where the model stands
 * (`ModelStanding`).
 *
 * @throws {Error} if the report does not have the reference.
 */
export function abilityDifferenceFrame(
  report: AbilityReport,
  { reference }: AbilityDifferenceOptions,
): pl.DataFrame {
  const others = report.models.filter(({ name, label }) => ![name, label].includes(reference));
  if (others.length === report.models.length) {
    const known = listText(report.models.map(({ label }) => label)) || "no models";
    throw new Error(`Cannot compare with ${JSON.stringify(reference)}: the report has ${known}`);
  }
  const measured = ABILITIES.filter((ability) => ability in report.basis);
  const rows = measured.flatMap((ability) =>
    others.map(({ name, label, group, place, thirds }) => {
      const found = abilityColumns(report, ability, [name, reference]);
      const { n, mean: diff, low, high } = differenceEstimate(
        "missing" in found ? [] : less(found.columns[name], found.columns[reference]),
      );
      const metric = ABILITY_METRICS[ability];
      const basis = basisText(report.basis[ability]);
      const about = { label, group, place, thirds, reference, ability, metric, basis };
      return { ...about, n, diff, low, high };
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

/**
 * How many samples each model answers right under both settings, A alone, B alone or neither, a row
 * for each model and ability that has two settings: label, ability, n_TT, n_TF, n_FT, n_FF, basis,
 * and where the model stands (`ModelStanding`).
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { roleStanding } from "./model_standing.ts";
 *
 * const frame = abilityTransitionFrame({
 *   models: [{ name: "org/rl", label: "RL", kind: "reasoner", ...roleStanding("rl") }],
 *   outcomes: [{
 *     ...{ model: "org/rl", ability: "perception", ids: ["1", "2", "3"] },
 *     counted: [false, true, false],
 *     right_a: [true, true, false],
 *     right_b: [true, false, true],
 *   }],
 *   basis: {
 *     perception: { benchmark: "MathVista", data: "hub", n: 3, grader: "rules", describer: null },
 *   },
 * });
 * const [{ basis, thirds, group, place, ...row }] = frame.toRecords();
 * assertEquals(row, { label: "RL", ability: "perception", n_TT: 1, n_TF: 1, n_FT: 1, n_FF: 0 });
 * assertEquals([thirds, group, place], ["RL, RL, RL", "triple", 2]);
 * assertEquals(basis, "MathVista as published, n = 3, graded by rules");
 * ```
 */
export function abilityTransitionFrame(
  { models, outcomes, basis }: Pick<AbilityReport, "models" | "outcomes" | "basis">,
): pl.DataFrame {
  const known = new Map(models.map((model) => [model.name, model]));
  const rows = outcomes.flatMap(({ model, ability, right_a, right_b }) => {
    if (right_b === null) return [];
    const { label, group, place, thirds } = known.get(model)!;
    const count = (inA: boolean, inB: boolean) =>
      right_a.filter((right, i) => right === inA && right_b[i] === inB).length;
    return [{
      ...{ label, ability, group, place, thirds },
      ...{ n_TT: count(true, true), n_TF: count(true, false) },
      ...{ n_FT: count(false, true), n_FF: count(false, false) },
      basis: basisText(basis[ability]),
    }];
  });
  return frameOf(rows, {
    ...{ label: "string", ability: "string" },
    ...{ n_TT: "int", n_TF: "int", n_FT: "int", n_FF: "int" },
    basis: "string",
    ...STANDING_COLUMNS,
  });
}

/** Scores of the models, their differences to IN, and transitions, by the names of their files. */
export function abilityFrames(name: string, report: AbilityReport): Record<string, pl.DataFrame> {
  const reference = "IN";
  const hasReference = report.models.some(({ label }) => label === reference);
  return {
    [name]: abilityFrame(report),
    ...hasReference
      ? { [`${name}_differences`]: abilityDifferenceFrame(report, { reference }) }
      : {},
    [`${name}_transitions`]: abilityTransitionFrame(report),
  };
}
