/**
 * Vision localization, layer by layer: what a layer itself adds to the change rate.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import type pl from "nodejs-polars";
import {
  arrowLegend,
  boxMarks,
  drawChart,
  excludesZero,
  extentOf,
  type Figure,
  INK,
  linearScale,
  peakOf,
  phrase,
  type Point,
  pointsOf,
  sampleSize,
  sentence,
  swatchLegend,
  tint,
  whiskerLegend,
} from "../../figures/mod.ts";
import { shortPointsText } from "../../number_format.ts";
import { type LayerFigureOptions, llmBands } from "../layer_bands.ts";
import { CHANGE_STYLES } from "./figure.ts";
import { readTasks, taskNotes } from "./task_rows.ts";

const FIGURE = "the vision step figure";
const { color } = CHANGE_STYLES.change;

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
 * import { assertStringIncludes } from "@std/assert";
 * import pl from "nodejs-polars";
 *
 * const frame = pl.DataFrame([0.1, 0.7, 0.1].map((step, layer) => (
 *   { task: "ocr", layer, n: 50, step, step_low: step - 0.2, step_high: step + 0.2 }
 * )));
 * assertStringIncludes(visionStepFigure(frame).alt, "OCR: layer 1 adds most (+70 points)");
 * ```
 */
export function visionStepFigure(frame: pl.DataFrame, options: LayerFigureOptions = {}): Figure {
  const tasks = readTasks(frame, { figure: FIGURE, measures: ["step", "step_low", "step_high"] });
  const rows = tasks.flatMap((task) => task.rows);
  const bands = llmBands(rows, { ...options, figure: FIGURE });
  const columns = { x: "layer", value: "step", low: "step_low", high: "step_high" };
  const drawn = tasks.map((task) => ({ ...task, points: pointsOf(task.rows, columns, 100) }));
  const extent = drawn.flatMap(({ points }) => extentOf(points));
  const scale = linearScale([...extent, 10], { zero: true, ticks: 5 });
  return drawChart({
    frame,
    title: "Vision localization: what each layer adds",
    subtitle: sentence(
      "Change rate with visual tokens swapped from this LLM layer on, less the rate when " +
        "swapped from the next one on",
      sampleSize(rows, "pairs a task"),
    ),
    legend: [
      swatchLegend("interval excludes 0", [color]),
      swatchLegend("interval includes 0", [tint(color)]),
      whiskerLegend(options.interval ?? "95 % paired score interval"),
      arrowLegend("largest step"),
    ],
    columns: 2,
    panels: drawn.map(({ label, rows, points }) => ({
      ...{ heading: [phrase(label, sampleSize(rows))], bands, height: 150 },
      x: { domain: bands.domain, label: "LLM layer" },
      y: { ...scale, label: "Step (points)" },
      zeroLine: true,
      ground: ({ perX }) => {
        const half = Math.min(0.36, 20 / perX);
        const boxes = points.map((point) => ({
          ...{ x1: point.x - half, x2: point.x + half, y1: 0, y2: point.value },
          fill: excludesZero(point) ? color : tint(color),
        }));
        return [boxMarks(boxes)];
      },
      marks: [
        Plot.ruleX(points.filter(({ low, high }) => low !== null && high !== null), {
          x: "x",
          y1: "low",
          y2: "high",
          stroke: INK.text,
        }),
        Plot.dot([largestOf(points) ?? []].flat(), {
          x: "x",
          y: ({ value, high }: Point) => Math.max(value, high ?? value),
          dy: -6,
          symbol: "triangle",
          rotate: 180,
          r: 3.2,
          fill: INK.text,
        }),
      ],
    })),
    notes: taskNotes(tasks, ["step"]),
    description: drawn.map(({ label, points }) => {
      if (points.length === 0) return `${label}: no values to draw.`;
      const largest = largestOf(points);
      if (largest === undefined) return `${label}: no layer adds anything.`;
      const certain = points.filter((point) => excludesZero(point) && point.value > 0).length;
      return `${label}: layer ${largest.x} adds most (${shortPointsText(largest.value)}); the ` +
        `interval is above zero at ${certain} of ${points.length} layers.`;
    }).join(" "),
    options,
  });
}

/** The layer that adds most; none if no layer adds anything. */
function largestOf(points: readonly Point[]): Point | undefined {
  const largest = peakOf(points);
  return largest !== undefined && largest.value > 0 ? largest : undefined;
}
