/**
 * Vision localization: how many answers change when visual tokens are swapped from a layer on.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import type pl from "nodejs-polars";
import {
  drawChart,
  extentOf,
  type Figure,
  linearScale,
  peakLayers,
  peakOf,
  phrase,
  type Point,
  pointsOf,
  ringLegend,
  sampleSize,
  sentence,
  type SeriesStyle,
  stretchLegend,
} from "../../figures/mod.ts";
import { shortPercentText, shortPointsText } from "../../number_format.ts";
import { type LayerFigureOptions, llmBands } from "../layer_bands.ts";
import { readTasks, taskNotes } from "./task_rows.ts";

const FIGURE = "the vision localization figure";

/** The lines of each panel. */
export const CHANGE_STYLES = {
  change: { label: "answers that change", color: "#0072b2", marker: "circle" },
  source: {
    label: "answers that become the other image's",
    color: "#d55e00",
    marker: "square",
    dash: "6,2.5",
  },
} as const satisfies Record<string, SeriesStyle>;

/**
 * Share of answers that change when the keys and values of the image's tokens are another image's
 * from a layer to the last (paper, "Functional localization", visual token swapping), and the share
 * that becomes the answer to the other image; a panel a task. Marked are each line's peak and the
 * largest step of the change rate: the layer that itself adds most.
 *
 * @param frame One row per task and layer with task ("counting", "ocr", "grounding" or
 * "recognition"), layer (LLM layer from 0), n, change_rate, change_low, change_high, step,
 * source_rate, source_low, source_high; rates are 0 to 1. Missing values are left out and named in
 * a note.
 * @throws {TypeError} if a column is missing or of a wrong type, or a task is unknown.
 * @throws {RangeError} if the frame is empty, repeats a row, or an option is out of range.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import pl from "nodejs-polars";
 *
 * const frame = pl.DataFrame([0.9, 0.8, 0.1].map((change_rate, layer) => ({
 *   ...{ task: "ocr", layer, n: 50, change_rate, change_low: 0, change_high: 1 },
 *   ...{ step: [0.1, 0.7, 0.1][layer], source_rate: 0.1, source_low: 0, source_high: 0.2 },
 * })));
 * const { alt } = visionLocalizationFigure(frame);
 * assertStringIncludes(alt, "OCR: most change at layer 0 (90 %)");
 * ```
 */
export function visionLocalizationFigure(
  frame: pl.DataFrame,
  options: LayerFigureOptions = {},
): Figure {
  const columns = {
    change: { x: "layer", value: "change_rate", low: "change_low", high: "change_high" },
    source: { x: "layer", value: "source_rate", low: "source_low", high: "source_high" },
  } as const;
  const tasks = readTasks(frame, {
    figure: FIGURE,
    measures: [
      ...["change_rate", "change_low", "change_high", "step"] as const,
      ...["source_rate", "source_low", "source_high"] as const,
    ],
  });
  const rows = tasks.flatMap((task) => task.rows);
  const bands = llmBands(rows, { ...options, figure: FIGURE });
  const drawn = tasks.map((task) => {
    const change = pointsOf(task.rows, columns.change, 100);
    const source = pointsOf(task.rows, columns.source, 100);
    const steps = pointsOf(task.rows, { x: "layer", value: "step" }, 100);
    return { ...task, change, source, step: largestStep(change, steps) };
  });
  // One scale for all: shares of answers. At least 10 %.
  const extent = drawn.flatMap(({ change, source }) => extentOf([...change, ...source]));
  const scale = linearScale([...extent, 10], { zero: true });
  return drawChart({
    frame,
    title: "Vision localization: visual tokens swapped from a layer on",
    subtitle: sentence(
      "From this LLM layer to the last, keys and values of the image's tokens are those of " +
        "another image",
      sampleSize(rows, "pairs a task"),
    ),
    interval: options.interval ?? "95 % exact interval",
    legendEnd: [ringLegend("peak"), stretchLegend("largest step")],
    columns: 2,
    panels: drawn.map(({ label, rows, change, source, step }) => ({
      ...{ heading: [phrase(label, sampleSize(rows))], bands, height: 170 },
      x: { domain: bands.domain, label: "First swapped LLM layer" },
      y: { ...scale, label: "Share of answers (%)" },
      series: [
        { style: CHANGE_STYLES.change, points: change },
        { style: CHANGE_STYLES.source, points: source },
      ],
      behind: [
        Plot.link(step === undefined ? [] : [step], {
          x1: "x",
          y1: "value",
          x2: "toX",
          y2: "toValue",
          stroke: CHANGE_STYLES.change.color,
          strokeWidth: 8,
          strokeOpacity: 0.4,
          strokeLinecap: "round",
        }),
      ],
      marks: [
        Plot.dot(
          ([["change", change], ["source", source]] as const).flatMap(([name, points]) => {
            const peak = peakOf(points);
            return peak === undefined ? [] : [{ ...peak, color: CHANGE_STYLES[name].color }];
          }),
          { x: "x", y: "value", r: 6.5, fill: "none", stroke: "color", strokeWidth: 1.3 },
        ),
      ],
    })),
    notes: taskNotes(tasks, ["change_rate", "source_rate"]),
    description: drawn.map(({ label, change, source, step }) => {
      if (change.length === 0) return `${label}: no values to draw.`;
      const [peak, sourcePeak] = [peakOf(change), peakOf(source)];
      if (peak === undefined) return `${label}: no answer changes at any layer.`;
      const parts = [`most change at ${peakLayers(change)} (${shortPercentText(peak.value)})`];
      if (step !== undefined) {
        parts.push(`the largest step is layer ${step.x}'s (${shortPointsText(step.size)})`);
      }
      parts.push(
        sourcePeak === undefined
          ? "none becomes the other image's"
          : `at most ${shortPercentText(sourcePeak.value)} become the other image's ` +
            `(${peakLayers(source)})`,
      );
      return `${label}: ${parts.join("; ")}.`;
    }).join(" "),
    options,
  });
}

/**
 * The stretch of the line that is its largest step down: what layer l adds is the rate there less the
 * rate at the next one; the last layer's is its whole rate. None if no layer adds anything.
 */
function largestStep(points: readonly Point[], steps: readonly Point[]) {
  const largest = peakOf(steps);
  const at = points.findIndex(({ x }) => x === largest?.x);
  if (largest === undefined || at < 0 || largest.value <= 0) return undefined;
  const { x, value } = points[at];
  const to = points[at + 1] ?? { x, value: value - largest.value };
  return { x, value, toX: to.x, toValue: to.value, size: largest.value };
}
