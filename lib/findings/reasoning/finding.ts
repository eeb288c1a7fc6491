/**
 * Claim 3 on reasoning: it lives in late layers.
 *
 * @module
 */
import { z } from "zod";
import { readGrading } from "../../benchmarks/grading/mod.ts";
import { MATHS_DATASETS, type MathsDataset, NotRunError } from "../../benchmarks/mod.ts";
import { listText } from "../../list_text.ts";
import { percentText, signedText } from "../../number_format.ts";
import { reasoningByLevelFrame, reasoningLocalizationFrame } from "./frames.ts";
import { type Ablation, ABLATIONS } from "./records.ts";
import {
  fatalLayers,
  reasoningByOtherGrading,
  type ReasoningReport,
  reasoningReportSchema,
  type ReasoningSweep,
} from "./report.ts";
import { fromMarks } from "../sample_marks.ts";
import {
  type Column,
  completeSamples,
  less,
  mean,
  meanColumn,
  meanContrast,
  meanDifference,
} from "../../statistics/mod.ts";
import { byThird, type Third, THIRDS } from "../../thirds.ts";
import { PartRecorded } from "../../shard.ts";
import type { Finding, JudgeContext } from "../finding.ts";
import {
  type FindingOptions,
  type FindingStudy,
  newTokens,
  type RecipeRole,
} from "../finding_study.ts";
import { judge, type Measured, type Question } from "../statement.ts";
import { exceeds } from "../third_contrasts.ts";
import { TOKENS } from "../workload.ts";
import { REASONING_EXPERIMENT } from "./experiment.ts";
import { reasoningTable } from "./table.ts";

type Outcomes = NonNullable<ReasoningReport["outcomes"]>;

/** An ablation of one kind is a statement of its own: where two disagree, the claim is mixed. */
function question(dataset: string, way: Ablation = "zero"): Question {
  const isMean = way === "mean";
  const ablated = isMean ? "a late layer with its mean in its place" : "a left-out late layer";
  return {
    id: `3.reasoning.${dataset}${isMean ? ".mean" : ""}`,
    claim: 3,
    text: `Reasoning (${dataset}) lives in late layers${isMean ? ", by mean ablation" : ""}`,
    direction: "late above both other thirds",
    statistic: {
      name: `accuracy lost to ${ablated}, less the answers of any kind that are lost, less the ` +
        "larger such loss of the other thirds",
      unit: "share",
    },
    of: "problems",
  };
}

/** Fewer of the whole model's right answers than this part are almost none. */
const ALMOST_NONE = 0.1;

/** An ablated layer: what it costs in right answers and in answers at all, problem by problem. */
interface Loss {
  layer: number;
  right: Column;
  answers: Column;
  /** Share that is still right. */
  accuracy: number;
  fatal: boolean;
}

interface Losses {
  /** Share of problems that the whole model solves. */
  whole: number;
  all: Loss[];
}

function lossesOf(sweep: ReasoningSweep, outcomes: Outcomes, layers: readonly number[]): Losses {
  const { correct, formed = [] } = outcomes;
  const columns = completeSamples([...correct, ...formed].map(fromMarks));
  const [baseline, ...ablated] = columns.slice(0, correct.length);
  const [answered, ...answers] = columns.slice(correct.length);
  const fatal = new Set(fatalLayers(sweep));
  const all = ablated.map((column, i) => ({
    layer: layers[i],
    right: less(baseline, column),
    answers: less(answered, answers[i]),
    accuracy: mean(column),
    fatal: fatal.has(layers[i]),
  }));
  return { whole: mean(baseline), all };
}

const named = (layers: readonly number[]) => listText(layers.map(String));

/** In which of the two ways layers are fatal. */
function fatalText(zero: readonly number[], mean: readonly number[]): string {
  const texts: [readonly number[], string][] = [
    [zero.filter((layer) => mean.includes(layer)), "is fatal either way"],
    [zero.filter((layer) => !mean.includes(layer)), "is fatal left out, and not with its mean"],
    [mean.filter((layer) => !zero.includes(layer)), "is fatal with its mean, and not left out"],
  ];
  return texts.filter(([layers]) => layers.length > 0)
    .map(([layers, text]) => `layer ${named(layers)} ${text}`).join("; ");
}

function noteOf({ whole, all }: Losses, way: Ablation, numLayers: number): string {
  const without = way === "zero" ? "without" : "with the mean of";
  const layersOf = (losses: readonly Loss[]) => named(losses.map(({ layer }) => layer));
  const fatal = all.filter((loss) => loss.fatal);
  const wrong = all.filter((loss) => !loss.fatal && loss.accuracy < ALMOST_NONE * whole);
  const thirds = byThird(all, ({ layer }) => layer, numLayers);
  const raw = THIRDS.map((region) =>
    `${region} ${signedText(100 * mean(thirds[region].map(({ right }) => mean(right))), 1)}`
  );
  return [
    `Whole, the model solves ${percentText(whole, 0)}`,
    fatal.length === 0 ? "" : `${without} layer ${layersOf(fatal)} hardly any answer comes, so ` +
      "that it does not count",
    wrong.length === 0
      ? ""
      : `${without} layer ${layersOf(wrong)} answers come, but almost none is right`,
    `accuracy lost in all, every layer counted: ${raw.join(", ")} points`,
  ].filter(Boolean).join("; ");
}

/**
 * What ablating a layer costs, mean over each third's layers, problem by problem. From the right
 * answers that are lost those are subtracted that are lost because no answer comes at all: what is
 * left are answers that have become wrong. Layers without which nothing comes say nothing of reasoning
 * and are left out.
 */
function measure(
  report: ReasoningReport,
  way: Ablation,
  { withoutSamples }: JudgeContext,
): Measured {
  const { num_layers: numLayers, layers } = report;
  const sweep = way === "zero" ? report : report.mean!;
  if (!sweep.outcomes?.formed) return withoutSamples;
  const losses = lossesOf(sweep, sweep.outcomes, layers);
  const thirds = byThird(losses.all.filter(({ fatal }) => !fatal), ({ layer }) => layer, numLayers);
  const counts = THIRDS.map((region) => thirds[region].length);
  if (counts.includes(0)) {
    return {
      missing: `Of the thirds ${counts.join(", ")} layers were ablated that are not fatal: each ` +
        "needs one.",
    };
  }
  const costs = (region: Third) =>
    meanColumn(thirds[region].map(({ right, answers }) => less(right, answers)));
  const measured = exceeds(
    { early: costs("early"), middle: costs("middle"), late: costs("late") },
    {
      claimed: "late",
      difference: meanDifference,
      value: meanContrast,
    },
  );
  const both = way === "mean" ? fatalText(fatalLayers(report), fatalLayers(sweep)) : "";
  const note = [noteOf(losses, way, numLayers), both].filter(Boolean).join("; ");
  return { ...measured, note };
}

type ReasoningOptions = z.input<typeof REASONING_EXPERIMENT.options>;

/** What may be asked for. */
interface ReasoningFindingOptions
  extends FindingOptions, Omit<ReasoningOptions, "dataset" | "grading" | "ablation"> {
  /** Which of the recipe's models; default "base". */
  model?: RecipeRole;
  /** Default all that the data have. */
  datasets?: readonly MathsDataset[];
  /** The grading of answers that counts: "sound" (default) or "original". */
  grading?: string;
  /** "zero" (default), or "both": a second sweep with means, which takes as long again. */
  ablation?: string;
}

async function findReasoning(
  study: FindingStudy,
  { model: role = "base", maxNewTokens, datasets, grading, ablation, signal, ...options }:
    ReasoningFindingOptions,
): Promise<ReasoningReport[]> {
  const model = await study.find(role, signal);
  const reports: ReasoningReport[] = [];
  const missing: NotRunError[] = [];
  const common = {
    ...options,
    maxNewTokens: await newTokens(maxNewTokens, model),
    grading: grading === undefined ? undefined : readGrading(grading),
    // What it may be is checked with the other options.
    ablation: ablation as ReasoningOptions["ablation"],
  };
  for (const dataset of datasets ?? MATHS_DATASETS) {
    try {
      reports.push(
        await study.run(REASONING_EXPERIMENT, {
          models: { model },
          options: { ...common, dataset },
          signal,
        }),
      );
    } catch (error) {
      const leftOut = error instanceof NotRunError && !datasets;
      if (!leftOut && !(error instanceof PartRecorded)) throw error;
      missing.push(error);
    }
  }
  if (reports.length === 0) throw missing[0];
  return reports;
}

/** Where reasoning lives; one report a dataset. */
export const REASONING: Finding<ReasoningReport[], ReasoningFindingOptions> = {
  notebook: "04",
  records: REASONING_EXPERIMENT.name,
  workload: {
    models: 1,
    seconds: ({ sampleSize: n = 100, layers }, speed) =>
      MATHS_DATASETS.length * n * (layers + 1) * (TOKENS.text + TOKENS.response) / speed.tokens,
  },
  find: findReasoning,
  byOtherGrading: (reports) => reports.map(reasoningByOtherGrading),
  table: "reasoning_localization.json",
  claim: 3,
  schema: z.array(reasoningReportSchema),
  judge: (reports, context) =>
    "missing" in reports
      ? MATHS_DATASETS.map((dataset) => judge(question(dataset), reports))
      : reports.flatMap((report) =>
        (report.mean ? ABLATIONS : ["zero"] as const).map((way) =>
          judge(question(report.dataset, way), measure(report, way, context))
        )
      ),
  summary: reasoningTable,
  frames: (reports) => ({
    reasoning_localization: reasoningLocalizationFrame(reports),
    ...reports.some(({ levels }) => levels.length > 0)
      ? { reasoning_localization_levels: reasoningByLevelFrame(reports) }
      : {},
  }),
};
