/**
 * Legend entries and the row that they stand in.
 *
 * @module
 */
import { type DivergingRamp, inkOn } from "./diverging_ramp.ts";
import type { Panel } from "./plot_panel.ts";
import { BLOCK_SIZE, blockNodes } from "./rows.ts";
import type { Block } from "./spec.ts";
import { type Attributes, type SvgNode, svgNode } from "./svg_document.ts";
import { textWidth, wrapText } from "./text_width.ts";
import { FONT_SIZES, INK, markerFill, type SeriesStyle } from "./theme.ts";

/** A legend entry: a symbol, drawn around the line y = 0 from x = 0, and its text. */
export interface LegendItem {
  readonly label: string;
  readonly symbolWidth: number;
  readonly symbol: readonly SvgNode[];
}

const LINE_HEIGHT = 19;
const GAP = { symbol: 6, item: 22 };

function item(label: string, symbolWidth: number, ...symbol: readonly SvgNode[]): LegendItem {
  return { label, symbolWidth, symbol };
}

function line(width: number, stroke: string, rest: Attributes = {}): SvgNode {
  return svgNode("line", { x1: 0, x2: width, y1: 0, y2: 0, stroke, "stroke-width": 1.5, ...rest });
}

/** Line and, unless `markers` is false, marker of a series. */
export function seriesLegend(style: SeriesStyle, { markers = true } = {}): LegendItem {
  const { label, color, dash } = style;
  const own = line(30, color, {
    "stroke-width": 1.8,
    ...(dash === undefined ? {} : { "stroke-dasharray": dash }),
  });
  return item(label, 30, own, ...(markers ? [markerNode(style)] : []));
}

/** The marker of a series in the middle of its legend line. */
function markerNode(style: SeriesStyle): SvgNode {
  const { color, marker } = style;
  const fill = markerFill(style);
  const outline = { fill, stroke: color, "stroke-width": 1.5 };
  if (marker === "circle") return svgNode("circle", { cx: 15, cy: 0, r: 3.5, fill });
  if (marker === "square") {
    return svgNode("rect", { x: 12, y: -3, width: 6, height: 6, ...outline });
  }
  const d = marker === "triangle" ? "M15,-4.6L19,2.6H11Z" : "M15,-5L18,0L15,5L12,0Z";
  return svgNode("path", { d, ...outline });
}

/** A box of one colour or, side by side, several. */
export function swatchLegend(label: string, colors: readonly string[]): LegendItem {
  const box = { y: -6, width: 12, height: 12 };
  const boxes = colors.map((fill, i) => svgNode("rect", { x: i * 12, ...box, fill }));
  return item(label, colors.length * 12, ...boxes);
}

/** A dashed reference line. */
export function referenceLegend(label: string): LegendItem {
  return item(label, 26, line(26, INK.text, { "stroke-width": 1.4, "stroke-dasharray": "2,2" }));
}

/** The shaded band of an interval, in as many colours as the figure has lines. */
export function intervalLegend(label: string, colors: readonly string[]): LegendItem {
  const width = 24 / colors.length;
  const box = { y: -6, width, height: 12, "fill-opacity": 0.2 };
  const boxes = colors.map((fill, i) => svgNode("rect", { x: i * width, ...box, fill }));
  return item(label, 24, ...boxes);
}

/** An upright line over an interval. */
export function whiskerLegend(label: string): LegendItem {
  const attributes = { x1: 3, x2: 3, y1: -7, y2: 7, stroke: INK.text, "stroke-width": 1 };
  return item(label, 6, svgNode("line", attributes));
}

/** A small arrow that points down. */
export function arrowLegend(label: string): LegendItem {
  return item(label, 9, svgNode("path", { d: "M0.5,-3L8.5,-3L4.5,4Z", fill: INK.text }));
}

/** A round marker; on its interval, hollow, or both. */
export function dotLegend(
  label: string,
  { color, hollow = false, interval = true }: {
    color: string;
    hollow?: boolean;
    interval?: boolean;
  },
): LegendItem {
  const width = interval ? 24 : 10;
  const fill = hollow ? INK.background : color;
  const dot = { cx: width / 2, cy: 0, r: 4, fill, stroke: color, "stroke-width": 1.5 };
  return item(label, width, ...(interval ? [line(width, color)] : []), svgNode("circle", dot));
}

/** A ring around a marker. */
export function ringLegend(label: string): LegendItem {
  const ring = { cx: 7, cy: 0, r: 6, fill: "none", stroke: INK.text, "stroke-width": 1.3 };
  return item(label, 14, svgNode("circle", ring));
}

/** A thick, faint stretch of a line. */
export function stretchLegend(label: string): LegendItem {
  const faint = { "stroke-width": 7, "stroke-opacity": 0.3, "stroke-linecap": "round" };
  return item(label, 24, svgNode("path", { d: "M4,-4L20,4", stroke: INK.text, ...faint }));
}

/** A ramp's colours with the value of each inside it, and what the values are. */
export function rampLegend(label: string, ramp: DivergingRamp): LegendItem {
  const texts = ramp.entries.map(({ value }) => ramp.format(value));
  const size = FONT_SIZES.note;
  const width = Math.ceil(Math.max(20, ...texts.map((text) => textWidth(text, size))) + 6);
  const boxes = ramp.entries.flatMap(({ color }, i) => {
    const place = { x: (i + 0.5) * width, y: size * 0.36 };
    const style = { "font-size": size, "text-anchor": "middle", fill: inkOn(color) };
    return [
      svgNode("rect", { x: i * width, y: -8, width, height: 16, fill: color }),
      svgNode("text", { ...place, ...style }, texts[i]),
    ];
  });
  return item(label, width * texts.length, ...boxes);
}

/** The sign of a cell without a value. */
export function crossedLegend(label: string): LegendItem {
  const attributes = { fill: "none", stroke: INK.axis, "stroke-width": 0.8 };
  return item(label, 14, svgNode("path", { d: "M0,-6H14V6H0ZM0,-6L14,6", ...attributes }));
}

/** A block of a row's strip. */
export function blockLegend(label: string, block: Block): LegendItem {
  const { width, height } = BLOCK_SIZE;
  return item(label, width, ...blockNodes(block, { x: 0, y: -height / 2 }));
}

/** Entries in a row, in further rows where they do not fit `width`. */
export function legendPanel(items: readonly LegendItem[], width: number): Panel {
  let x = 0;
  let y = LINE_HEIGHT / 2;
  const nodes = items.map(({ label, symbolWidth, symbol }) => {
    const left = symbolWidth + GAP.symbol;
    const lines = wrapText(label, Math.max(80, width - left), { fontSize: FONT_SIZES.legend });
    const own = left + textWidth(lines[0], FONT_SIZES.legend);
    if (x > 0 && x + own > width) {
      x = 0;
      y += LINE_HEIGHT;
    }
    const texts = lines.map((text, i) =>
      svgNode("text", { x: left, y: FONT_SIZES.legend * 0.36 + i * LINE_HEIGHT }, text)
    );
    const node = svgNode("g", { transform: `translate(${x},${y})` }, ...symbol, ...texts);
    x = lines.length > 1 ? width : x + own + GAP.item;
    y += LINE_HEIGHT * (lines.length - 1);
    return node;
  });
  const attributes = { "aria-label": "legend", "font-size": FONT_SIZES.legend };
  return { node: svgNode("g", attributes, ...nodes), width, height: y + LINE_HEIGHT / 2 };
}
