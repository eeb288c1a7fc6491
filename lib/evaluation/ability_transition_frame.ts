/**
 * Outcomes of an ability report under settings A and B as a frame.
 *
 * @module
 */
import type pl from "nodejs-polars";
import { basisText } from "../basis.ts";
import { frameOf } from "../frame.ts";
import type { AbilityReport } from "./ability_report.ts";
import { STANDING_COLUMNS } from "./model_standing.ts";

/**
 * How many samples each model answers right under both settings, A alone, B alone or neither, a row
 * for each model and ability that has two settings: label, ability, n_TT, n_TF, n_FT, n_FF, basis,
 * and where the model stands (`ModelStanding`).
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
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
