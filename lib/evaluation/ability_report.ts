/**
 * What the transferability experiments found: three abilities of several models on the same samples.
 *
 * @module
 */
import { ABILITIES } from "../abilities.ts";
import { z } from "zod";
import { basesSchema } from "../basis.ts";
import { disagreementSchema, GRADINGS, otherGrading } from "../benchmarks/grading/mod.ts";
import { standingShape } from "./model_standing.ts";

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
export type AbilityOutcome = AbilityReport["outcomes"][number];

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
