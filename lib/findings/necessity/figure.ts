/**
 * Necessity: abilities after RL with a block of layers frozen, beside those of IN and RL.
 *
 * @module
 */
import type pl from "nodejs-polars";
import type { Figure } from "../../figures/mod.ts";
import type { AbilityComparisonOptions } from "../abilities/ability_rows.ts";
import { abilityComparison } from "../abilities/comparison_figure.ts";

/**
 * The three abilities of IN, RL, and RL with the early, middle or late LLM layers frozen (paper,
 * "Necessity"), and how much of RL's gain over IN each frozen model keeps: (value - IN) / (RL - IN),
 * where RL gains at all.
 *
 * @param frame One row per model and ability with label ("IN", "RL", "frozen early", "frozen mid",
 * "frozen late"), ability ("perception", "alignment", "reasoning"), n, value, low, high (0 to 1) and,
 * for order and thirds, group, place, thirds: abilityFrame(report). Missing values are left out and
 * named in a note.
 * @param options With `differences` against "RL", dots are filled where the interval excludes 0, and
 * shares of a gain that is not certain stand in parentheses.
 * @throws {TypeError} if a column is missing or of a wrong type, or an ability is unknown.
 * @throws {RangeError} if the frame is empty, has two rows for one model and ability, or the width is
 * out of range.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import pl from "nodejs-polars";
 *
 * const values = { IN: 0.26, RL: 0.34, "frozen early": 0.32, "frozen late": 0.26 };
 * const frame = pl.DataFrame(Object.entries(values).map(([label, value]) => (
 *   { label, ability: "reasoning", n: 100, value, low: value - 0.09, high: value + 0.09 }
 * )));
 * assertStringIncludes(necessityFigure(frame).alt, "frozen early 32.0 % (keeps 75 % of RL's gain)");
 * ```
 */
export function necessityFigure(
  frame: pl.DataFrame,
  options: AbilityComparisonOptions = {},
): Figure {
  return abilityComparison(frame, {
    figure: "the necessity figure",
    title: "Necessity: abilities after RL with a block frozen",
    subtitle: "A frozen third of the LLM layers keeps IN's weights while RL trains the rest",
    reference: "RL",
    blockWords: (model, frozen) =>
      frozen ? "frozen" : model === "RL" ? "trained by RL" : `${model}'s layers`,
    gains: true,
    options,
  });
}
