/**
 * Legend entries and the row that they stand in.
 *
 * @module
 */
import { type DivergingRamp, inkOn } from "./diverging_ramp.ts";
import type { Panel } from "./plot_panel.ts";
import { BLOCK_SIZE, blockElements } from "./rows.ts";
import type { Block } from "./spec.ts";
import { type Attributes, svgElement } from "./svg_document.ts";
import { textWidth, wrapText } from "./text_width.ts";
import { FONT_SIZES, INK, markerFill, type SeriesStyle } from "./theme.ts";

/** A legend entry: a symbol, drawn around the line y = 0 from x = 0, and its text. */
export interface LegendItem {
  readonly label: string;
  readonly symbolWidth: number;
  readonly draw: (document: Document) => Element[];
}

const LINE_HEIGHT = 19;
const GAP = { symbol: 6, item: 22 };

type Shape = readonly [name: string, attributes: Attributes];

function item(label: string, symbolWidth: number, shapes: readonly Shape[]): LegendItem {
  return {
    label,
    symbolWidth,
    draw: (document) =>
      shapes.map(([name, attributes]) => svgElement(document, name, { attributes })),
  };
}

function line(width: number, stroke: string, rest: Attributes = {}): Shape {
  return ["line", { x1: 0, x2: width, y1: 0, y2: 0, stroke, "stroke-width": 1.5, ...rest }];
}

/** Line and, unless `markers` is false, marker of a series. */
export function seriesLegend(style: SeriesStyle, { markers = true } = {}): LegendItem {
  const { label, color, dash } = style;
  const own = line(30, color, {
    "stroke-width": 1.8,
    ...(dash === undefined ? {} : { "stroke-dasharray": dash }),
  });
  return item(label, 30, markers ? [own, markerShape(style)] : [own]);
}

/** The marker of a series in the middle of its legend line. */
function markerShape(style: SeriesStyle): Shape {
  const { color, marker } = style;
  const fill = markerFill(style);
  const outline = { fill, stroke: color, "stroke-width": 1.5 };
  if (marker === "circle") return ["circle", { cx: 15, cy: 0, r: 3.5, fill }];
  if (marker === "square") return ["rect", { x: 12, y: -3, width: 6, height: 6, ...outline }];
  const d = marker === "triangle" ? "M15,-4.6L19,2.6H11Z" : "M15,-5L18,0L15,5L12,0Z";
  return ["path", { d, ...outline }];
}

/** A box of one colour or, side by side, several. */
export function swatchLegend(label: string, colors: readonly string[]): LegendItem {
  return item(
    label,
    colors.length * 12,
    colors.map((fill, i) => ["rect", { x: i * 12, y: -6, width: 12, height: 12, fill }]),
  );
}

/** A dashed reference line. */
export function referenceLegend(label: string): LegendItem {
  return item(label, 26, [
    line(26, INK.text, { "stroke-width": 1.4, "stroke-dasharray": "2,2" }),
  ]);
}

/** The shaded band of an interval, in as many colours as the figure has lines. */
export function intervalLegend(label: string, colors: readonly string[]): LegendItem {
  const width = 24 / colors.length;
  const box = { y: -6, width, height: 12, "fill-opacity": 0.2 };
  return item(label, 24, colors.map((fill, i) => ["rect", { x: i * width, ...box, fill }]));
}

/** An upright line over an interval. */
export function whiskerLegend(label: string): LegendItem {
  const attributes = { x1: 3, x2: 3, y1: -7, y2: 7, stroke: INK.text, "stroke-width": 1 };
  return item(label, 6, [["line", attributes]]);
}

/** A small arrow that points down. */
export function arrowLegend(label: string): LegendItem {
  return item(label, 9, [["path", { d: "M0.5,-3L8.5,-3L4.5,4Z", fill: INK.text }]]);
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
  return item(label, width, [...(interval ? [line(width, color)] : []), ["circle", dot]]);
}

/** A ring around a marker. */
export function ringLegend(label: string): LegendItem {
  const ring = { cx: 7, cy: 0, r: 6, fill: "none", stroke: INK.text, "stroke-width": 1.3 };
  return item(label, 14, [["circle", ring]]);
}

/** A thick, faint stretch of a line. */
export function stretchLegend(label: string): LegendItem {
  return item(label, 24, [["path", {
    d: "M4,-4L20,4",
    stroke: INK.text,
    "stroke-width": 7,
    "stroke-opacity": 0.3,
    "stroke-linecap": "round",
  }]]);
}

/** A ramp's colours with the value of each inside it, and what the values are. */
export function rampLegend(label: string, ramp: DivergingRamp): LegendItem {
  const texts = ramp.entries.map(({ value }) => ramp.format(value));
  const size = FONT_SIZES.note;
  const width = Math.ceil(Math.max(20, ...texts.map((text) => textWidth(text, size))) + 6);
  return {
    label,
    symbolWidth: width * texts.length,
    draw: (document) =>
      ramp.entries.flatMap(({ color }, i) => [
        svgElement(document, "rect", {
          attributes: { x: i * width, y: -8, width, height: 16, fill: color },
        }),
        svgElement(document, "text", {
          attributes: {
            x: (i + 0.5) * width,
            y: size * 0.36,
            "font-size": size,
            "text-anchor": "middle",
            fill: inkOn(color),
          },
          children: [texts[i]],
        }),
      ]),
  };
}

/** The sign of a cell without a value. */
export function crossedLegend(label: string): LegendItem {
  return item(label, 14, [["path", {
    d: "M0,-6H14V6H0ZM0,-6L14,6",
    fill: "none",
    stroke: INK.axis,
    "stroke-width": 0.8,
  }]]);
}

/** A block of a row's strip. */
export function blockLegend(label: string, block: Block): LegendItem {
  const { width, height } = BLOCK_SIZE;
  return {
    label,
    symbolWidth: width,
    draw: (document) => blockElements(document, block, { x: 0, y: -height / 2 }),
  };
}

/** Entries in a row, in further rows where they do not fit `width`. */
export function legendPanel(
  document: Document,
  options: { items: readonly LegendItem[]; width: number },
): Panel {
  const element = svgElement(document, "g", {
    attributes: { "aria-label": "legend", "font-size": FONT_SIZES.legend },
  });
  let x = 0;
  let y = LINE_HEIGHT / 2;
  for (const { label, symbolWidth, draw } of options.items) {
    const room = Math.max(80, options.width - symbolWidth - GAP.symbol);
    const [first, ...further] = wrapText(label, room, { fontSize: FONT_SIZES.legend });
    const width = symbolWidth + GAP.symbol + textWidth(first, FONT_SIZES.legend);
    if (x > 0 && x + width > options.width) {
      x = 0;
      y += LINE_HEIGHT;
    }
    element.append(svgElement(document, "g", {
      attributes: { transform: `translate(${x},${y})` },
      children: [
        ...draw(document),
        ...[first, ...further].map((text, i) =>
          svgElement(document, "text", {
            attributes: {
              x: symbolWidth + GAP.symbol,
              y: FONT_SIZES.legend * 0.36 + i * LINE_HEIGHT,
            },
            children: [text],
          })
        ),
      ],
    }));
    x += width + GAP.item;
    if (further.length > 0) {
      x = options.width;
      y += LINE_HEIGHT * further.length;
    }
  }
  return { element, width: options.width, height: y + LINE_HEIGHT / 2 };
}
