/**
 * An ability report as frames.
 *
 * @module
 */
import type pl from "nodejs-polars";
import {
  abilityDifferenceFrame,
  abilityFrame,
  type AbilityReport,
  abilityTransitionFrame,
} from "../../evaluation/mod.ts";

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
