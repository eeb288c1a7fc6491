/**
 * Vision localization, layer by layer: what a layer itself adds to the change rate.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import type pl from "nodejs-polars";
import { type AxisScale, linearScale } from "./axes.ts";
import { type Bands, llmBands } from "./bands.ts";
import { composeFigure, contentWidth, panelRows, panelWidth } from "./compose_figure.ts";
import type { Figure } from "./figure.ts";
import { layerWidth, llmPanel } from "./interval_panel.ts";
import {
  excludesZero,
  extentOf,
  type IntervalPoint,
  intervalPoints,
  peakOf,
} from "./interval_points.ts";
import { arrowLegend, swatchLegend, whiskerLegend } from "./legend.ts";
import type { Panel } from "./plot_panel.ts";
import { type Task, TASK_STYLES } from "./series_styles.ts";
import { createDocument } from "./svg_document.ts";
import { llmLayersOf, sampleSize, type SweepFigureOptions } from "./sweep_rows.ts";
import { INK, tint } from "./theme.ts";
import { readVisionRows, visionNotes } from "./vision_rows.ts";
import { shortPointsText } from "../number_format.ts";

const FIGURE = "the vision step figure";
const STEP = { value: "step", low: "step_low", high: "step_high" } as const;

/** One task's steps, in percentage points. */
interface TaskSteps {
  readonly task: Task;
  readonly points: readonly IntervalPoint[];
  /** "n = 50" or "". */
  readonly size: string;
}

/**
 * What each LLM layer itself adds to the change rate: the rate when visual tokens are swapped from
 * this layer on, less the rate when they are swapped from the next one on. A panel a task; bars are
 * strong where the interval excludes zero.
 *
 * @param frame One row per task and layer with task ("counting", "ocr", "grounding" or
 * "recognition"), layer (LLM layer from 0), n, step, step_low, step_high (differences of rates, -1
 * to 1). Missing values are left out and named in a note.
 * @throws {TypeError} if a column is missing or of a wrong type, or a task is unknown.
 * @throws {RangeError} if the frame is empty, repeats a row, or an option is out of range.
 *
 * @example
 * ```ts
 * import pl from "nodejs-polars";
 *
 * const frame = pl.DataFrame([0.1, 0.7, 0.1].map((step, layer) => (
 *   { task: "ocr", layer, n: 50, step, step_low: step - 0.2, step_high: step + 0.2 }
 * )));
 * console.log(visionStepFigure(frame).alt); // "... OCR: layer 1 adds most (+70 points) ..."
 * ```
 */
export function visionStepFigure(frame: pl.DataFrame, options: SweepFigureOptions = {}): Figure {
  const measures = Object.values(STEP);
  const tasks = readVisionRows(frame, { figure: FIGURE, measures });
  const rows = tasks.flatMap((entry) => entry.rows);
  const bands = llmBands(llmLayersOf(rows, { ...options, figure: FIGURE }));
  const steps = tasks.map((entry) => ({
    task: entry.task,
    points: intervalPoints(entry.rows, { ...STEP, factor: 100 }),
    size: sampleSize(entry.rows),
  }));
  const scale = linearScale([...steps.flatMap(({ points }) => extentOf(points)), 10], {
    zero: true,
    ticks: 5,
  });
  const document = createDocument();
  const columns = Math.min(2, steps.length);
  const width = panelWidth(contentWidth(options), columns);
  const panels = steps.map((own, i) =>
    stepPanel(document, {
      steps: own,
      bands,
      scale,
      width,
      yAxis: i % columns === 0,
      xAxis: i + columns >= steps.length,
    })
  );
  const colors = steps.map(({ task }) => TASK_STYLES[task].color);
  const size = sampleSize(rows, "pairs a task");

  return composeFigure(document, {
    frame,
    title: "Vision localization: what each layer adds",
    subtitle: "Change rate with visual tokens swapped from this LLM layer on, less the rate when " +
      `swapped from the next one on${size === "" ? "" : `; ${size}`}.`,
    legend: [
      swatchLegend("interval excludes 0", colors),
      swatchLegend("interval includes 0", colors.map(tint)),
      whiskerLegend(options.interval ?? "95 % bootstrap interval"),
      arrowLegend("largest step"),
    ],
    rows: panelRows(panels, columns),
    notes: visionNotes(tasks, [STEP.value]),
    description: steps.map(describeSteps).join(" "),
    options,
  });
}

interface StepPanelSpec {
  steps: TaskSteps;
  bands: Bands;
  scale: AxisScale;
  width: number;
  yAxis: boolean;
  xAxis: boolean;
}

function stepPanel(document: Document, spec: StepPanelSpec): Panel {
  const { task, points, size } = spec.steps;
  const { label, color } = TASK_STYLES[task];
  const largest = largestStep(points);
  const half = Math.min(0.36, 20 / layerWidth(spec));
  return llmPanel(document, {
    bands: spec.bands,
    scale: spec.scale,
    width: spec.width,
    plotHeight: 150,
    heading: size === "" ? label : `${label} (${size})`,
    ...(spec.yAxis ? { yLabel: "Step (points)" } : {}),
    ...(spec.xAxis ? { xLabel: "LLM layer" } : {}),
    marks: [
      Plot.rect(points, {
        x1: ({ layer }: IntervalPoint) => layer - half,
        x2: ({ layer }: IntervalPoint) => layer + half,
        y1: 0,
        y2: "value",
        fill: (point: IntervalPoint) => excludesZero(point) ? color : tint(color),
      }),
      Plot.ruleY([0], { stroke: INK.text, strokeWidth: 0.9 }),
      Plot.ruleX(points.filter(({ low, high }) => low !== null && high !== null), {
        x: "layer",
        y1: "low",
        y2: "high",
        stroke: INK.text,
        strokeWidth: 1,
      }),
      Plot.dot(largest === undefined ? [] : [largest], {
        x: "layer",
        y: ({ value, high }: IntervalPoint) => Math.max(value, high ?? value),
        dy: -6,
        symbol: "triangle",
        rotate: 180,
        r: 3.2,
        fill: INK.text,
      }),
    ],
  });
}

/** The layer that adds most; none if no layer adds anything. */
function largestStep(points: readonly IntervalPoint[]): IntervalPoint | undefined {
  const largest = peakOf(points);
  return largest !== undefined && largest.value > 0 ? largest : undefined;
}

function describeSteps({ task, points }: TaskSteps): string {
  const { label } = TASK_STYLES[task];
  if (points.length === 0) return `${label}: no values to draw.`;
  const largest = largestStep(points);
  if (largest === undefined) return `${label}: no layer adds anything.`;
  const certain = points.filter((point) => excludesZero(point) && point.value > 0).length;
  return `${label}: layer ${largest.layer} adds most (${
    shortPointsText(largest.value)
  }); the interval ` +
    `is above zero at ${certain} of ${points.length} layers.`;
}
