/**
 * Reasoning localization: accuracy with one LLM layer ablated, beside the whole model's.
 *
 * @module
 */
import type pl from "nodejs-polars";
import {
  dotLegend,
  drawChart,
  excludesZero,
  extentOf,
  type Figure,
  linearScale,
  peakOf,
  phrase,
  type Point,
  pointsOf,
  readRows,
  sampleSize,
  sentence,
  seriesNotes,
  type SeriesStyle,
} from "../../figures/mod.ts";
import { shortPercentText, shortPointsText } from "../../number_format.ts";
import { type LayerFigureOptions, llmBands } from "../layer_bands.ts";
import { type Ablation, ABLATIONS } from "./records.ts";

const FIGURE = "the reasoning localization figure";
const LABELS: Readonly<Record<string, string>> = { gsm8k: "GSM8K", math500: "MATH-500" };

/** The style of answers with a layer ablated. */
export const ABLATED_STYLE: SeriesStyle = {
  label: "one layer ablated",
  color: "#117733",
  marker: "circle",
};

/** The style of answers with a layer's mean in its place. */
export const MEAN_STYLE: SeriesStyle = {
  label: "its mean in its place",
  color: "#882255",
  marker: "diamond",
};

const STYLES = { zero: ABLATED_STYLE, mean: MEAN_STYLE };

/** The rows by dataset, in an order that does not depend on theirs, with the published name. */
export function byDataset<R extends { readonly dataset: string }>(rows: readonly R[]) {
  return [...new Set(rows.map(({ dataset }) => dataset))].sort().map((dataset) => ({
    label: Object.hasOwn(LABELS, dataset) ? LABELS[dataset] : dataset,
    rows: rows.filter((row) => row.dataset === dataset),
  }));
}

/**
 * Accuracy with one LLM layer's output replaced by its input, against that layer, a panel a dataset;
 * the dashed line is the whole model (paper, "Functional localization", zero ablation); and, where it
 * was measured, with the layer's mean added to that input. Points are filled where the interval of the
 * drop, paired by question, excludes zero.
 *
 * @param frame One row per dataset, ablation and layer with dataset, ablation ("zero" or "mean"; a
 * frame without this column has the first only), layer (LLM layer from 0; -1 is the
 * baseline), n, accuracy, accuracy_low, accuracy_high (0 to 1), drop (baseline less accuracy),
 * drop_low, drop_high. Missing values are left out and named in a note.
 * @throws {TypeError} if a column is missing or of a wrong type.
 * @throws {RangeError} if the frame is empty, repeats a row, or an option is out of range.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import pl from "nodejs-polars";
 *
 * const frame = pl.DataFrame([0.8, 0.7, 0.2].map((accuracy, i) => ({
 *   ...{ dataset: "math500", layer: i - 1, n: 100 },
 *   ...{ accuracy, accuracy_low: accuracy - 0.1, accuracy_high: accuracy + 0.1 },
 *   ...{ drop: 0.8 - accuracy, drop_low: 0.7 - accuracy, drop_high: 0.9 - accuracy },
 * })));
 * const { alt } = reasoningLocalizationFigure(frame);
 * assertStringIncludes(alt, "accuracy falls most without layer 1");
 * ```
 */
export function reasoningLocalizationFigure(
  frame: pl.DataFrame,
  options: LayerFigureOptions = {},
): Figure {
  const rows = readRows(frame, {
    figure: FIGURE,
    source: "the frame of a reasoning localization sweep",
    texts: { dataset: null, ablation: ABLATIONS },
    defaults: { ablation: "zero" },
    indices: { layer: -1 },
    measures: [
      ...["accuracy", "accuracy_low", "accuracy_high"] as const,
      ...["drop", "drop_low", "drop_high", "n"] as const,
    ],
  });
  const bands = llmBands(rows, { ...options, figure: FIGURE });
  const drawn = byDataset(rows).map(({ label, rows }) => {
    const of = (some: typeof rows, name: "accuracy" | "drop") =>
      pointsOf(some, { x: "layer", value: name, low: `${name}_low`, high: `${name}_high` }, 100);
    const [baseline] = of(rows.filter(({ layer }) => layer < 0), "accuracy");
    const sweeps = ABLATIONS.map((way) => {
      const ablated = rows.filter(({ layer, ablation }) => layer >= 0 && ablation === way);
      return { way, ablated, points: of(ablated, "accuracy"), drops: of(ablated, "drop") };
    }).filter(({ way, ablated }) => way === "zero" || ablated.length > 0);
    return { label, rows, baseline, sweeps };
  });
  const extent = drawn.flatMap(({ sweeps, baseline }) =>
    extentOf([...sweeps.flatMap(({ points }) => points), ...(baseline ? [baseline] : [])])
  );
  const hasMeans = drawn.some(({ sweeps }) => sweeps.length > 1);
  const scale = linearScale([...extent, 10], { zero: true });
  const named = (label: string, some: typeof rows) =>
    some.map(({ layer }) => ({ series: label, layer }));
  return drawChart({
    frame,
    title: "Reasoning localization: accuracy with one layer ablated",
    subtitle: sentence(
      `The LLM layer's output is its input${hasMeans ? ", or that and its mean" : ""}`,
      sampleSize(rows, "questions a dataset"),
      "filled: the interval of the paired drop excludes 0",
    ),
    interval: options.interval ?? "95 % exact interval",
    legendEnd: [
      dotLegend("the drop's interval includes 0", {
        color: ABLATED_STYLE.color,
        hollow: true,
        interval: false,
      }),
    ],
    columns: 2,
    panels: drawn.map(({ label, rows, sweeps, baseline }) => ({
      ...{ heading: [phrase(label, sampleSize(rows))], bands, height: 210 },
      x: { domain: bands.domain, label: "Ablated LLM layer" },
      y: { ...scale, label: "Accuracy (%)" },
      series: sweeps.map(({ way, points, drops }) => {
        const certain = new Set(drops.filter(excludesZero).map(({ x }) => x));
        return { style: STYLES[way], points, hollow: ({ x }: { x: number }) => !certain.has(x) };
      }),
      ...(baseline ? { reference: { ...baseline, label: "no layer ablated" } } : {}),
    })),
    notes: [
      ...drawn.filter(({ baseline }) => !baseline).map(({ label }) =>
        `${label}: no accuracy of the whole model, without an ablation.`
      ),
      ...drawn.flatMap(({ label, sweeps }) =>
        sweeps.flatMap(({ ablated }) =>
          seriesNotes(named(label, ablated.filter(({ accuracy }) => accuracy === null)), {
            all: named(label, ablated),
            order: [label],
            reason: "no finite accuracy",
          })
        )
      ),
    ],
    description: drawn.map(({ label, sweeps, baseline }) => {
      if (sweeps.every(({ points }) => points.length === 0)) return `${label}: no values to draw.`;
      return `${label}: ` + [
        ...baseline ? [`${shortPercentText(baseline.value)} with no ablation`] : [],
        ...sweeps.flatMap(sweepTexts),
      ].join("; ") + ".";
    }).join(" "),
    options,
  });
}

/** What a sweep shows, for those who cannot see it. */
function sweepTexts(
  { way, points, drops }: { way: Ablation; points: readonly Point[]; drops: readonly Point[] },
): string[] {
  const [without, ablation] = way === "zero"
    ? ["without layer", "layer's ablation"]
    : ["with the mean of layer", "layer's mean in its place"];
  const worst = peakOf(drops);
  if (worst === undefined || worst.value <= 0) return [`no ${ablation} lowers accuracy`];
  const certain = drops.filter((drop) => excludesZero(drop) && drop.value > 0).length;
  const left = points.find(({ x }) => x === worst.x);
  const to = left === undefined ? "" : ` to ${shortPercentText(left.value)}`;
  return [
    `accuracy falls most ${without} ${worst.x} (${shortPointsText(-worst.value)}${to})`,
    `the drop's interval is above zero at ${certain} of ${drops.length} layers`,
  ];
}
