/**
 * Claim 3 on vision: recognition lives in early layers, OCR, counting and grounding in middle layers.
 *
 * @module
 */
import type { z } from "zod";
import { listText } from "../../list_text.ts";
import { percentText } from "../../number_format.ts";
import { visionLogitFrame } from "./logit_report.ts";
import {
  medianText,
  type ReadOutMeasure,
  type ReadOuts,
  readOuts,
  visionReadOutFrame,
} from "./read_outs.ts";
import { visionLocalizationFrame, type VisionReport, visionReportSchema } from "./report.ts";
import {
  type Column,
  exactShare,
  precedence,
  shareDifference,
  smallestOf,
} from "../../statistics/mod.ts";
import type { Finding, JudgeContext, Missing } from "../finding.ts";
import type { FindingOptions, RecipeRole } from "../finding_study.ts";
import { TOKENS } from "../workload.ts";
import { VISION_EXPERIMENT } from "./experiment.ts";
import { judge, type Measured, type Question } from "../statement.ts";
import { exceeds, term } from "../third_contrasts.ts";
import { visionTable } from "./table.ts";
import { type Third, thirdOf, THIRDS } from "../../thirds.ts";

/** Where the paper finds each vision ability, in its order. */
const VISION_THIRDS: Readonly<Record<string, Third>> = {
  recognition: "early",
  ocr: "middle",
  counting: "middle",
  grounding: "middle",
};

const FIRST = "recognition";
const LATER = Object.keys(VISION_THIRDS).filter((task) => task !== FIRST);

/** A task's name within a sentence. */
const nameOf = (task: string) => task === "ocr" ? "OCR" : task;
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

function question(task: string, claimed: Third): Question {
  return {
    id: `3.${task}`,
    claim: 3,
    text: `${capital(nameOf(task))} is read out at ${claimed} layers`,
    direction: `${claimed} above both other thirds`,
    statistic: {
      name: `share of pairs read out in the ${claimed} third less the larger share of the others`,
      unit: "share",
    },
    of: "image pairs",
  };
}

/** The order of the abilities, by one of two measures: where they disagree, the claim is mixed. */
function orderQuestion(measure: ReadOutMeasure): Question {
  const [first, later] = [nameOf(FIRST), LATER.map(nameOf)];
  return {
    id: `3.order.${measure}`,
    claim: 3,
    text: `${capital(first)} is read out before ${listText(later.slice(0, -1))} and ` +
      `${later.at(-1)}, by ${measure}`,
    direction: `${first}'s pairs at lower layers than those of each other ability`,
    statistic: {
      name:
        `share of ${first}'s pairs read out before one of another ability less the share after ` +
        "it, over all pairs of the two, the smallest such difference",
      unit: "share",
    },
    of: "image pairs an ability",
  };
}

/** Where a task's pairs are read out, if layers enough were swept. */
function tasksReadOuts(
  report: VisionReport,
  { task, measure, withoutSamples }: {
    task: string;
    measure: ReadOutMeasure;
    withoutSamples: Missing;
  },
): ReadOuts | Missing {
  const { tasks, layers, num_layers: numLayers } = report;
  if (!tasks.includes(task)) {
    return { missing: `Notebook 03 ran without ${task}, on ${tasks.join(", ")} only.` };
  }
  const all = Array.from({ length: numLayers }, (_, layer) => layer);
  const firsts = THIRDS.map((region) => all.find((layer) => thirdOf(layer, numLayers) === region));
  const absent = firsts.filter((first) => first === undefined || !layers.includes(first));
  if (absent.length > 0) {
    return {
      missing: `The first layers of the thirds are ${firsts.join(", ")}, but the swaps start at ` +
        `${listText(layers)} only.`,
    };
  }
  return readOuts(report, { task, measure }) ?? withoutSamples;
}

/** In which third a task's pairs are read out by their answers. Each pair counts for one third. */
function measureThird(
  vision: VisionReport,
  { task, claimed }: { task: string; claimed: Third },
  { withoutSamples }: JudgeContext,
): Measured {
  const found = tasksReadOuts(vision, { task, measure: "answers", withoutSamples });
  if ("missing" in found) return found;
  const columnOf = (region: Third): Column =>
    found.layers.map((layer) => Number(thirdOf(layer, vision.num_layers) === region));
  const measured = exceeds(
    { early: columnOf("early"), middle: columnOf("middle"), late: columnOf("late") },
    {
      claimed,
      difference: shareDifference,
      value: (column) => exactShare(column.reduce((sum, one) => sum + one, 0), column.length),
    },
  );
  if ("missing" in measured) return measured;
  const byLogits = readOuts(vision, { task, measure: "logits" });
  const median = `The median pair is read out at layer ${medianText(found)}` +
    (byLogits ? `, by logits at ${medianText(byLogits)}` : "");
  const right = vision.baseline_accuracy[task];
  const { changed, pairs } = vision.control;
  const note = right === null || right === undefined
    ? median
    : `${median}. Unswapped, ${percentText(right, 0)} of the answers are right; an image swapped ` +
      `with itself changes ${changed} of ${pairs} answers, all tasks together`;
  return { ...measured, note };
}

/** Whether one ability's pairs are read out at lower layers than those of the others. */
function measureOrder(
  vision: VisionReport,
  measure: ReadOutMeasure,
  { withoutSamples }: JudgeContext,
): Measured {
  const found: { task: string; own: ReadOuts }[] = [];
  for (const task of [FIRST, ...LATER]) {
    const own = tasksReadOuts(vision, { task, measure, withoutSamples });
    if ("missing" in own) return own;
    if (own.layers.length === 0) {
      return { nothing: `Of ${nameOf(task)} no swap turns any pair, by ${measure}` };
    }
    found.push({ task, own });
  }
  const [first, ...later] = found;
  const differences = later.map(({ own }) => precedence(first.own.layers, own.layers));
  const medians = found.map(({ task, own }) =>
    `${nameOf(task)} ${medianText(own)}, ${own.layers.length} of ${own.of} pairs`
  );
  return {
    ...smallestOf(differences),
    n: Math.min(...found.map(({ own }) => own.layers.length)),
    terms: later.map(({ task }, i) => term(`before ${nameOf(task)}`, differences[i].contrast)),
    note: `Median layers, by ${measure}: ${medians.join("; ")}`,
  };
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
  judge: (report, context) => [
    ...Object.entries(VISION_THIRDS).map(([task, claimed]) =>
      judge(
        question(task, claimed),
        "missing" in report ? report : measureThird(report, { task, claimed }, context),
      )
    ),
    ...(["answers", "logits"] as const).map((measure) =>
      judge(
        orderQuestion(measure),
        "missing" in report ? report : measureOrder(report, measure, context),
      )
    ),
  ],
  summary: visionTable,
  frames: (report) => ({
    vision_localization: visionLocalizationFrame(report),
    vision_logits: visionLogitFrame(report),
    vision_read_outs: visionReadOutFrame(report),
  }),
};
