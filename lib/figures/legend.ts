/**
 * Legend entries and the row that they stand in.
 *
 * @module
 */
import type { Panel } from "./plot_panel.ts";
import { svgElement } from "./svg_document.ts";
import { textWidth } from "./text_width.ts";
import { FONT_SIZES, INK, type Phase, PHASE_STYLES } from "./theme.ts";

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
  const { label, color, dash, marker } = PHASE_STYLES[phase];
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
      if (options.marker === false) return [line];
      const shape = marker === "circle"
        ? svgElement(document, "circle", { attributes: { cx: 15, cy: 0, r: 3.5, fill: color } })
        : svgElement(document, "rect", {
          attributes: {
            x: 12,
            y: -3,
            width: 6,
            height: 6,
            fill: INK.background,
            stroke: color,
            "stroke-width": 1.5,
          },
        });
      return [line, shape];
    },
  };
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
