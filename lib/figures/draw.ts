/**
 * Draws a {@linkcode ChartSpec}: panels with one layout, legend, notes.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import { decimalText } from "../number_format.ts";
import { integerTicks } from "./axes.ts";
import { type Band, bandLabels, LABEL_LINE } from "./bands.ts";
import { composeFigure, contentWidth, PANEL_GAP } from "./compose_figure.ts";
import type { Figure } from "./figure.ts";
import { intervalLegend, type LegendItem, referenceLegend, seriesLegend } from "./legend.ts";
import { intervalMarks, lineMarks, referenceMarks } from "./marks.ts";
import { type Panel, plotPanel } from "./plot_panel.ts";
import {
  columnsWidth,
  drawColumns,
  drawPlaces,
  rowColumn,
  type RowLayout,
  rowLayout,
} from "./rows.ts";
import type { Axis, ChartSpec, Marks, PanelSpec, Room } from "./spec.ts";
import { type Attributes, type SvgNode, svgNode } from "./svg_document.ts";
import { textWidth, wrapText } from "./text_width.ts";
import { FONT_SIZES, INK } from "./theme.ts";

const MARGIN = { top: 6, right: 6, heading: 16, text: 14, places: 17, bottom: 23, xLabel: 17 };
/** Plotting areas narrower than this stand under one another instead; those beside rows may be less. */
const LEAST_PLOT = { alone: 120, besideRows: 80 };
const HEIGHT = 240;

/** Where a panel is among the others, and what they share. */
interface Place {
  readonly width: number;
  /** Pixels from the panel's edges to its plotting area. */
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly layout?: RowLayout;
  readonly xLabel: boolean;
  readonly yLabel: boolean;
  readonly head: Head;
}

/**
 * Draws the chart.
 *
 * @throws {RangeError} if the width is out of range.
 */
export function drawChart(spec: ChartSpec): Figure {
  const { panels, options } = spec;
  const content = contentWidth(options);
  const layout = spec.rows === undefined ? undefined : rowLayout(spec.rows, content);
  const beside = content - (layout === undefined ? 0 : layout.width + PANEL_GAP.column);
  const left = layout === undefined ? leftMargin(panels) : 1;
  const right = panels.reduce((most, panel) => Math.max(most, rightMargin(panel, layout)), 0);
  const least = layout === undefined ? LEAST_PLOT.alone : LEAST_PLOT.besideRows;
  const widthOf = (count: number) => (beside - (count - 1) * PANEL_GAP.column) / count;
  let columns = Math.max(1, Math.min(spec.columns ?? panels.length, panels.length));
  while (columns > 1 && widthOf(columns) - left - right < least) columns--;
  const width = widthOf(columns);
  const rows = Array.from({ length: Math.ceil(panels.length / columns) }, (_, row) => {
    const own = panels.slice(row * columns, (row + 1) * columns);
    const heads = own.map((panel) => headOf(panel, width));
    const top = Math.max(...heads.map(({ height }) => height)) + topMargin(own);
    const drawn = own.map((panel, column) => {
      const below = panels[(row + 1) * columns + column];
      return drawPanel(panel, {
        width,
        left,
        right: layout === undefined ? right : rightMargin(panel, layout),
        top,
        layout,
        xLabel: below === undefined || below.x.label !== panel.x.label,
        yLabel: column === 0 || panel.y?.label !== own[column - 1].y?.label,
        head: heads[column],
      });
    });
    return layout === undefined
      ? drawn
      : [rowColumn({ layout, top, headings: spec.blockHeadings }), ...drawn];
  });
  return composeFigure({ ...spec, legend: legendOf(spec), rows });
}

/** Given entries, and those of every series, of their intervals and of what they are compared with. */
function legendOf({ panels, interval, legend = [], legendEnd = [] }: ChartSpec): LegendItem[] {
  const series = new Map(
    panels.flatMap((panel) => panel.series ?? []).map((one) => [one.style.label, one]),
  );
  const references = new Set(panels.flatMap(({ reference }) => reference?.label ?? []));
  const colors = [...series.values()].map(({ style }) => style.color);
  return [
    ...legend,
    ...[...series.values()].map(({ style, markers }) => seriesLegend(style, { markers })),
    ...[...references].map((label) => referenceLegend(label)),
    ...(interval === undefined ? [] : [
      intervalLegend(interval, [...new Set(colors), ...(references.size > 0 ? [INK.text] : [])]),
    ]),
    ...legendEnd,
  ];
}

/** Room for the widest tick label of any panel, and for the axis labels. */
function leftMargin(panels: readonly PanelSpec[]): number {
  const texts = panels.flatMap(({ y }) => y === undefined ? [] : ticksOf(y, 1).map(textOf(y)));
  const widest = texts.reduce((most, text) => Math.max(most, textWidth(text, FONT_SIZES.axis)), 0);
  return Math.ceil(widest) + 9 + (panels.some(({ y }) => y?.label !== undefined) ? 20 : 0);
}

function rightMargin({ columns = [] }: PanelSpec, layout?: RowLayout): number {
  if (layout === undefined) return MARGIN.right;
  return columns.length === 0 ? 12 : 3 + columnsWidth(columns);
}

/** Pixels between the heads and the plotting areas of panels that stand side by side. */
function topMargin(panels: readonly PanelSpec[]): number {
  const has = (test: (panel: PanelSpec) => boolean) => panels.some(test);
  return MARGIN.top + (has(({ bands }) => (bands?.sections.length ?? 0) > 0) ? LABEL_LINE : 0) +
    (has(({ bands }) => (bands?.regions.length ?? 0) > 0) ? LABEL_LINE : 0) +
    (has(({ places, columns }) => places !== undefined || columns !== undefined)
      ? MARGIN.places
      : 0);
}

const ticksOf = ({ ticks, domain: [from, to] }: Axis, count: number) =>
  ticks ?? integerTicks(from, to, count);
const textOf = ({ format }: Axis, perX = Infinity) => (tick: number) =>
  // Plot would write a lone tick as "1.0".
  format === undefined ? decimalText(tick, 0) : format(tick, perX);

/** Every second tick, or third, so that their texts stand apart. */
function apart(ticks: readonly number[], text: (tick: number) => string, perX: number): number[] {
  const half = (tick: number) => textWidth(text(tick), FONT_SIZES.axis) / 2 + 2;
  const fits = (some: readonly number[]) =>
    some.slice(1).every((tick, i) => (tick - some[i]) * perX >= half(tick) + half(some[i]));
  for (let step = 1; step < ticks.length; step++) {
    const some = ticks.filter((_, i) => i % step === 0);
    if (fits(some)) return some;
  }
  return ticks.slice(0, 1);
}

function drawPanel(spec: PanelSpec, place: Place): Panel {
  const { x, y, bands, series = [], reference } = spec;
  const { left, right, top, layout, width } = place;
  const inner = width - left - right;
  const plotHeight = layout?.height ?? spec.height ?? HEIGHT;
  const [from, to] = x.domain;
  const perX = inner / (to - from);
  const room: Room = {
    width: inner,
    perX,
    rowAt: (key) => layout?.centers[layout.rows.findIndex((row) => row.key === key)] ?? NaN,
  };
  const marksOf = (marks: Marks = []) => typeof marks === "function" ? marks(room) : marks;
  const xTicks = apart(ticksOf(x, Math.max(2, Math.floor(inner / 36))), textOf(x, perX), perX);
  const yAxis = y ?? { domain: [plotHeight, 0] as const, ticks: [], grid: false };
  const yTicks = ticksOf(yAxis, 6);
  const marginBottom = MARGIN.bottom + (place.xLabel && x.label !== undefined ? MARGIN.xLabel : 0);
  const gridStyle = { stroke: INK.grid, strokeOpacity: 1, strokeWidth: 0.7 };
  const panel = plotPanel({
    width,
    height: top + plotHeight + marginBottom,
    marginTop: top,
    marginBottom,
    marginLeft: left,
    marginRight: right,
    x: { type: x.type ?? "linear", domain: [...x.domain] },
    y: { type: yAxis.type ?? "linear", domain: [...yAxis.domain] },
    marks: [
      Plot.rect([...bands?.sections ?? [], ...bands?.regions ?? []], {
        x1: "from",
        x2: "to",
        fill: (band: Band) => band.fill,
      }),
      ...(x.grid ? [Plot.gridX(xTicks, gridStyle)] : []),
      ...(yAxis.grid ?? true ? [Plot.gridY(yTicks, gridStyle)] : []),
      Plot.ruleY(layout?.centers ?? [], {
        stroke: INK.axis,
        strokeWidth: 0.7,
        strokeDasharray: "1,3",
      }),
      ...marksOf(spec.ground),
      Plot.ruleX(bands?.regions.slice(1) ?? [], {
        x: "from",
        stroke: INK.text,
        strokeOpacity: 0.7,
        strokeWidth: 0.9,
        strokeDasharray: "1.5,2.5",
      }),
      Plot.frame({ stroke: INK.axis, strokeWidth: 0.8 }),
      Plot.axisX(xTicks, {
        tickSize: 4,
        text: textOf(x, perX),
        ...axisLabel(place.xLabel ? x : {}),
        labelOffset: 36,
      }),
      Plot.axisY(yTicks, {
        tickSize: 4,
        // Not tickFormat: on a log axis Plot would blank some of the labels.
        text: textOf(yAxis),
        ...axisLabel(place.yLabel ? yAxis : {}),
        labelOffset: left - 2,
      }),
      ...(reference === undefined ? [] : referenceMarks(reference, x.domain)),
      ...(spec.zeroLine ? [Plot.ruleY([0], { stroke: INK.text, strokeWidth: 0.9 })] : []),
      ...series.flatMap(intervalMarks),
      ...marksOf(spec.behind),
      ...series.flatMap((one) => lineMarks(one, room)),
      ...marksOf(spec.marks),
    ],
  });
  const around = [
    headNode(place.head),
    ...(bands === undefined ? [] : [bandLabels({ bands, inner, left, top })]),
    ...(layout === undefined ? [] : [
      drawPlaces(spec.places ?? [], {
        toPixel: (value) => (value - from) * perX,
        ...{ inner, left, y: top - 5 },
      }),
      ...drawColumns(spec.columns ?? [], { layout, left: left + inner + 3, top }),
    ]),
  ];
  return { ...panel, node: { ...panel.node, children: [...panel.node.children, ...around] } };
}

function axisLabel({ label, unit = "" }: Partial<Axis>) {
  const text = label === undefined ? null : `${label}${unit}`;
  return { label: text, labelAnchor: "center", labelArrow: "none" } as const;
}

/** A panel's heading and text, in lines. */
interface Head {
  readonly lines: readonly { readonly text: string; readonly bold: boolean; readonly y: number }[];
  readonly height: number;
}

/** The first heading that fits, or the last one in several lines, and the text below it. */
function headOf({ heading = [], text = "" }: PanelSpec, width: number): Head {
  const bold = { fontSize: FONT_SIZES.heading, bold: true };
  const fit = heading.find((one) => textWidth(one, bold.fontSize, bold) <= width);
  const headings = fit === undefined ? wrapText(heading.at(-1) ?? "", width, bold) : [fit];
  let height = 0;
  const line = (text: string, bold: boolean) => {
    const y = height + (bold ? FONT_SIZES.heading : FONT_SIZES.note);
    height += bold ? MARGIN.heading : MARGIN.text;
    return { text, bold, y };
  };
  const bolds = headings.map((one) => line(one, true));
  height += bolds.length > 0 ? 2 : 0;
  const rest = wrapText(text, width, { fontSize: FONT_SIZES.note }).map((one) => line(one, false));
  return { lines: [...bolds, ...rest], height };
}

function headNode({ lines }: Head): SvgNode {
  return svgNode(
    "g",
    { "aria-label": "heading", "text-anchor": "start" },
    ...lines.map(({ text, bold, y }) => {
      const size = bold ? FONT_SIZES.heading : FONT_SIZES.note;
      const style: Attributes = bold ? { "font-weight": "bold" } : { fill: INK.muted };
      return svgNode("text", { x: 0, y, "font-size": size, ...style }, text);
    }),
  );
}
