/**
 * Claim 3 on reasoning: it lives in late layers.
 *
 * @module
 */
import { z } from "zod";
import { MATHS_DATASETS } from "../../benchmarks/mod.ts";
import { listText } from "../../list_text.ts";
import { percentText } from "../../number_format.ts";
import {
  reasoningByLevelFrame,
  reasoningLocalizationFrame,
  type ReasoningReport,
  reasoningReportSchema,
} from "./report.ts";
import { fromMarks } from "../sample_marks.ts";
import {
  completeSamples,
  less,
  meanColumn,
  meanContrast,
  meanDifference,
} from "../../statistics/mod.ts";
import { byThird, type Third, THIRDS } from "../../thirds.ts";
import type { Finding, JudgeContext } from "../finding.ts";
import { judge, type Measured, type Question } from "../statement.ts";
import { exceeds } from "../third_contrasts.ts";
import { reasoningTable } from "./table.ts";

function question(dataset: string): Question {
  return {
    id: `3.reasoning.${dataset}`,
    claim: 3,
    text: `Reasoning (${dataset}) lives in late layers`,
    direction: "late above both other thirds",
    statistic: {
      name: "accuracy lost to a left-out late layer less the larger loss of the other thirds",
      unit: "share",
    },
    of: "problems",
  };
}

/** What leaving out a layer costs, mean over each third's layers, problem by problem. */
function measure(
  report: ReasoningReport,
  { resampling, withoutSamples }: JudgeContext,
): Measured {
  if (!report.outcomes) return withoutSamples;
  const [baseline, ...ablated] = completeSamples(report.outcomes.correct.map(fromMarks));
  const losses = ablated.map((column, i) => ({
    layer: report.layers[i],
    column: less(baseline, column),
  }));
  const thirds = byThird(losses, ({ layer }) => layer, report.num_layers);
  const counts = THIRDS.map((region) => thirds[region].length);
  if (counts.includes(0)) {
    return { missing: `Of the thirds ${counts.join(", ")} layers were left out: each needs one.` };
  }
  const mean = (region: Third) => meanColumn(thirds[region].map(({ column }) => column));
  const measured = exceeds(
    { early: mean("early"), middle: mean("middle"), late: mean("late") },
    {
      claimed: "late",
      difference: (a, b) => meanDifference(a, b, resampling),
      value: (column) => meanContrast(column, resampling),
    },
  );
  const solved = baseline.reduce((sum, value) => sum + value, 0) / baseline.length;
  const fatal = ablated.flatMap((column, i) => column.every((value) => value === 0) ? i : [])
    .map((i) => report.layers[i]);
  const broken = fatal.length === 0
    ? ""
    : `; without layer ${listText(fatal)} it solves none, which may be damage to all it does`;
  return { ...measured, note: `Whole, the model solves ${percentText(solved, 0)}${broken}` };
}

/** Where reasoning lives; one report a dataset. */
export const REASONING: Finding<ReasoningReport[]> = {
  notebook: "04",
  table: "reasoning_localization.json",
  claim: 3,
  schema: z.array(reasoningReportSchema),
  judge: (reports, context) =>
    "missing" in reports
      ? MATHS_DATASETS.map((dataset) => judge(question(dataset), reports))
      : reports.map((report) => judge(question(report.dataset), measure(report, context))),
  summary: reasoningTable,
  frames: (reports) => ({
    reasoning_localization: reasoningLocalizationFrame(reports),
    ...reports.some(({ levels }) => levels.length > 0)
      ? { reasoning_localization_levels: reasoningByLevelFrame(reports) }
      : {},
  }),
};
