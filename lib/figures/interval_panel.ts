/**
 * A panel that shows values with their intervals against the LLM's layers.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import { type AxisScale, integerTicks } from "./axes.ts";
import { bandLabels, LABEL_LINE } from "./band_labels.ts";
import type { Band, Bands } from "./bands.ts";
import type { IntervalPoint, IntervalSeries } from "./interval_points.ts";
import { type Panel, panelHeading, plotPanel } from "./plot_panel.ts";
import { elideEnd } from "./text_width.ts";
import { FONT_SIZES, INK, markerFill } from "./theme.ts";
import { decimalText } from "../number_format.ts";

/** What a panel over the LLM's layers has around its data. */
export interface LlmPanelFrame {
  readonly bands: Bands;
  readonly scale: AxisScale;
  /** Bold line above the panel. */
  readonly heading?: string;
  /** Label of the y axis; none leaves only its ticks. */
  readonly yLabel?: string;
  /** Label of the x axis; none leaves only its ticks. */
  readonly xLabel?: string;
  readonly width: number;
  /** Height of the plotting area alone, in CSS pixels. */
  readonly plotHeight: number;
}

/** A value without a layer: a horizontal line. */
export type ReferenceLine = Omit<IntervalPoint, "layer">;

/** What an interval panel shows. */
export interface IntervalPanelSpec extends LlmPanelFrame {
  readonly series: readonly IntervalSeries[];
  /** A dashed line across the panel and, around it, its interval. */
  readonly reference?: ReferenceLine;
  /** Whether y = 0 is drawn. */
  readonly zeroLine?: boolean;
  /** Which points are hollow, whatever their marker; none by default. */
  readonly hollow?: (point: IntervalPoint) => boolean;
  /** Marks between the intervals and the lines. */
  readonly behindLines?: readonly Plot.Markish[];
  /** Marks on top of all. */
  readonly onTop?: readonly Plot.Markish[];
}

const MARGIN = { left: 60, right: 6, top: 6, heading: 17, bottom: 22, xLabel: 16 };

/** Draws the panel: reference, intervals, lines, markers, in this order. */
export function intervalPanel(document: Document, spec: IntervalPanelSpec): Panel {
  const { reference } = spec;
  const [from, to] = spec.bands.domain;
  const perLayer = layerWidth(spec);
  const across = reference === undefined ? [] : [reference];
  return llmPanel(document, {
    ...spec,
    marks: [
      Plot.rect(across.filter(({ low, high }) => low !== null && high !== null), {
        x1: from,
        x2: to,
        y1: "low",
        y2: "high",
        fill: INK.text,
        fillOpacity: 0.1,
      }),
      ...(spec.zeroLine ? [Plot.ruleY([0], { stroke: INK.text, strokeWidth: 0.9 })] : []),
      Plot.ruleY(across, {
        y: "value",
        stroke: INK.text,
        strokeWidth: 1.4,
        strokeDasharray: "2,2",
      }),
      ...spec.series.flatMap(({ style, points }) => intervalMarks(points, style.color)),
      ...spec.behindLines ?? [],
      ...spec.series.flatMap((series) => lineMarks(series, { perLayer, hollow: spec.hollow })),
      ...spec.onTop ?? [],
    ],
  });
}

/** Width of one layer in CSS pixels. */
export function layerWidth({ width, bands }: Pick<LlmPanelFrame, "width" | "bands">): number {
  return (width - MARGIN.left - MARGIN.right) / (bands.domain[1] - bands.domain[0]);
}

/** Axes, grid, thirds and heading of a panel over the LLM's layers, with any marks in it. */
export function llmPanel(
  document: Document,
  spec: LlmPanelFrame & { marks: readonly Plot.Markish[] },
): Panel {
  const { bands, scale, width, heading } = spec;
  const marginTop = MARGIN.top + (heading === undefined ? 0 : MARGIN.heading) +
    (bands.regions.length > 0 ? LABEL_LINE : 0);
  const marginBottom = MARGIN.bottom + (spec.xLabel === undefined ? 0 : MARGIN.xLabel);
  const inner = width - MARGIN.left - MARGIN.right;
  const [from, to] = bands.domain;
  const label = { labelAnchor: "center", labelArrow: "none" } as const;
  const panel = plotPanel(document, {
    width,
    height: marginTop + spec.plotHeight + marginBottom,
    marginTop,
    marginBottom,
    marginLeft: MARGIN.left,
    marginRight: MARGIN.right,
    x: { type: "linear", domain: [from, to] },
    y: { type: scale.type, domain: [...scale.domain] },
    marks: [
      Plot.rect(bands.regions, { x1: "from", x2: "to", fill: (band: Band) => band.fill }),
      Plot.gridY(scale.ticks, { stroke: INK.grid, strokeOpacity: 1, strokeWidth: 0.7 }),
      Plot.ruleX(bands.regions.slice(1), {
        x: "from",
        stroke: INK.axis,
        strokeWidth: 0.8,
        strokeDasharray: "1.5,2.5",
      }),
      Plot.frame({ stroke: INK.axis, strokeWidth: 0.8 }),
      Plot.axisX(integerTicks(from, to, Math.max(2, Math.floor(inner / 28))), {
        tickSize: 4,
        // Plot would write a lone tick as "1.0".
        text: (layer: number) => decimalText(layer, 0),
        label: spec.xLabel ?? null,
        labelOffset: 34,
        ...label,
      }),
      Plot.axisY([...scale.ticks], {
        tickSize: 4,
        text: scale.format,
        label: spec.yLabel === undefined ? null : `${spec.yLabel}${scale.unit}`,
        labelOffset: MARGIN.left - 2,
        ...label,
      }),
      ...spec.marks,
    ],
  });
  panel.element.append(bandLabels(document, { bands, inner, left: MARGIN.left, top: marginTop }));
  if (heading !== undefined) {
    const text = elideEnd(heading, width, { fontSize: FONT_SIZES.heading, bold: true });
    panel.element.append(panelHeading(document, text));
  }
  return panel;
}

/** A shaded band through the intervals; of a single one, a bar. */
function intervalMarks(all: readonly IntervalPoint[], color: string): Plot.Markish[] {
  const points = all.filter(({ low, high }) => low !== null && high !== null);
  if (points.length === 0) return [];
  if (points.length === 1) {
    return [
      Plot.ruleX(points, { x: "layer", y1: "low", y2: "high", stroke: color, strokeWidth: 1.2 }),
    ];
  }
  return [
    Plot.areaY(points, { x: "layer", y1: "low", y2: "high", fill: color, fillOpacity: 0.13 }),
  ];
}

function lineMarks(
  { style, points }: IntervalSeries,
  options: { perLayer: number; hollow?: (point: IntervalPoint) => boolean },
): Plot.Markish[] {
  if (points.length === 0) return [];
  const { color, dash, marker } = style;
  const radius = Math.min(3.3, Math.max(1.3, options.perLayer * 0.3));
  return [
    Plot.line(points, {
      x: "layer",
      y: "value",
      stroke: color,
      strokeWidth: 1.5,
      ...(dash === undefined ? {} : { strokeDasharray: dash }),
    }),
    Plot.dot(points, {
      x: "layer",
      y: "value",
      symbol: marker,
      r: radius,
      fill: options.hollow === undefined
        ? markerFill(style)
        : (point: IntervalPoint) => options.hollow!(point) ? INK.background : color,
      stroke: color,
      strokeWidth: Math.min(1.2, radius * 0.6),
    }),
  ];
}
