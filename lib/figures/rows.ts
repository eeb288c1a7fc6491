/**
 * Rows that panels share: where each is, its label and blocks, and the texts around them.
 *
 * @module
 */
import { placeLabels } from "./bands.ts";
import type { Panel } from "./plot_panel.ts";
import type { Block, PlaceLabel, RowSpec, TextColumn } from "./spec.ts";
import { type SvgNode, svgNode } from "./svg_document.ts";
import { elideMiddle, textWidth } from "./text_width.ts";
import { FONT_SIZES, INK } from "./theme.ts";

const ROW = { height: 23, groupGap: 9, edge: 4 };
const BLOCK = { width: 34, height: 16, gap: 1.5 };
/** Between label and blocks. */
const LABEL_GAP = 10;
/** Space of the labels at most, with blocks beside them and without; and their part of the figure. */
const LABEL_WIDTH = { withBlocks: 165, alone: 250, part: 0.27 };

/** Where rows are. */
export interface RowLayout {
  readonly rows: readonly RowSpec[];
  /** Pixels from the top of the rows to each row's middle. */
  readonly centers: readonly number[];
  readonly height: number;
  /** Width of the labels and of the column with them. */
  readonly labelWidth: number;
  readonly width: number;
  readonly blocks: boolean;
}

/** Rows from top to bottom in a figure `content` pixels wide; a gap stands between groups. */
export function rowLayout(rows: readonly RowSpec[], content: number): RowLayout {
  let y = ROW.edge;
  const centers = rows.map(({ group }, i) => {
    if (i > 0 && group !== rows[i - 1].group) y += ROW.groupGap;
    y += ROW.height;
    return y - ROW.height / 2;
  });
  const blocks = rows.some((row) => row.blocks !== undefined);
  const limit = Math.min(
    blocks ? LABEL_WIDTH.withBlocks : LABEL_WIDTH.alone,
    LABEL_WIDTH.part * content,
  );
  const widest = rows.reduce(
    (width, { label }) =>
      Math.max(width, textWidth(elideMiddle(label, limit, FONT_SIZES.axis), FONT_SIZES.axis)),
    0,
  );
  const labelWidth = Math.ceil(widest);
  const strip = rows.reduce((most, row) => Math.max(most, row.blocks?.length ?? 0), 0);
  const width = labelWidth +
    (blocks ? LABEL_GAP + strip * BLOCK.width + (strip - 1) * BLOCK.gap : 0);
  return { rows, centers, height: y + ROW.edge, labelWidth, width, blocks };
}

/** Labels and blocks, `top` pixels below the panel's upper edge; `headings` over the blocks. */
export function rowColumn(
  { layout, top, headings = [] }: { layout: RowLayout; top: number; headings?: readonly string[] },
): Panel {
  const { rows, centers, labelWidth, width, height } = layout;
  const left = (i: number) => labelWidth + LABEL_GAP + i * (BLOCK.width + BLOCK.gap);
  const drawn = rows.flatMap(({ label, blocks = [] }, i) => {
    const center = top + centers[i];
    const short = elideMiddle(label, Math.max(labelWidth, 1), FONT_SIZES.axis);
    const text = svgNode("text", { x: 0, y: center + FONT_SIZES.axis * 0.36 }, short);
    const named = short === label ? text : svgNode("g", {}, svgNode("title", {}, label), text);
    const strip = blocks.flatMap((block, k) =>
      blockNodes(block, { x: left(k), y: center - BLOCK.height / 2 })
    );
    return blocks.length === 0
      ? [named]
      : [named, svgNode("g", { "aria-label": "blocks" }, ...strip)];
  });
  const above = (layout.blocks ? headings : []).map((heading, i) => {
    const x = left(i) + BLOCK.width / 2;
    const style = { "text-anchor": "middle", "font-size": FONT_SIZES.band, fill: INK.muted };
    return svgNode("text", { x, y: top - 5, ...style }, heading);
  });
  const attributes = { "aria-label": "rows", "font-size": FONT_SIZES.axis };
  return { node: svgNode("g", attributes, ...drawn, ...above), width, height: top + height };
}

/** Size of a block, for a legend. */
export const BLOCK_SIZE = { width: BLOCK.width, height: BLOCK.height } as const;

/** A block: its parts side by side, each with its text where that fits; framed or not. */
export function blockNodes(
  { parts, framed }: Block,
  { x, y }: { x: number; y: number },
): SvgNode[] {
  let from = x;
  const { height } = BLOCK;
  const nodes = parts.filter(({ share }) => share > 0).flatMap(({ text, color, share }) => {
    const width = BLOCK.width * share;
    const box = svgNode("rect", { x: from, y, width, height, fill: color });
    const middle = from + width / 2;
    from += width;
    // Part of a block may have no room for the text; its first letter tells more than nothing.
    const shown = [text, text[0]].find((candidate) =>
      textWidth(candidate, FONT_SIZES.note, { bold: true }) + 1 <= width
    );
    if (shown === undefined) return [box];
    const attributes = {
      x: middle,
      y: y + height / 2 + FONT_SIZES.note * 0.36,
      "text-anchor": "middle",
      "font-size": FONT_SIZES.note,
      "font-weight": "bold",
      fill: INK.background,
    };
    return [box, svgNode("text", attributes, shown)];
  });
  if (!framed) return nodes;
  const size = { width: BLOCK.width - 1.5, height: height - 1.5 };
  const line = { fill: "none", stroke: INK.text, "stroke-width": 2 };
  return [...nodes, svgNode("rect", { x: x + 0.75, y: y + 0.75, ...size, ...line })];
}

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
