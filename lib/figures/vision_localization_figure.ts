/**
 * Vision localization: how many answers change when visual tokens are swapped from a layer on.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import type pl from "nodejs-polars";
import { type AxisScale, linearScale } from "./axes.ts";
import { type Bands, llmBands } from "./bands.ts";
import { composeFigure, contentWidth, panelWidth } from "./compose_figure.ts";
import type { Figure } from "./figure.ts";
import { intervalPanel } from "./interval_panel.ts";
import {
  extentOf,
  type IntervalPoint,
  intervalPoints,
  type IntervalSeries,
  peakLayers,
  peakOf,
} from "./interval_points.ts";
import { intervalLegend, ringLegend, seriesLegend, stretchLegend } from "./legend.ts";
import type { Panel } from "./plot_panel.ts";
import { TASK_STYLES } from "./series_styles.ts";
import { createDocument } from "./svg_document.ts";
import { llmLayersOf, sampleSize, type SweepFigureOptions } from "./sweep_rows.ts";
import { readVisionRows, type TaskRows, visionNotes } from "./vision_rows.ts";
import { shortPercentText, shortPointsText } from "../number_format.ts";

const FIGURE = "the vision localization figure";
const CHANGE = { value: "change_rate", low: "change_low", high: "change_high" } as const;
const SOURCE = { value: "source_rate", low: "source_low", high: "source_high" } as const;
const COLUMNS = [...Object.values(CHANGE), ...Object.values(SOURCE), "step"] as const;
type Column = typeof COLUMNS[number];

/** One task's lines in either panel, and the layer that adds most. */
interface TaskLines {
  readonly change: IntervalSeries;
  readonly source: IntervalSeries;
  /** The stretch of the change line that is its largest step down; none if no layer adds anything. */
  readonly step?: { from: IntervalPoint; to: { layer: number; value: number }; size: number };
}

/**
 * Share of answers that change when the keys and values of the image's tokens are another image's
 * from a layer to the last, one line a task (paper, "Functional localization", visual token
 * swapping); beside it, the share that becomes the answer to the other image. Marked are each line's
 * peak and the largest step of the change rate: the layer that itself adds most.
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
 * import pl from "nodejs-polars";
 *
 * const frame = pl.DataFrame([0.9, 0.8, 0.1].map((rate, layer) => ({
 *   task: "ocr",
 *   layer,
 *   n: 50,
 *   change_rate: rate,
 *   change_low: rate - 0.1,
 *   change_high: rate + 0.1,
 *   step: [0.1, 0.7, 0.1][layer],
 *   source_rate: rate / 2,
 *   source_low: rate / 2 - 0.05,
 *   source_high: rate / 2 + 0.05,
 * })));
 * console.log(visionLocalizationFigure(frame).alt); // "... OCR: most change at layer 0 (90 %) ..."
 * ```
 */
export function visionLocalizationFigure(
  frame: pl.DataFrame,
  options: SweepFigureOptions = {},
): Figure {
  const tasks = readVisionRows(frame, { figure: FIGURE, measures: COLUMNS });
  const rows = tasks.flatMap((entry) => entry.rows);
  const bands = llmBands(llmLayersOf(rows, { ...options, figure: FIGURE }));
  const lines = tasks.map(linesOf);
  const series = lines.flatMap(({ change, source }) => [change, source]);
  // One scale for both panels: the shares are of the same answers. At least 10 %.
  const extent = series.flatMap(({ points }) => extentOf(points));
  const scale = linearScale([...extent, 10], { zero: true });
  const document = createDocument();
  const width = panelWidth(contentWidth(options), 2);
  const colors = lines.map(({ change }) => change.style.color);
  const size = sampleSize(rows, "pairs a task");

  return composeFigure(document, {
    frame,
    title: "Vision localization: visual tokens swapped from a layer on",
    subtitle: "From this LLM layer to the last, keys and values of the image's tokens are those " +
      `of another image${size === "" ? "" : `; ${size}`}.`,
    legend: [
      ...lines.map(({ change }) => seriesLegend(change.style)),
      intervalLegend(options.interval ?? "95 % bootstrap interval", colors),
      ringLegend("peak"),
      stretchLegend("largest step"),
    ],
    rows: [[
      changePanel(document, { lines, bands, scale, width }),
      sourcePanel(document, { lines, bands, scale, width }),
    ]],
    notes: visionNotes(tasks, [CHANGE.value, SOURCE.value]),
    description: lines.map(describeTask).join(" "),
    options,
  });
}

function linesOf({ task, rows }: TaskRows<Column>): TaskLines {
  const style = TASK_STYLES[task];
  const points = intervalPoints(rows, { ...CHANGE, factor: 100 });
  const steps = rows.flatMap(({ layer, step }) => step === null ? [] : [{ layer, value: step }]);
  const largest = peakOf(steps);
  const at = points.findIndex(({ layer }) => layer === largest?.layer);
  const size = (largest?.value ?? 0) * 100;
  const change = { style, points };
  const source = { style, points: intervalPoints(rows, { ...SOURCE, factor: 100 }) };
  if (at < 0 || size <= 0) return { change, source };
  // What layer l adds is the rate there less the rate at the next one: a stretch of the line. The
  // last layer's is its whole rate.
  const from = points[at];
  const to = points[at + 1] ?? { layer: from.layer, value: from.value - size };
  return { change, source, step: { from, to, size } };
}

interface RatePanelSpec {
  lines: readonly TaskLines[];
  bands: Bands;
  scale: AxisScale;
  width: number;
}

function changePanel(document: Document, spec: RatePanelSpec): Panel {
  const { lines, bands, scale, width } = spec;
  const steps = lines.flatMap(({ change, step }) =>
    step === undefined ? [] : [{ ...step, color: change.style.color }]
  );
  return intervalPanel(document, {
    series: lines.map(({ change }) => change),
    bands,
    scale,
    width,
    plotHeight: 250,
    heading: "Answers that change",
    yLabel: "Share of answers (%)",
    xLabel: "First swapped LLM layer",
    behindLines: [
      Plot.link(steps, {
        x1: ({ from }: typeof steps[number]) => from.layer,
        y1: ({ from }: typeof steps[number]) => from.value,
        x2: ({ to }: typeof steps[number]) => to.layer,
        y2: ({ to }: typeof steps[number]) => to.value,
        stroke: "color",
        strokeWidth: 8,
        strokeOpacity: 0.4,
        strokeLinecap: "round",
      }),
    ],
    onTop: [peakRings(lines.map(({ change }) => change))],
  });
}

function sourcePanel(document: Document, spec: RatePanelSpec): Panel {
  const { lines, bands, scale, width } = spec;
  const series = lines.map(({ source }) => source);
  return intervalPanel(document, {
    series,
    bands,
    scale,
    width,
    plotHeight: 250,
    heading: "Answers that become the other image's",
    xLabel: "First swapped LLM layer",
    onTop: [peakRings(series)],
  });
}

function peakRings(series: readonly IntervalSeries[]): Plot.Markish {
  const peaks = series.flatMap(({ style, points }) => {
    const peak = peakOf(points);
    return peak === undefined ? [] : [{ ...peak, color: style.color }];
  });
  return Plot.dot(peaks, {
    x: "layer",
    y: "value",
    r: 6.5,
    fill: "none",
    stroke: "color",
    strokeWidth: 1.3,
  });
}

function describeTask({ change, source, step }: TaskLines): string {
  const { label } = change.style;
  if (change.points.length === 0) return `${label}: no values to draw.`;
  const peak = peakOf(change.points);
  if (peak === undefined) return `${label}: no answer changes at any layer.`;
  const parts = [`most change at ${peakLayers(change.points)} (${shortPercentText(peak.value)})`];
  if (step !== undefined) {
    parts.push(`the largest step is layer ${step.from.layer}'s (${shortPointsText(step.size)})`);
  }
  const sourcePeak = peakOf(source.points);
  parts.push(
    sourcePeak === undefined
      ? "none becomes the other image's"
      : `at most ${shortPercentText(sourcePeak.value)} become the other image's ` +
        `(${peakLayers(source.points)})`,
  );
  return `${label}: ${parts.join("; ")}.`;
}
