/**
 * Claim 3: recognition lives in early layers, OCR, counting and grounding in middle layers, reasoning
 * in late layers.
 *
 * @module
 */
import { MATHS_DATASETS } from "../benchmarks/mod.ts";
import { listText } from "../list_text.ts";
import { percentText } from "../number_format.ts";
import { fromMarks, type VisionReport } from "../probing/mod.ts";
import {
  type Column,
  completeSamples,
  less,
  meanColumn,
  type Resampling,
} from "../statistics/mod.ts";
import { type Findings, noOutcomes, notRun } from "./findings.ts";
import { judge, type Measured, type Question, type Statement } from "./statement.ts";
import { exceedsBySamples } from "./third_contrasts.ts";
import { byThird, type Third, thirdOf, THIRDS, type Thirds } from "../thirds.ts";

/** Where the paper finds each vision ability, in its order. */
const VISION_THIRDS: Readonly<Record<string, Third>> = {
  recognition: "early",
  ocr: "middle",
  counting: "middle",
  grounding: "middle",
};

const TASK_NAMES: Readonly<Record<string, string>> = { ocr: "OCR" };

function visionQuestion(task: string, claimed: Third): Question {
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
  task: string,
): Thirds<Column> | { missing: string } {
  if (!report.tasks.includes(task)) {
    return { missing: `Notebook 03 ran without ${task}, on ${report.tasks.join(", ")} only.` };
  }
  const outcome = report.outcomes?.find((known) => known.task === task);
  if (!outcome) return noOutcomes("vision");
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

function measureVision(
  findings: Findings,
  task: string,
  { claimed, ...resampling }: Resampling & { claimed: Third },
): Measured {
  const { vision } = findings;
  if (!vision) return notRun("vision", findings);
  const thirds = falls(vision, task);
  if ("missing" in thirds) return thirds;
  const right = vision.baseline_accuracy[task];
  const { changed, pairs } = vision.control;
  const note = right === null || right === undefined
    ? undefined
    : `Unswapped, ${percentText(right, 0)} of the answers are right; an image swapped with ` +
      `itself changes ${changed} of ${pairs} answers, all tasks together`;
  return { ...exceedsBySamples(thirds, { claimed, ...resampling }), note };
}

function reasoningQuestion(dataset: string): Question {
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
function measureReasoning(
  findings: Findings,
  dataset: string,
  resampling: Resampling,
): Measured {
  const report = findings.reasoning?.find((known) => known.dataset === dataset);
  if (!report) return notRun("reasoning", findings);
  if (!report.outcomes) return noOutcomes("reasoning");
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
  const measured = exceedsBySamples(
    { early: mean("early"), middle: mean("middle"), late: mean("late") },
    { claimed: "late", ...resampling },
  );
  const solved = baseline.reduce((sum, value) => sum + value, 0) / baseline.length;
  return { ...measured, note: `Whole, the model solves ${percentText(solved, 0)}` };
}

/** The statements of claim 3. */
export function judgeLocalization(findings: Findings, resampling: Resampling): Statement[] {
  const { reasoning } = findings;
  const datasets = reasoning?.length
    ? reasoning.map(({ dataset }) => dataset)
    : [...MATHS_DATASETS];
  return [
    ...Object.entries(VISION_THIRDS).map(([task, claimed]) =>
      judge(
        visionQuestion(task, claimed),
        measureVision(findings, task, { claimed, ...resampling }),
      )
    ),
    ...datasets.map((dataset) =>
      judge(
        reasoningQuestion(dataset),
        measureReasoning(findings, dataset, resampling),
      )
    ),
  ];
}
