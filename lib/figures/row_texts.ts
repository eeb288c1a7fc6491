/**
 * Texts around a panel of rows: columns at its right, names of places above it.
 *
 * @module
 */
import { placeLabels } from "./bands.ts";
import type { RowLayout } from "./rows.ts";
import type { PlaceLabel, TextColumn } from "./spec.ts";
import { svgElement } from "./svg_document.ts";
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
  document: Document,
  columns: readonly TextColumn[],
  { layout, left, top }: { layout: RowLayout; left: number; top: number },
): Element[] {
  let right = left;
  return columns.map((column) => {
    right += columnWidth(column) + COLUMN_GAP;
    const x = right;
    const text = (content: string, y: number, fill: string) =>
      svgElement(document, "text", { attributes: { x, y, fill }, children: [content] });
    return svgElement(document, "g", {
      attributes: {
        "aria-label": column.heading,
        "font-size": FONT_SIZES.note,
        "text-anchor": "end",
      },
      children: [
        text(column.heading, top - 5, INK.muted),
        ...layout.rows.flatMap(({ key }, i) => {
          const cell = column.cells.get(key);
          const y = top + layout.centers[i] + FONT_SIZES.note * 0.36;
          return cell === undefined ? [] : [text(cell, y, INK.text)];
        }),
      ],
    });
  });
}

/** Names over their places, pushed apart where they would overlap. */
export function drawPlaces(
  document: Document,
  places: readonly PlaceLabel[],
  options: { toPixel: (value: number) => number; inner: number; left: number; y: number },
): Element {
  const { toPixel, inner, left, y } = options;
  const sorted = places.toSorted((a, b) => a.value - b.value);
  const placed = placeLabels(
    sorted.map(({ text, value }) => ({ label: text, from: value, to: value })),
    { width: inner, toPixel, gap: 5, bold: true },
  );
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
