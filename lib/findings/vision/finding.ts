/**
 * Claim 3 on vision: recognition lives in early layers, OCR, counting and grounding in middle layers.
 *
 * @module
 */
import type { z } from "zod";
import { listText } from "../../list_text.ts";
import { percentText } from "../../number_format.ts";
import { visionLogitFrame } from "./logit_report.ts";
import { visionLocalizationFrame, type VisionReport, visionReportSchema } from "./report.ts";
import { fromMarks } from "../sample_marks.ts";
import {
  type Column,
  completeSamples,
  CONFIDENCE,
  exactMedian,
  exactShare,
  shareDifference,
} from "../../statistics/mod.ts";
import type { Finding, JudgeContext, Missing } from "../finding.ts";
import type { FindingOptions, RecipeRole } from "../finding_study.ts";
import { TOKENS } from "../workload.ts";
import { VISION_EXPERIMENT } from "./experiment.ts";
import { judge, type Measured, type Question } from "../statement.ts";
import { exceeds } from "../third_contrasts.ts";
import { visionTable } from "./table.ts";
import { type Third, thirdOf, THIRDS } from "../../thirds.ts";

/** Where the paper finds each vision ability, in its order. */
const VISION_THIRDS: Readonly<Record<string, Third>> = {
  recognition: "early",
  ocr: "middle",
  counting: "middle",
  grounding: "middle",
};

const TASK_NAMES: Readonly<Record<string, string>> = { ocr: "OCR" };

function question(task: string, claimed: Third): Question {
  const name = TASK_NAMES[task] ?? task.charAt(0).toUpperCase() + task.slice(1);
  return {
    id: `3.${task}`,
    claim: 3,
    text: `${name} is read out at ${claimed} layers`,
    direction: `${claimed} above both other thirds`,
    statistic: {
      name: `share of pairs read out in the ${claimed} third less the larger share of the others`,
      unit: "share",
    },
    of: "image pairs",
  };
}

/** The last layer from which a swap changes the answer, of each pair whose answer one changes. */
function readOuts(
  { layers, num_layers: numLayers, ...report }: VisionReport,
  { task, withoutSamples }: { task: string; withoutSamples: Missing },
): number[] | Missing {
  if (!report.tasks.includes(task)) {
    return { missing: `Notebook 03 ran without ${task}, on ${report.tasks.join(", ")} only.` };
  }
  const outcome = report.outcomes?.find((known) => known.task === task);
  if (!outcome) return withoutSamples;
  const all = Array.from({ length: numLayers }, (_, layer) => layer);
  const firsts = THIRDS.map((region) => all.find((layer) => thirdOf(layer, numLayers) === region));
  const absent = firsts.filter((first) => first === undefined || !layers.includes(first));
  if (absent.length > 0) {
    return {
      missing: `The first layers of the thirds are ${firsts.join(", ")}, but the swaps start at ` +
        `${listText(layers)} only.`,
    };
  }
  const changed = completeSamples(outcome.changed.map(fromMarks));
  return (changed[0] ?? []).flatMap((_, pair) => {
    const own = layers.filter((_, i) => changed[i][pair] === 1);
    return own.length === 0 ? [] : [Math.max(...own)];
  });
}

/**
 * In which third a pair's answer is read out of the image: swapped from there on it still changes,
 * from any later layer no more. Each pair counts for one third.
 */
function measure(
  vision: VisionReport,
  { task, claimed }: { task: string; claimed: Third },
  { withoutSamples }: JudgeContext,
): Measured {
  const layers = readOuts(vision, { task, withoutSamples });
  if ("missing" in layers) return layers;
  const columnOf = (region: Third): Column =>
    layers.map((layer) => Number(thirdOf(layer, vision.num_layers) === region));
  const measured = exceeds(
    { early: columnOf("early"), middle: columnOf("middle"), late: columnOf("late") },
    {
      claimed,
      difference: shareDifference,
      value: (column) => exactShare(column.reduce((sum, one) => sum + one, 0), column.length),
    },
  );
  if ("missing" in measured) return measured;
  const { value, low, high } = exactMedian(layers)(CONFIDENCE);
  const median = `The median pair is read out at layer ${value}` +
    (Number.isFinite(low) ? ` (${low} to ${high})` : "");
  const right = vision.baseline_accuracy[task];
  const { changed, pairs } = vision.control;
  const note = right === null || right === undefined
    ? median
    : `${median}. Unswapped, ${percentText(right, 0)} of the answers are right; an image swapped ` +
      `with itself changes ${changed} of ${pairs} answers, all tasks together`;
  return { ...measured, note };
}

/** What may be asked for. */
interface VisionFindingOptions extends FindingOptions, z.input<typeof VISION_EXPERIMENT.options> {
  /** Which of the recipe's models; default "base". */
  model?: RecipeRole;
}

/** Where vision abilities live. */
export const VISION: Finding<VisionReport, VisionFindingOptions> = {
  notebook: "03",
  records: VISION_EXPERIMENT.name,
  workload: {
    models: 1,
    // A row joins at the layer of its swap, which halves the prompts.
    seconds: ({ sampleSize: n = 50, layers }, speed) =>
      Object.keys(VISION_THIRDS).length * n * (layers + 1) * (TOKENS.image / 2 + TOKENS.answer) /
      speed.tokens,
  },
  find: async (study, { model = "base", maxNewTokens, signal, ...options }) =>
    await study.run(VISION_EXPERIMENT, {
      models: { model: await study.find(model, signal) },
      options: { ...options, maxNewTokens: maxNewTokens || undefined },
      signal,
    }),
  table: "vision_localization.json",
  claim: 3,
  schema: visionReportSchema,
  judge: (report, context) =>
    Object.entries(VISION_THIRDS).map(([task, claimed]) =>
      judge(
        question(task, claimed),
        "missing" in report ? report : measure(report, { task, claimed }, context),
      )
    ),
  summary: visionTable,
  frames: (report) => ({
    vision_localization: visionLocalizationFrame(report),
    vision_logits: visionLogitFrame(report),
  }),
};
