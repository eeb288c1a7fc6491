/**
 * The kinds of marks that charts are made of: lines with intervals, dots, boxes, texts, cells.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import { type DivergingRamp, inkOn } from "./diverging_ramp.ts";
import type { Interval, Point } from "./points.ts";
import type { Reference, Room, Series } from "./spec.ts";
import { textWidth } from "./text_width.ts";
import { FONT_SIZES, INK, markerFill, type SeriesStyle } from "./theme.ts";

const whole = ({ low, high }: Interval) => low !== null && high !== null;

/** A shaded band through the intervals; of a single one, a bar. */
export function intervalMarks({ style, points }: Series): Plot.Markish[] {
  const known = points.filter(whole);
  const ends = { x: "x", y1: "low", y2: "high" };
  if (known.length === 0) return [];
  return known.length === 1
    ? [Plot.ruleX(known, { ...ends, stroke: style.color, strokeWidth: 1.2 })]
    : [Plot.areaY(known, { ...ends, fill: style.color, fillOpacity: 0.13 })];
}

/** A line and its markers; a single point without markers is a ring, for a line is not seen. */
export function lineMarks(series: Series, { perX }: Pick<Room, "perX">): Plot.Markish[] {
  const { style, points, markers = true, hollow } = series;
  if (points.length === 0) return [];
  const { color, dash, marker } = style;
  const radius = Math.min(3.3, Math.max(1.4, perX * 0.32));
  const line = Plot.line(points, {
    x: "x",
    y: "value",
    z: "piece",
    stroke: color,
    strokeWidth: markers ? 1.5 : 1.9,
    ...(dash === undefined ? {} : { strokeDasharray: dash }),
  });
  if (!markers) {
    return points.length > 1
      ? [line]
      : [Plot.dot(points, { x: "x", y: "value", r: 3, stroke: color, strokeWidth: 1.5 })];
  }
  return [
    line,
    Plot.dot(points, {
      x: "x",
      y: "value",
      symbol: marker,
      r: radius,
      fill: hollow === undefined
        ? markerFill(style)
        : (point: Point) => hollow(point) ? INK.background : color,
      stroke: color,
      strokeWidth: Math.min(1.2, radius * 0.6),
    }),
  ];
}

/** A dashed line across the panel and, below it, its interval. */
export function referenceMarks(
  reference: Reference,
  [from, to]: readonly [number, number],
): Plot.Markish[] {
  const ends = { x1: from, x2: to, y1: "low", y2: "high" };
  const line = { stroke: INK.text, strokeWidth: 1.4, strokeDasharray: "2,2" };
  return [
    Plot.rect([reference].filter(whole), { ...ends, fill: INK.text, fillOpacity: 0.1 }),
    Plot.ruleY([reference], { y: "value", ...line }),
  ];
}

/** A rectangle in the axes' units. */
export interface Box {
  readonly x1: number;
  readonly x2: number;
  readonly y1: number;
  readonly y2: number;
  readonly fill: string;
}

/** Filled rectangles; with `stroke`, outlined. */
export function boxMarks(
  boxes: readonly Box[],
  outline: { stroke?: string; strokeWidth?: number } = {},
): Plot.Markish {
  return Plot.rect(boxes, { x1: "x1", x2: "x2", y1: "y1", y2: "y2", fill: "fill", ...outline });
}

/** A dot at any place, with its interval along one of the axes. */
export interface Dot extends Interval {
  /** Place on the other axis. */
  readonly at: number;
  readonly style: Pick<SeriesStyle, "color" | "marker">;
  readonly hollow?: boolean;
}

/** Intervals and, over them, dots; values along the x axis, or with `upright` along the y axis. */
export function dotMarks(dots: readonly Dot[], { upright = false } = {}): Plot.Markish[] {
  const stroke = ({ style }: Dot) => style.color;
  const [rule, value] = upright ? [Plot.ruleX, "y"] as const : [Plot.ruleY, "x"] as const;
  const other = upright ? "x" : "y";
  return [
    rule(dots.filter(whole), {
      [`${value}1`]: "low",
      [`${value}2`]: "high",
      [other]: "at",
      stroke,
      strokeWidth: 1.5,
    }),
    Plot.dot(dots, {
      [value]: "value",
      [other]: "at",
      symbol: ({ style }: Dot) => style.marker,
      r: 4,
      fill: ({ hollow, style }: Dot) => hollow ? INK.background : style.color,
      stroke,
      strokeWidth: 1.5,
    }),
  ];
}

/** A text at a place of the axes. */
export interface PlacedText {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  readonly fill?: string;
}

/** Small texts with an edge that keeps them apart from what is behind; `edge` false draws none. */
export function textMarks(
  texts: readonly PlacedText[],
  options: {
    dx?: number;
    dy?: number;
    anchor?: "start" | "middle";
    bold?: boolean;
    edge?: boolean;
  } = {},
): Plot.Markish {
  const { dx = 0, dy = 0, anchor = "middle", bold = true, edge = true } = options;
  return Plot.text(texts, {
    ...{ x: "x", y: "y", text: "text", dx, dy, textAnchor: anchor },
    fontSize: FONT_SIZES.note,
    fontWeight: bold ? "bold" : "normal",
    fill: ({ fill = INK.text }: PlacedText) => fill,
    ...(edge ? { stroke: INK.background, strokeWidth: 3 } : {}),
  });
}

/** A cell of a heat map; its value is null where nothing was measured. */
export interface Cell {
  readonly x: number;
  /** Row, from 0 at the top. */
  readonly row: number;
  readonly value: number | null;
}

/** The cells, in the ramp's colours; places of the grid without a value are crossed out. */
export function cellMarks(
  cells: readonly Cell[],
  empty: readonly Omit<Cell, "value">[],
  ramp: DivergingRamp,
): Plot.Markish[] {
  const known = knownCells(cells);
  return [
    ...ramp.entries.map(({ color }) =>
      cellsMark(known.filter(({ value }) => ramp.colorOf(value) === color), { fill: color })
    ),
    cellsMark(empty, { stroke: INK.axis, "stroke-width": 0.8 }, true),
  ];
}

/** The cells' values, if each of them has room in its cell. */
export function cellTextMarks(
  cells: readonly Cell[],
  { ramp, perX, rowHeight }: { ramp: DivergingRamp; perX: number; rowHeight: number },
): Plot.Markish[] {
  const known = knownCells(cells);
  const size = FONT_SIZES.note;
  const fits = rowHeight >= size + 2 &&
    known.every(({ value }) => textWidth(ramp.format(value), size) <= perX - 1);
  const texts = known.map(({ x, row, value }) => (
    { x, y: row, text: ramp.format(value), fill: inkOn(ramp.colorOf(value)) }
  ));
  return fits ? [textMarks(texts, { bold: false, edge: false })] : [];
}

function knownCells(cells: readonly Cell[]) {
  return cells.flatMap(({ value, ...place }) => value === null ? [] : [{ ...place, value }]);
}

/** All cells of one look as one path: a file of thousands of rectangles would be large. */
function cellsMark(
  cells: readonly Omit<Cell, "value">[],
  attributes: Record<string, string | number>,
  crossed = false,
): Plot.Markish {
  return (_index, { x, y }, _values, _dimensions, { document }) => {
    if (x === undefined || y === undefined || cells.length === 0) return null;
    const gap = Math.min(0.5, (x(1) - x(0)) / 10);
    const width = x(1) - x(0) - gap;
    const height = y(1) - y(0) - gap;
    const short = (value: number) => String(Math.round(value * 100) / 100);
    const d = cells.map((cell) => {
      const corner = [x(cell.x - 0.5) + gap / 2, y(cell.row - 0.5) + gap / 2].map(short).join();
      return crossed
        ? `M${corner}l${short(width)},${short(height)}`
        : `M${corner}h${short(width)}v${short(height)}h${short(-width)}z`;
    }).join("");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    const all = { "aria-label": crossed ? "empty cells" : "cells", d, ...attributes };
    for (const [name, value] of Object.entries(all)) path.setAttribute(name, String(value));
    return path;
  };
}
