/**
 * Texts around a panel of rows: columns at its right, names of places above it.
 *
 * @module
 */
import { placeLabels } from "./bands.ts";
import type { RowLayout } from "./rows.ts";
import type { PlaceLabel, TextColumn } from "./spec.ts";
import { type SvgNode, svgNode } from "./svg_document.ts";
import { textWidth } from "./text_width.ts";
import { FONT_SIZES, INK } from "./theme.ts";

const COLUMN_GAP = 8;

function columnWidth({ heading, cells }: TextColumn): number {
  const texts = [heading, ...cells.values()];
  return texts.reduce((width, text) => Math.max(width, textWidth(text, FONT_SIZES.note)), 0);
}

/** Pixels that columns take. */
export function columnsWidth(columns: readonly TextColumn[]): number {
  return columns.reduce((sum, column) => sum + columnWidth(column) + COLUMN_GAP, 0);
}

/** The columns, the first one from `left` on; texts end at the same place. */
export function drawColumns(
  columns: readonly TextColumn[],
  { layout, left, top }: { layout: RowLayout; left: number; top: number },
): SvgNode[] {
  let x = left;
  return columns.map((column) => {
    x += columnWidth(column) + COLUMN_GAP;
    const attributes = {
      "aria-label": column.heading,
      "font-size": FONT_SIZES.note,
      "text-anchor": "end",
    };
    const heading = svgNode("text", { x, y: top - 5, fill: INK.muted }, column.heading);
    const cells = layout.rows.flatMap(({ key }, i) => {
      const cell = column.cells.get(key);
      const y = top + layout.centers[i] + FONT_SIZES.note * 0.36;
      return cell === undefined ? [] : [svgNode("text", { x, y, fill: INK.text }, cell)];
    });
    return svgNode("g", attributes, heading, ...cells);
  });
}

/** Names over their places, pushed apart where they would overlap. */
export function drawPlaces(
  places: readonly PlaceLabel[],
  { toPixel, inner, left, y }: {
    toPixel: (value: number) => number;
    inner: number;
    left: number;
    y: number;
  },
): SvgNode {
  const sorted = places.toSorted((a, b) => a.value - b.value);
  const placed = placeLabels(
    sorted.map(({ text, value }) => ({ label: text, from: value, to: value })),
    { width: inner, toPixel, gap: 5, bold: true },
  );
  return svgNode(
    "g",
    { "aria-label": "places", "font-size": FONT_SIZES.band, "font-weight": "bold" },
    ...placed.map(({ text, center }, i) =>
      svgNode("text", { x: left + center, y, fill: sorted[i].color }, text)
    ),
  );
}
