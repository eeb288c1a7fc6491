/**
 * Claim 3 on vision: recognition lives in early layers, OCR, counting and grounding in middle layers.
 *
 * @module
 */
import { listText } from "../../list_text.ts";
import { percentText } from "../../number_format.ts";
import { type VisionReport, visionReportSchema } from "./report.ts";
import { fromMarks } from "../sample_marks.ts";
import { type Column, completeSamples, less } from "../../statistics/mod.ts";
import type { Finding, JudgeContext, Missing } from "../finding.ts";
import { judge, type Measured, type Question } from "../statement.ts";
import { exceedsBySamples } from "../third_contrasts.ts";
import { visionTable } from "./table.ts";
import { type Third, thirdOf, THIRDS, type Thirds } from "../../thirds.ts";

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
    text: `${name} lives in ${claimed} layers`,
    direction: `${claimed} above both other thirds`,
    statistic: {
      name: `fall of the change rate in the ${claimed} third less the larger fall of the others`,
      unit: "share",
    },
    of: "image pairs",
  };
}

/**
 * How much the change rate falls in each third, pair by pair. Each swap runs from its layer to the
 * last, so the steps of a third add up to the rate at its first layer less the rate at the next
 * third's: three swaps say it all.
 */
function falls(
  { layers, num_layers: numLayers, ...report }: VisionReport,
  { task, withoutSamples }: { task: string; withoutSamples: Missing },
): Thirds<Column> | Missing {
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
  const [early, middle, late] = completeSamples(
    firsts.map((first) => fromMarks(outcome.changed[layers.indexOf(first!)])),
  );
  return { early: less(early, middle), middle: less(middle, late), late };
}

function measure(
  vision: VisionReport,
  { task, claimed }: { task: string; claimed: Third },
  { resampling, withoutSamples }: JudgeContext,
): Measured {
  const thirds = falls(vision, { task, withoutSamples });
  if ("missing" in thirds) return thirds;
  const right = vision.baseline_accuracy[task];
  const { changed, pairs } = vision.control;
  const note = right === null || right === undefined
    ? undefined
    : `Unswapped, ${percentText(right, 0)} of the answers are right; an image swapped with ` +
      `itself changes ${changed} of ${pairs} answers, all tasks together`;
  return { ...exceedsBySamples(thirds, { claimed, ...resampling }), note };
}

/** Where vision abilities live. */
export const VISION: Finding<VisionReport> = {
  notebook: "03",
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
};
