/**
 * Claim 2: RL raises the attention of generated tokens to visual tokens, mostly in middle and late
 * layers.
 *
 * @module
 */
import {
  type Column,
  completeSamples,
  meanColumn,
  meanContrast,
  meanDifference,
} from "../../statistics/mod.ts";
import {
  attentionFrame,
  attentionHeadFrame,
  type AttentionReport,
  attentionReportSchema,
  attentionShiftFrame,
} from "./report.ts";
import type { Finding, JudgeContext, Missing } from "../finding.ts";
import { type Draft, judge, type Measured, type Question } from "../statement.ts";
import { term } from "../third_contrasts.ts";
import { attentionTable } from "./table.ts";
import { byThird, type Thirds } from "../../thirds.ts";

const COMMON = { claim: 2, of: "questions" } as const;

const RAISED: Question = {
  ...COMMON,
  id: "2.raised",
  text: "RL gives more attention to the image than IN in middle and late layers, same text",
  direction: "RL above IN",
  statistic: { name: "RL less IN, mean of middle and late layers", unit: "share" },
};

const MID_LATE: Question = {
  ...COMMON,
  id: "2.mid_late",
  text: "The rise is larger in middle and late layers than in early ones",
  direction: "middle and late above early",
  statistic: { name: "RL less IN, middle and late layers less early ones", unit: "share" },
};

/** Shifts of each question: means over the early layers, and over the middle and late ones. */
function shifts(
  attention: AttentionReport,
  withoutSamples: Missing,
): { rest: Column; thirds: Thirds<Column> } | Missing {
  // Under one fixed text only attention can differ; under its own text each model's words do too.
  const fixed = attention.outcomes?.find(({ text }) => text === "fixed");
  if (!fixed) return withoutSamples;
  const complete = completeSamples(fixed.shift);
  if (complete.length === 0 || complete[0].length === 0) {
    return { missing: "No question has IN's and RL's attention under the same text." };
  }
  const layers = complete.map((column, layer) => ({ layer, column }));
  const thirds = byThird(layers, ({ layer }) => layer, attention.num_layers);
  const mean = (...regions: (keyof typeof thirds)[]) =>
    meanColumn(regions.flatMap((region) => thirds[region]).map(({ column }) => column));
  if (thirds.early.length === 0) return { missing: "The model has too few layers for thirds." };
  return {
    rest: mean("middle", "late"),
    thirds: { early: mean("early"), middle: mean("middle"), late: mean("late") },
  };
}

function judgeShift(
  report: AttentionReport | Missing,
  { resampling, withoutSamples }: JudgeContext,
): Draft[] {
  const columns = "missing" in report ? report : shifts(report, withoutSamples);
  if ("missing" in columns) return [judge(RAISED, columns), judge(MID_LATE, columns)];
  const { rest, thirds } = columns;
  const terms = Object.entries(thirds).map(([region, column]) =>
    term(region, meanContrast(column, resampling))
  );
  const measure = (base: Column): Measured => ({
    ...meanDifference(rest, base, resampling),
    n: rest.length,
    terms,
  });
  return [
    judge(RAISED, measure(rest.map(() => 0))),
    judge(MID_LATE, measure(thirds.early)),
  ];
}

/** RL's attention to the image beside IN's. */
export const ATTENTION: Finding<AttentionReport> = {
  notebook: "02",
  table: "attention_shift.json",
  claim: 2,
  schema: attentionReportSchema,
  judge: judgeShift,
  summary: attentionTable,
  frames: (report) => ({
    attention_shift: attentionShiftFrame(report),
    attention_shift_models: attentionFrame(report),
    attention_shift_heads: attentionHeadFrame(report),
  }),
};
