/**
 * Transferability: abilities of the splices of IN and RL beside those two.
 *
 * @module
 */
import type pl from "nodejs-polars";
import type { Figure } from "../../figures/mod.ts";
import type { AbilityComparisonOptions } from "../abilities/ability_rows.ts";
import { abilityComparison } from "../abilities/comparison_figure.ts";

/**
 * The three abilities of models whose early, middle and late LLM layers come from IN or RL (paper,
 * "Transferability"). A model is a row: its name, its thirds in the donors' colours, and for each
 * ability its value with its interval, between lines at IN's and RL's.
 *
 * @param frame One row per model and ability with label ("IN", "RL", "IN:RL:RL" or any name), ability
 * ("perception", "alignment", "reasoning"), n, value, low, high (0 to 1) and, for order and thirds,
 * group, place, thirds: abilityFrame(report). Missing values are left out and named in a note.
 * @param options With `differences` against "IN", dots are filled where the interval excludes 0.
 * @throws {TypeError} if a column is missing or of a wrong type, or an ability is unknown.
 * @throws {RangeError} if the frame is empty, has two rows for one model and ability, or the width is
 * out of range.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import pl from "nodejs-polars";
 *
 * const values = { IN: 0.26, RL: 0.34, "IN:RL:RL": 0.33, "RL:IN:IN": 0.27 };
 * const frame = pl.DataFrame(Object.entries(values).map(([label, value]) => (
 *   { label, ability: "reasoning", n: 100, value, low: value - 0.09, high: value + 0.09 }
 * )));
 * assertStringIncludes(spliceFigure(frame).alt, "Reasoning: IN 26.0 %, RL 34.0 %, IN:RL:RL 33.0 %");
 * ```
 */
export function spliceFigure(
  frame: pl.DataFrame,
  options: AbilityComparisonOptions = {},
): Figure {
  return abilityComparison(frame, {
    figure: "the splice figure",
    title: "Transferability: abilities of splices of IN and RL",
    subtitle: "Thirds of the LLM layers from IN or RL, all else from the early third's model",
    reference: "IN",
    blockWords: (model) => `${model}'s layers`,
    gains: false,
    options,
  });
}
