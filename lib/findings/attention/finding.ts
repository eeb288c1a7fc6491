/**
 * Claim 2: RL raises the attention of generated tokens to visual tokens, mostly in middle and late
 * layers.
 *
 * @module
 */
import type { z } from "zod";
import {
  type Column,
  completeSamples,
  meanColumn,
  meanContrast,
  meanDifference,
  smallestOf,
} from "../../statistics/mod.ts";
import {
  attentionFrame,
  attentionHeadFrame,
  type AttentionReport,
  attentionReportSchema,
  attentionShiftFrame,
} from "./report.ts";
import type { Finding, JudgeContext, Missing } from "../finding.ts";
import { type FindingOptions, findTriple, newTokens } from "../finding_study.ts";
import { type Draft, judge, type Measured, type Question } from "../statement.ts";
import { term } from "../third_contrasts.ts";
import { TOKENS as MEAN_TOKENS } from "../workload.ts";
import { ATTENTION_EXPERIMENT } from "./experiment.ts";
import { attentionTable } from "./table.ts";
import { byThird, type Thirds } from "../../thirds.ts";

type Outcome = NonNullable<AttentionReport["outcomes"]>[number];
type Span = Outcome["span"];

const TOKENS: Readonly<Record<Span, string>> = {
  generated: "generated tokens give",
  think: "tokens that think give",
};

/** The two statements on the attention of some tokens. */
function questionsOf(span: Span): [Question, Question] {
  const ending = span === "generated" ? "" : `.${span}`;
  const common = { claim: 2, of: "questions" } as const;
  return [{
    ...common,
    id: `2.raised${ending}`,
    text: `RL's ${TOKENS[span]} more attention to the image than IN's in middle and late layers, ` +
      "same text, whichever of the two wrote it",
    direction: "RL above IN",
    statistic: {
      name: "RL less IN, mean of middle and late layers, the smaller of both texts",
      unit: "share",
    },
  }, {
    ...common,
    id: `2.mid_late${ending}`,
    text: `The rise of what ${TOKENS[span]} is larger in middle and late layers than in early ones`,
    direction: "middle and late above early",
    statistic: {
      name: "RL less IN, middle and late layers less early ones, the smaller of both texts",
      unit: "share",
    },
  }];
}

/** Shifts of each question under one text: means of each third, and of the middle and late layers. */
interface TextShifts {
  writer: string;
  rest: Column;
  thirds: Thirds<Column>;
}

function shiftsOf({ shift }: Outcome, writer: string, numLayers: number): TextShifts | null {
  const complete = completeSamples(shift);
  const layers = complete.map((column, layer) => ({ layer, column }));
  const thirds = byThird(layers, ({ layer }) => layer, numLayers);
  if (complete[0].length === 0 || thirds.early.length === 0) return null;
  const mean = (...regions: (keyof typeof thirds)[]) =>
    meanColumn(regions.flatMap((region) => thirds[region]).map(({ column }) => column));
  return {
    writer,
    rest: mean("middle", "late"),
    thirds: { early: mean("early"), middle: mean("middle"), late: mean("late") },
  };
}

/** What the attention of some tokens did under each fixed text; its own text may differ for others. */
function underFixedTexts(report: AttentionReport, span: Span): TextShifts[] {
  const writers = { fixed: report.fixed_text, second: report.second_text };
  return (["fixed", "second"] as const).flatMap((text) => {
    const own = report.outcomes!.find((outcome) => outcome.text === text && outcome.span === span);
    const found = own && shiftsOf(own, `${writers[text]}'s text`, report.num_layers);
    return found ?? [];
  });
}

function judgeSpan(
  report: AttentionReport | Missing,
  span: Span,
  { withoutSamples }: JudgeContext,
): Draft[] {
  const [raised, midLate] = questionsOf(span);
  const both = (measured: Measured) => [judge(raised, measured), judge(midLate, measured)];
  if ("missing" in report) return both(report);
  if (!report.outcomes) return both(withoutSamples);
  const texts = underFixedTexts(report, span);
  if (texts.length === 0) {
    // Models that do not think have nothing to say of it.
    return span === "think" ? [] : both({
      missing: "No question has IN's and RL's attention under the same text in three thirds.",
    });
  }
  const terms = texts.flatMap(({ writer, thirds }) =>
    Object.entries(thirds).map(([region, column]) =>
      term(`${region} under ${writer}`, meanContrast(column))
    )
  );
  const measure = (base: (text: TextShifts) => Column): Measured => ({
    ...smallestOf(texts.map((text) => meanDifference(text.rest, base(text)))),
    n: Math.min(...texts.map(({ rest }) => rest.length)),
    terms,
  });
  return [
    judge(raised, measure(({ rest }) => rest.map(() => 0))),
    judge(midLate, measure(({ thirds }) => thirds.early)),
  ];
}

/** RL's attention to the image beside IN's. */
export const ATTENTION: Finding<
  AttentionReport,
  FindingOptions & z.input<typeof ATTENTION_EXPERIMENT.options>
> = {
  notebook: "02",
  records: ATTENTION_EXPERIMENT.name,
  workload: {
    models: 1,
    // Each model writes, and reads its own text and the fixed one.
    seconds: ({ sampleSize: n = 50 }, speed) =>
      3 * n * 3 * (MEAN_TOKENS.image + MEAN_TOKENS.response) / speed.tokens,
  },
  find: async (study, { maxNewTokens, signal, ...options }) => {
    const { base: Base, sft: IN, rl: RL } = await findTriple(study, signal);
    return await study.run(ATTENTION_EXPERIMENT, {
      models: { Base, IN, RL },
      options: { ...options, maxNewTokens: await newTokens(maxNewTokens, Base) },
      signal,
    });
  },
  table: "attention_shift.json",
  claim: 2,
  schema: attentionReportSchema,
  judge: (report, context) => [
    ...judgeSpan(report, "generated", context),
    ...judgeSpan(report, "think", context),
  ],
  summary: attentionTable,
  frames: (report) => ({
    attention_shift: attentionShiftFrame(report),
    attention_shift_models: attentionFrame(report),
    attention_shift_heads: attentionHeadFrame(report),
  }),
};
