/**
 * Every figure of made-up abilities.
 *
 * @module
 */
import { spliceDifferenceFigure } from "../splices/difference_figure.ts";
import { abilityFigure } from "../abilities/figure.ts";
import { necessityFigure } from "../necessity/figure.ts";
import type { AbilityFigureOptions } from "../abilities/ability_rows.ts";
import { spliceFigure } from "../splices/figure.ts";
import { transitionFigure } from "../abilities/transition_figure.ts";
import type { Figure } from "../../figures/mod.ts";
import { type AbilityShape, sampleAbilities } from "./sample_abilities.ts";

/** All figures by name; those of a model that the shape lacks are left out. */
export function abilityFigures(
  shape: AbilityShape,
  options: AbilityFigureOptions = {},
): Record<string, Figure> {
  const { values, against, transitions } = sampleAbilities(shape);
  const has = (...names: string[]) => names.every((name) => Object.hasOwn(shape.models, name));
  return {
    ...(has("Base")
      ? {
        ability: abilityFigure(values, {
          ...options,
          differences: [against("Base"), ...(has("IN") ? [against("IN")] : [])],
        }),
      }
      : {}),
    ...(has("IN")
      ? {
        splice: spliceFigure(values, { ...options, differences: against("IN") }),
        splice_difference: spliceDifferenceFigure(against("IN"), options),
      }
      : {}),
    ...(has("RL")
      ? { necessity: necessityFigure(values, { ...options, differences: against("RL") }) }
      : {}),
    transition: transitionFigure(transitions, options),
  };
}
