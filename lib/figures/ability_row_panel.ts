/**
 * A panel of an ability beside the models' rows: its heading, its axis, and numbers at the right.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import type { RowLayout } from "./ability_row_layout.ts";
import { type AbilityHeading, headingElement, headingHeight } from "./ability_texts.ts";
import type { AxisScale } from "./axes.ts";
import { placeLabels } from "./bands.ts";
import { type Panel, plotPanel } from "./plot_panel.ts";
import { svgElement } from "./svg_document.ts";
import { textWidth } from "./text_width.ts";
import { FONT_SIZES, INK } from "./theme.ts";

/** Numbers at the right of the rows. */
export interface TextColumn {
  readonly heading: string;
  /** Text by the model's label. */
  readonly cells: ReadonlyMap<string, string>;
}

/** A name over a place on the axis. */
export interface PlaceLabel {
  readonly text: string;
  readonly value: number;
  readonly color: string;
}

/** What a panel shows beside its marks. */
export interface RowPanelSpec {
  readonly layout: RowLayout;
  readonly heading: AbilityHeading;
  /** Pixels above the rows. */
  readonly top: number;
  readonly width: number;
  readonly scale: AxisScale;
  readonly xLabel: string;
  readonly columns: readonly TextColumn[];
  readonly places?: readonly PlaceLabel[];
  /** Marks whose y is in pixels from the top of the rows. */
  readonly marks: readonly Plot.Markish[];
}

const MARGIN = { left: 1, right: 3, rightAlone: 12, bottom: 22, xLabel: 16 };
/** The line of place names and column headings, just above the rows. */
const PLACES_LINE = 16;
const COLUMN_GAP = 8;

/** Pixels above the rows that panels with these headings need. */
export function rowsTop(headings: readonly AbilityHeading[]): number {
  return headingHeight(headings) + PLACES_LINE;
}

function columnWidth({ heading, cells }: TextColumn): number {
  const texts = [heading, ...cells.values()];
  return texts.reduce((width, text) => Math.max(width, textWidth(text, FONT_SIZES.note)), 0);
}

/** Pixels that margins and columns take of a panel's width. */
export function besidePlot(columns: readonly TextColumn[]): number {
  return MARGIN.left + (columns.length === 0 ? MARGIN.rightAlone : MARGIN.right) +
    columns.reduce((sum, column) => sum + columnWidth(column) + COLUMN_GAP, 0);
}

/** Draws the panel. */
export function rowPanel(document: Document, spec: RowPanelSpec): Panel {
  const { layout, top, width, scale, columns } = spec;
  const besides = besidePlot(columns);
  const inner = width - besides;
  const height = top + layout.height + MARGIN.bottom + MARGIN.xLabel;
  const panel = plotPanel(document, {
    width,
    height,
    marginTop: top,
    marginBottom: MARGIN.bottom + MARGIN.xLabel,
    marginLeft: MARGIN.left,
    marginRight: besides - MARGIN.left,
    x: { type: "linear", domain: [...scale.domain] },
    y: { type: "linear", domain: [layout.height, 0], axis: null },
    marks: [
      Plot.gridX(scale.ticks, { stroke: INK.grid, strokeOpacity: 1, strokeWidth: 0.7 }),
      Plot.ruleY(layout.centers, {
        stroke: INK.axis,
        strokeWidth: 0.7,
        strokeDasharray: "1,3",
      }),
      Plot.frame({ stroke: INK.axis, strokeWidth: 0.8 }),
      Plot.axisX([...scale.ticks], {
        tickSize: 4,
        text: scale.format,
        label: `${spec.xLabel}${scale.unit}`,
        labelAnchor: "center",
        labelArrow: "none",
        labelOffset: 34,
      }),
      ...spec.marks,
    ],
  });
  const toPixel = (value: number) =>
    (value - scale.domain[0]) / (scale.domain[1] - scale.domain[0]) * inner;
  panel.element.append(
    headingElement(document, spec.heading),
    placesElement(document, {
      places: spec.places ?? [],
      toPixel,
      inner,
      left: MARGIN.left,
      y: top - 5,
    }),
  );
  let right = MARGIN.left + inner + MARGIN.right;
  for (const column of columns) {
    right += columnWidth(column) + COLUMN_GAP;
    panel.element.append(columnElement(document, { column, layout, right, top }));
  }
  return panel;
}

function placesElement(
  document: Document,
  options: {
    places: readonly PlaceLabel[];
    toPixel: (value: number) => number;
    inner: number;
    left: number;
    y: number;
  },
): Element {
  const { places, toPixel, inner, left, y } = options;
  const sorted = places.toSorted((a, b) => a.value - b.value);
  const bands = sorted.map(({ text, value }) => ({
    label: text,
    from: value,
    to: value,
    fill: "none",
  }));
  const placed = placeLabels(bands, { width: inner, toPixel, gap: 5 });
  return svgElement(document, "g", {
    attributes: { "aria-label": "places", "font-size": FONT_SIZES.band, "font-weight": "bold" },
    children: placed.map(({ text, center }, i) =>
      svgElement(document, "text", {
        attributes: { x: left + center, y, fill: sorted[i].color },
        children: [text],
      })
    ),
  });
}

function columnElement(
  document: Document,
  options: { column: TextColumn; layout: RowLayout; right: number; top: number },
): Element {
  const { column, layout, right, top } = options;
  const text = (content: string, y: number, fill: string) =>
    svgElement(document, "text", { attributes: { x: right, y, fill }, children: [content] });
  return svgElement(document, "g", {
    attributes: {
      "aria-label": column.heading,
      "font-size": FONT_SIZES.note,
      "text-anchor": "end",
    },
    children: [
      text(column.heading, top - 5, INK.muted),
      ...layout.labels.flatMap((label, i) => {
        const cell = column.cells.get(label);
        const y = top + layout.centers[i] + FONT_SIZES.note * 0.36;
        return cell === undefined ? [] : [text(cell, y, INK.text)];
      }),
    ],
  });
}
