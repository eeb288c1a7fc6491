/**
 * Legend entries and the row that they stand in.
 *
 * @module
 */
import type { Panel } from "./plot_panel.ts";
import { svgElement } from "./svg_document.ts";
import { textWidth } from "./text_width.ts";
import {
  FONT_SIZES,
  INK,
  markerFill,
  type Phase,
  PHASE_STYLES,
  type SeriesStyle,
} from "./theme.ts";

/** A legend entry: a symbol, drawn around the line y = 0 from x = 0, and its text. */
export interface LegendItem {
  readonly label: string;
  readonly symbolWidth: number;
  readonly draw: (document: Document) => Element[];
}

const LINE_HEIGHT = 19;
const GAP = { symbol: 6, item: 22 };

/** Line and, unless `marker` is false, marker of a phase. */
export function phaseLegend(phase: Phase, options: { marker?: boolean } = {}): LegendItem {
  return seriesLegend(PHASE_STYLES[phase], options);
}

/** Line and, unless `marker` is false, marker of a series. */
export function seriesLegend(
  style: SeriesStyle,
  options: { marker?: boolean } = {},
): LegendItem {
  const { label, color, dash } = style;
  return {
    label,
    symbolWidth: 30,
    draw: (document) => {
      const line = svgElement(document, "line", {
        attributes: {
          x1: 0,
          x2: 30,
          y1: 0,
          y2: 0,
          stroke: color,
          "stroke-width": 1.8,
          ...(dash === undefined ? {} : { "stroke-dasharray": dash }),
        },
      });
      return options.marker === false ? [line] : [line, markerElement(document, style)];
    },
  };
}

/** The marker of a series in the middle of its legend line. */
function markerElement(document: Document, style: SeriesStyle): Element {
  const { color, marker } = style;
  const fill = markerFill(style);
  const outline = { fill, stroke: color, "stroke-width": 1.5 };
  if (marker === "circle") {
    return svgElement(document, "circle", { attributes: { cx: 15, cy: 0, r: 3.5, fill } });
  }
  if (marker === "square") {
    return svgElement(document, "rect", {
      attributes: { x: 12, y: -3, width: 6, height: 6, ...outline },
    });
  }
  const d = marker === "triangle" ? "M15,-4.6L19,2.6H11Z" : "M15,-5L18,0L15,5L12,0Z";
  return svgElement(document, "path", { attributes: { d, ...outline } });
}

/** A box of one colour or, side by side, several. */
export function swatchLegend(label: string, colors: readonly string[]): LegendItem {
  return {
    label,
    symbolWidth: colors.length * 12,
    draw: (document) =>
      colors.map((fill, i) =>
        svgElement(document, "rect", {
          attributes: { x: i * 12, y: -6, width: 12, height: 12, fill },
        })
      ),
  };
}

/** A dashed reference line. */
export function referenceLegend(label: string): LegendItem {
  return {
    label,
    symbolWidth: 26,
    draw: (document) => [svgElement(document, "line", {
      attributes: {
        x1: 0,
        x2: 26,
        y1: 0,
        y2: 0,
        stroke: INK.text,
        "stroke-width": 1.4,
        "stroke-dasharray": "2,2",
      },
    })],
  };
}

/** The shaded band of an interval, in as many colours as the figure has lines. */
export function intervalLegend(label: string, colors: readonly string[]): LegendItem {
  const width = 24 / colors.length;
  return {
    label,
    symbolWidth: 24,
    draw: (document) =>
      colors.map((fill, i) =>
        svgElement(document, "rect", {
          attributes: { x: i * width, y: -6, width, height: 12, fill, "fill-opacity": 0.2 },
        })
      ),
  };
}

/** An upright line over an interval. */
export function whiskerLegend(label: string): LegendItem {
  return {
    label,
    symbolWidth: 6,
    draw: (document) => [svgElement(document, "line", {
      attributes: { x1: 3, x2: 3, y1: -7, y2: 7, stroke: INK.text, "stroke-width": 1 },
    })],
  };
}

/** A small arrow that points down. */
export function arrowLegend(label: string): LegendItem {
  return {
    label,
    symbolWidth: 9,
    draw: (document) => [svgElement(document, "path", {
      attributes: { d: "M0.5,-3L8.5,-3L4.5,4Z", fill: INK.text },
    })],
  };
}

/** A hollow round marker. */
export function hollowLegend(label: string, color: string): LegendItem {
  return {
    label,
    symbolWidth: 9,
    draw: (document) => [svgElement(document, "circle", {
      attributes: {
        cx: 4.5,
        cy: 0,
        r: 3.5,
        fill: INK.background,
        stroke: color,
        "stroke-width": 1.3,
      },
    })],
  };
}

/** A ring around a marker. */
export function ringLegend(label: string): LegendItem {
  return {
    label,
    symbolWidth: 14,
    draw: (document) => [svgElement(document, "circle", {
      attributes: { cx: 7, cy: 0, r: 6, fill: "none", stroke: INK.text, "stroke-width": 1.3 },
    })],
  };
}

/** A thick, faint stretch of a line. */
export function stretchLegend(label: string): LegendItem {
  return {
    label,
    symbolWidth: 24,
    draw: (document) => [svgElement(document, "path", {
      attributes: {
        d: "M4,-4L20,4",
        stroke: INK.text,
        "stroke-width": 7,
        "stroke-opacity": 0.3,
        "stroke-linecap": "round",
      },
    })],
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
    const width = symbolWidth + GAP.symbol + textWidth(label, FONT_SIZES.legend);
    if (x > 0 && x + width > options.width) {
      x = 0;
      y += LINE_HEIGHT;
    }
    element.append(svgElement(document, "g", {
      attributes: { transform: `translate(${x},${y})` },
      children: [
        ...draw(document),
        svgElement(document, "text", {
          attributes: { x: symbolWidth + GAP.symbol, y: FONT_SIZES.legend * 0.36 },
          children: [label],
        }),
      ],
    }));
    x += width + GAP.item;
  }
  return { element, width: options.width, height: y + LINE_HEIGHT / 2 };
}
