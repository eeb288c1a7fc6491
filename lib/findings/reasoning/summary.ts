/**
 * One ablation's answers as the original sums them up.
 *
 * @module
 */
import { type Grading, isRight } from "../../benchmarks/grading/mod.ts";
import { type AblatedLayer, ablationName, type ReasoningRecord } from "./records.ts";

/** The original's summary.json of one experiment. */
interface AblationSummary {
  experiment: string;
  /** -1 for the baseline. */
  ablated_layer: number;
  /** Rounded to 4 digits. */
  accuracy: number;
  correct: number;
  total: number;
  /** The same by the sound rules, and answers on which the two gradings differ. */
  accuracy_sound: number;
  correct_sound: number;
  gradings_differ: number;
}

/** One experiment as the original sums it up, by its rules, and by the sound rules. */
export function ablationSummary(
  records: readonly ReasoningRecord[],
  ablated: AblatedLayer,
): AblationSummary {
  const name = ablationName(ablated);
  const own = records.filter((record) => ablationName(record) === name);
  const count = (grading: Grading) => own.filter((record) => isRight(record, grading)).length;
  const share = (count: number) =>
    own.length === 0 ? 0 : Math.round(count / own.length * 1e4) / 1e4;
  const [correct, correct_sound] = [count("original"), count("sound")];
  return {
    experiment: name,
    ablated_layer: ablated.ablated_layer,
    accuracy: share(correct),
    correct,
    total: own.length,
    accuracy_sound: share(correct_sound),
    correct_sound,
    gradings_differ: own.filter((record) => record.correct !== record.correct_sound).length,
  };
}
