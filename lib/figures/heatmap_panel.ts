/**
 * A panel of coloured cells: the LLM's layers from left to right, rows from top to bottom.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import { integerTicks } from "./axes.ts";
import { bandLabels, LABEL_LINE } from "./band_labels.ts";
import type { Bands } from "./bands.ts";
import { type DivergingRamp, inkOn } from "./diverging_ramp.ts";
import type { LegendItem } from "./legend.ts";
import { type Panel, panelHeading, plotPanel } from "./plot_panel.ts";
import { svgElement } from "./svg_document.ts";
import { elideEnd, textWidth } from "./text_width.ts";
import { FONT_SIZES, INK } from "./theme.ts";
import { decimalText } from "../number_format.ts";

/** A cell; its value is null where nothing was measured. */
export interface HeatmapCell {
  /** LLM layer, from 0. */
  readonly layer: number;
  /** Row, from 0 at the top. */
  readonly row: number;
  readonly value: number | null;
}

/** What a heatmap panel shows. */
export interface HeatmapPanelSpec {
  readonly cells: readonly HeatmapCell[];
  /** Label of each row, from the top; rows with "" have none. */
  readonly rowLabels: readonly string[];
  /** Width left for the row labels, for panels that stand under one another; as needed by default. */
  readonly labelWidth?: number;
  readonly bands: Bands;
  readonly ramp: DivergingRamp;
  readonly heading: string;
  /** Label of the y axis; none leaves only the rows' labels. */
  readonly yLabel?: string;
  /** Label of the x axis; none leaves only its ticks. */
  readonly xLabel?: string;
  readonly width: number;
  readonly rowHeight: number;
}

const MARGIN = { right: 6, top: 6, heading: 17, bottom: 22, xLabel: 16 };
/** Font size of the values in the cells. */
const CELL_FONT = 8.5;

/** The places where `cells` have no value: the layer was not measured, or gave no finite number. */
export function emptyCells(
  cells: readonly HeatmapCell[],
  options: { rows: number; bands: Bands },
): { layer: number; row: number }[] {
  const [from, to] = options.bands.domain;
  const known = new Set(
    cells.flatMap(({ layer, row, value }) => value === null ? [] : [`${layer} ${row}`]),
  );
  return Array.from({ length: options.rows * (to - from) }, (_, i) => ({
    layer: i % (to - from),
    row: Math.floor(i / (to - from)),
  })).filter(({ layer, row }) => !known.has(`${layer} ${row}`));
}

/** Width of the longest row label. */
export function labelWidth(rowLabels: readonly string[]): number {
  return rowLabels.reduce((max, label) => Math.max(max, textWidth(label, FONT_SIZES.axis)), 0);
}

/** Draws the panel; values stand in the cells where each of them has room. */
export function heatmapPanel(document: Document, spec: HeatmapPanelSpec): Panel {
  const { cells, rowLabels, bands, ramp, width } = spec;
  const left = Math.ceil(spec.labelWidth ?? labelWidth(rowLabels)) + 9 +
    (spec.yLabel === undefined ? 0 : 18);
  const top = MARGIN.top + MARGIN.heading + (bands.regions.length > 0 ? LABEL_LINE : 0);
  const bottom = MARGIN.bottom + (spec.xLabel === undefined ? 0 : MARGIN.xLabel);
  const inner = width - left - MARGIN.right;
  const [from, to] = bands.domain;
  const perLayer = inner / (to - from);
  const rows = rowLabels.length;
  const label = { labelAnchor: "center", labelArrow: "none" } as const;
  const known = cells.flatMap(({ value, ...place }) => value === null ? [] : [{ ...place, value }]);
  const texts = known.map(({ value }) => ramp.format(value));
  const room = spec.rowHeight >= CELL_FONT + 2 &&
    texts.every((text) => textWidth(text, CELL_FONT) <= perLayer - 3);

  const panel = plotPanel(document, {
    width,
    height: top + rows * spec.rowHeight + bottom,
    marginTop: top,
    marginBottom: bottom,
    marginLeft: left,
    marginRight: MARGIN.right,
    x: { type: "linear", domain: [from, to] },
    y: { type: "linear", domain: [rows - 0.5, -0.5] },
    marks: [
      ...ramp.entries.map(({ color }) =>
        cellsMark(document, {
          cells: known.filter(({ value }) => ramp.colorOf(value) === color),
          attributes: { fill: color },
        })
      ),
      cellsMark(document, {
        cells: emptyCells(cells, { rows, bands }),
        attributes: { stroke: INK.axis, "stroke-width": 0.8 },
        crossed: true,
      }),
      Plot.ruleX(bands.regions.slice(1), {
        x: "from",
        stroke: INK.text,
        strokeWidth: 1,
        strokeDasharray: "2,2",
      }),
      Plot.frame({ stroke: INK.axis, strokeWidth: 0.8 }),
      ...(room
        ? [Plot.text(known, {
          x: "layer",
          y: "row",
          text: (_: unknown, i: number) => texts[i],
          fill: ({ value }: { value: number }) => inkOn(ramp.colorOf(value)),
          fontSize: CELL_FONT,
        })]
        : []),
      Plot.axisX(integerTicks(from, to, Math.max(2, Math.floor(inner / 28))), {
        tickSize: 4,
        // Plot would write a lone tick as "1.0".
        text: (layer: number) => decimalText(layer, 0),
        label: spec.xLabel ?? null,
        labelOffset: 34,
        ...label,
      }),
      Plot.axisY(rowLabels.flatMap((text, row) => text === "" ? [] : [row]), {
        tickSize: 4,
        text: (row: number) => rowLabels[row],
        label: spec.yLabel ?? null,
        labelOffset: left - 2,
        ...label,
      }),
    ],
  });
  panel.element.append(
    bandLabels(document, { bands, inner, left, top }),
    panelHeading(
      document,
      elideEnd(spec.heading, width, { fontSize: FONT_SIZES.heading, bold: true }),
    ),
  );
  return panel;
}

interface CellsSpec {
  cells: readonly { layer: number; row: number }[];
  attributes: Record<string, string | number>;
  /** A diagonal line in place of a filled cell. */
  crossed?: boolean;
}

/** All cells of one look as one path: a file of thousands of rectangles would be large. */
function cellsMark(document: Document, { cells, attributes, crossed }: CellsSpec): Plot.Markish {
  return (_index, { x, y }) => {
    if (x === undefined || y === undefined || cells.length === 0) return null;
    const gap = Math.min(0.5, (x(1) - x(0)) / 10);
    const width = x(1) - x(0) - gap;
    const height = y(1) - y(0) - gap;
    const short = (value: number) => String(Math.round(value * 100) / 100);
    const d = cells.map(({ layer, row }) => {
      const corner = [x(layer - 0.5) + gap / 2, y(row - 0.5) + gap / 2].map(short).join();
      return crossed
        ? `M${corner}l${short(width)},${short(height)}`
        : `M${corner}h${short(width)}v${short(height)}h${short(-width)}z`;
    }).join("");
    return svgElement(document, "path", {
      attributes: { "aria-label": crossed ? "empty cells" : "cells", d, ...attributes },
    }) as SVGElement;
  };
}

/** The ramp's colours with the value of each inside it, and what the values are. */
export function rampLegend(label: string, ramp: DivergingRamp): LegendItem {
  const texts = ramp.entries.map(({ value }) => ramp.format(value));
  const size = FONT_SIZES.band - 1;
  const width = Math.ceil(Math.max(20, ...texts.map((text) => textWidth(text, size))) + 6);
  return {
    label,
    symbolWidth: width * texts.length,
    draw: (document) =>
      ramp.entries.flatMap(({ color }, i) => [
        svgElement(document, "rect", {
          attributes: { x: i * width, y: -7.5, width, height: 15, fill: color },
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
export function emptyCellLegend(label: string): LegendItem {
  return {
    label,
    symbolWidth: 14,
    draw: (document) => [svgElement(document, "path", {
      attributes: {
        d: "M0,-6H14V6H0ZM0,-6L14,6",
        fill: "none",
        stroke: INK.axis,
        "stroke-width": 0.8,
      },
    })],
  };
}
