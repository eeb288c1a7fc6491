/**
 * Models under one another: where each one's row is, and the column with its name and its thirds.
 *
 * @module
 */
import { type Block, type Blocks, blocksOf } from "./ability_blocks.ts";
import { modelGroup } from "./ability_rows.ts";
import type { LegendItem } from "./legend.ts";
import type { Panel } from "./plot_panel.ts";
import { type Model, MODEL_STYLES } from "./series_styles.ts";
import { svgElement } from "./svg_document.ts";
import { elideMiddle, textWidth } from "./text_width.ts";
import { FONT_SIZES, INK } from "./theme.ts";

/** Rows of models. */
export interface RowLayout {
  readonly labels: readonly string[];
  /** Pixels from the top of the rows to each row's middle. */
  readonly centers: readonly number[];
  readonly height: number;
}

const ROW = { height: 23, groupGap: 9, edge: 4 };
const BLOCK = { width: 30, height: 15, gap: 1.5, fontSize: 9 };
const STRIP = 3 * BLOCK.width + 2 * BLOCK.gap;
/** Between name and strip. */
const NAME_GAP = 10;
/** Space of the names at most, with strips beside them and without. */
const NAME_WIDTH = { withStrips: 165, alone: 250 };

/** Rows from top to bottom; a gap stands between groups of models. */
export function rowLayout(labels: readonly string[]): RowLayout {
  let y = ROW.edge;
  const centers = labels.map((label, i) => {
    if (i > 0 && modelGroup(label) !== modelGroup(labels[i - 1])) y += ROW.groupGap;
    y += ROW.height;
    return y - ROW.height / 2;
  });
  return { labels, centers, height: y + ROW.edge };
}

/**
 * Names and, where a label says them, thirds: blocks in the donors' colours with their names.
 *
 * @param options.top Pixels above the rows.
 */
export function modelColumn(
  document: Document,
  { layout, top }: { layout: RowLayout; top: number },
): Panel {
  const { labels, centers, height } = layout;
  const strips = hasStrips(labels);
  const blocks = labels.map((label) => strips ? blocksOf(label) : undefined);
  const limit = strips ? NAME_WIDTH.withStrips : NAME_WIDTH.alone;
  const names = labels.map((label) => elideMiddle(label, limit, FONT_SIZES.axis));
  const widest = names.reduce(
    (width, name) => Math.max(width, textWidth(name, FONT_SIZES.axis)),
    0,
  );
  const left = Math.ceil(widest) + NAME_GAP;
  const element = svgElement(document, "g", {
    attributes: { "aria-label": "models", "font-size": FONT_SIZES.axis },
    children: labels.flatMap((label, i) => {
      const center = top + centers[i];
      const name = svgElement(document, "text", {
        attributes: { x: 0, y: center + FONT_SIZES.axis * 0.36 },
        children: [names[i]],
      });
      const full = names[i] === label ? [name] : [svgElement(document, "g", {
        children: [svgElement(document, "title", { children: [label] }), name],
      })];
      const own = blocks[i];
      return own === undefined
        ? full
        : [...full, strip(document, { blocks: own, x: left, y: center - BLOCK.height / 2 })];
    }),
  });
  if (strips) {
    const places = ["early", "mid", "late"].map((third, i) =>
      svgElement(document, "text", {
        attributes: {
          x: left + i * (BLOCK.width + BLOCK.gap) + BLOCK.width / 2,
          y: top - 5,
          "text-anchor": "middle",
          "font-size": FONT_SIZES.band,
          fill: INK.muted,
        },
        children: [third],
      })
    );
    element.append(...places);
  }
  return { element, width: strips ? left + STRIP : left - NAME_GAP, height: top + height };
}

function strip(
  document: Document,
  { blocks, x, y }: { blocks: Blocks; x: number; y: number },
): Element {
  return svgElement(document, "g", {
    attributes: { "aria-label": "thirds" },
    children: blocks.flatMap((block, i) =>
      blockElements(document, { block, x: x + i * (BLOCK.width + BLOCK.gap), y })
    ),
  });
}

/** A block: a part for each model that it is made of; a frozen one is framed. */
function blockElements(
  document: Document,
  { block, x, y }: { block: Block; x: number; y: number },
): Element[] {
  const share = block.blend?.share ?? 0;
  const parts: { model: Model; share: number }[] = [{ model: block.model, share: 1 - share }];
  if (block.blend !== undefined) parts.push({ model: block.blend.model, share });
  const shown = parts.filter((part) => part.share > 0);
  const elements: Element[] = [];
  let from = x;
  for (const part of shown) {
    const width = BLOCK.width * part.share;
    elements.push(svgElement(document, "rect", {
      attributes: {
        x: from,
        y,
        width,
        height: BLOCK.height,
        fill: MODEL_STYLES[part.model].color,
      },
    }));
    // Half a block has no room for a name; its first letter tells IN from RL and Base.
    const text = shown.length === 1 ? part.model : part.model[0];
    if (textWidth(text, BLOCK.fontSize, { bold: true }) + 1 <= width) {
      elements.push(blockText(document, { text, x: from + width / 2, y: y + BLOCK.height / 2 }));
    }
    from += width;
  }
  if (block.frozen) {
    elements.push(svgElement(document, "rect", {
      attributes: {
        x: x + 0.75,
        y: y + 0.75,
        width: BLOCK.width - 1.5,
        height: BLOCK.height - 1.5,
        fill: "none",
        stroke: INK.text,
        "stroke-width": 2,
      },
    }));
  }
  return elements;
}

function blockText(
  document: Document,
  { text, x, y }: { text: string; x: number; y: number },
): Element {
  return svgElement(document, "text", {
    attributes: {
      x,
      y: y + BLOCK.fontSize * 0.36,
      "text-anchor": "middle",
      "font-size": BLOCK.fontSize,
      "font-weight": "bold",
      fill: INK.background,
    },
    children: [text],
  });
}

/** Whether some model's thirds differ; else there is nothing that its name does not say. */
function hasStrips(labels: readonly string[]): boolean {
  return labels.flatMap((label) => [blocksOf(label) ?? []]).some((blocks) =>
    blocks.some(({ model, blend }) => model !== blocks[0].model || blend !== undefined)
  );
}

/** Legend of the blocks that some models have; nothing where none has a strip. */
export function blockLegend(
  labels: readonly string[],
  words: (block: Block) => string,
): LegendItem[] {
  if (!hasStrips(labels)) return [];
  const all = labels.flatMap((label) => blocksOf(label) ?? []).map((block): Block => ({
    model: block.model,
    ...(block.frozen ? { frozen: true } : {}),
  }));
  const kinds = new Map(all.map((block) => [words(block), block]));
  const rank = ({ model, frozen }: Block) =>
    (frozen ? 10 : 0) + Object.keys(MODEL_STYLES).indexOf(model);
  return [...kinds].sort(([, a], [, b]) => rank(a) - rank(b)).map(([label, block]) => ({
    label,
    symbolWidth: BLOCK.width,
    draw: (document: Document) => blockElements(document, { block, x: 0, y: -BLOCK.height / 2 }),
  }));
}
