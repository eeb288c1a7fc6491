/**
 * Reasoning localization: accuracy with one LLM layer ablated, beside the whole model's.
 *
 * @module
 */
import type pl from "nodejs-polars";
import { type AxisScale, linearScale } from "./axes.ts";
import { type Bands, llmBands } from "./bands.ts";
import { composeFigure, contentWidth, panelRows, panelWidth } from "./compose_figure.ts";
import { datasetLabel, datasetsOf } from "./dataset_labels.ts";
import type { Figure } from "./figure.ts";
import { intervalPanel, type ReferenceLine } from "./interval_panel.ts";
import {
  excludesZero,
  extentOf,
  type IntervalPoint,
  intervalPoints,
  peakOf,
} from "./interval_points.ts";
import { hollowLegend, intervalLegend, referenceLegend, seriesLegend } from "./legend.ts";
import { seriesNotes } from "./notes.ts";
import type { Panel } from "./plot_panel.ts";
import { ABLATED_STYLE } from "./series_styles.ts";
import { createDocument } from "./svg_document.ts";
import {
  llmLayersOf,
  readSweepRows,
  sampleSize,
  type SweepFigureOptions,
  type SweepRow,
} from "./sweep_rows.ts";
import { INK } from "./theme.ts";
import { shortPercentText, shortPointsText } from "../number_format.ts";

const FIGURE = "the reasoning localization figure";
const ACCURACY = { value: "accuracy", low: "accuracy_low", high: "accuracy_high" } as const;
const DROP = { value: "drop", low: "drop_low", high: "drop_high" } as const;
const MEASURES = [...Object.values(ACCURACY), ...Object.values(DROP), "n"] as const;
type ReasoningRow = SweepRow<"dataset", "layer", typeof MEASURES[number]>;

/** One dataset's line, in percent. */
interface DatasetLine {
  readonly dataset: string;
  readonly points: readonly IntervalPoint[];
  /** Baseline less ablated accuracy, in percentage points. */
  readonly drops: readonly IntervalPoint[];
  readonly baseline?: ReferenceLine;
  readonly size: string;
}

/**
 * Accuracy with one LLM layer's output replaced by its input, against that layer, a panel a dataset;
 * the dashed line is the whole model (paper, "Functional localization", zero ablation). Points are
 * filled where the interval of the drop, paired by question, excludes zero.
 *
 * @param frame One row per dataset and layer with dataset, layer (LLM layer from 0; -1 is the
 * baseline), n, accuracy, accuracy_low, accuracy_high (0 to 1), drop (baseline less accuracy),
 * drop_low, drop_high. Missing values are left out and named in a note.
 * @throws {TypeError} if a column is missing or of a wrong type.
 * @throws {RangeError} if the frame is empty, repeats a row, or an option is out of range.
 *
 * @example
 * ```ts
 * import pl from "nodejs-polars";
 *
 * const frame = pl.DataFrame([0.8, 0.7, 0.2].map((accuracy, i) => ({
 *   dataset: "math500",
 *   layer: i - 1,
 *   n: 100,
 *   accuracy,
 *   accuracy_low: accuracy - 0.1,
 *   accuracy_high: accuracy + 0.1,
 *   drop: 0.8 - accuracy,
 *   drop_low: 0.7 - accuracy,
 *   drop_high: 0.9 - accuracy,
 * })));
 * console.log(reasoningLocalizationFigure(frame).alt); // "... falls most without layer 1 ..."
 * ```
 */
export function reasoningLocalizationFigure(
  frame: pl.DataFrame,
  options: SweepFigureOptions = {},
): Figure {
  const rows = readSweepRows(frame, {
    figure: FIGURE,
    source: "the frame of a reasoning localization sweep",
    keys: ["dataset"],
    indices: ["layer"],
    measures: MEASURES,
    lowest: -1,
  });
  const bands = llmBands(llmLayersOf(rows, { ...options, figure: FIGURE }));
  const lines = datasetsOf(rows).map((dataset) => lineOf(rows, dataset));
  const extent = lines.flatMap(({ points, baseline }) =>
    extentOf([...points, ...(baseline === undefined ? [] : [{ ...baseline, layer: -1 }])])
  );
  const scale = linearScale([...extent, 10], { zero: true });
  const document = createDocument();
  const columns = Math.min(2, lines.length);
  const width = panelWidth(contentWidth(options), columns);
  const panels = lines.map((line, i) =>
    accuracyPanel(document, {
      line,
      bands,
      scale,
      width,
      yAxis: i % columns === 0,
      xAxis: i + columns >= lines.length,
    })
  );
  const ablated = rows.filter(({ layer }) => layer >= 0);
  const size = sampleSize(rows, "questions a dataset");
  return composeFigure(document, {
    frame,
    title: "Reasoning localization: accuracy with one layer ablated",
    subtitle: `The LLM layer's output is its input${size === "" ? "" : `; ${size}`}. Filled: the ` +
      "interval of the paired drop excludes 0.",
    legend: [
      seriesLegend(ABLATED_STYLE),
      hollowLegend("the drop's interval includes 0", ABLATED_STYLE.color),
      referenceLegend("no layer ablated"),
      intervalLegend(options.interval ?? "95 % bootstrap interval", [
        ABLATED_STYLE.color,
        INK.text,
      ]),
    ],
    rows: panelRows(panels, columns),
    notes: [
      ...lines.filter(({ baseline }) => baseline === undefined).map(({ dataset }) =>
        `${datasetLabel(dataset)}: no accuracy of the baseline (layer -1).`
      ),
      ...seriesNotes(named(ablated.filter(({ accuracy }) => accuracy === null)), {
        all: named(ablated),
        order: lines.map(({ dataset }) => datasetLabel(dataset)),
        reason: "no finite accuracy",
      }),
    ],
    description: lines.map(describeLine).join(" "),
    options,
  });
}

function named(rows: readonly ReasoningRow[]) {
  return rows.map(({ dataset, layer }) => ({ series: datasetLabel(dataset), layer }));
}

function lineOf(rows: readonly ReasoningRow[], dataset: string): DatasetLine {
  const own = rows.filter((row) => row.dataset === dataset);
  const points = intervalPoints(own, { ...ACCURACY, factor: 100 });
  const drops = intervalPoints(own, { ...DROP, factor: 100 });
  const baseline = points.find(({ layer }) => layer === -1);
  return {
    dataset,
    points: points.filter(({ layer }) => layer >= 0),
    drops: drops.filter(({ layer }) => layer >= 0),
    size: sampleSize(own),
    ...(baseline === undefined ? {} : { baseline }),
  };
}

interface AccuracyPanelSpec {
  line: DatasetLine;
  bands: Bands;
  scale: AxisScale;
  width: number;
  yAxis: boolean;
  xAxis: boolean;
}

function accuracyPanel(document: Document, spec: AccuracyPanelSpec): Panel {
  const { dataset, points, drops, baseline, size } = spec.line;
  const certain = new Set(drops.filter(excludesZero).map(({ layer }) => layer));
  const label = datasetLabel(dataset);
  return intervalPanel(document, {
    series: [{ style: ABLATED_STYLE, points }],
    bands: spec.bands,
    scale: spec.scale,
    width: spec.width,
    plotHeight: 210,
    heading: size === "" ? label : `${label} (${size})`,
    hollow: ({ layer }) => !certain.has(layer),
    ...(baseline === undefined ? {} : { reference: baseline }),
    ...(spec.yAxis ? { yLabel: "Accuracy (%)" } : {}),
    ...(spec.xAxis ? { xLabel: "Ablated LLM layer" } : {}),
  });
}

function describeLine({ dataset, points, drops, baseline }: DatasetLine): string {
  const label = datasetLabel(dataset);
  if (points.length === 0) return `${label}: no values to draw.`;
  const parts = baseline === undefined
    ? []
    : [`${shortPercentText(baseline.value)} with no ablation`];
  const worst = peakOf(drops);
  if (worst === undefined || worst.value <= 0) {
    parts.push("no layer's ablation lowers accuracy");
  } else {
    const certain = drops.filter((drop) => excludesZero(drop) && drop.value > 0).length;
    const left = points.find(({ layer }) => layer === worst.layer);
    const to = left === undefined ? "" : ` to ${shortPercentText(left.value)}`;
    parts.push(
      `accuracy falls most without layer ${worst.layer} (${shortPointsText(-worst.value)}${to})`,
      `the drop's interval is above zero at ${certain} of ${drops.length} layers`,
    );
  }
  return `${label}: ${parts.join("; ")}.`;
}
