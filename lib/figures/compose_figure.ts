/**
 * Title, legend, panels and notes set as one standalone SVG.
 *
 * @module
 */
import type pl from "nodejs-polars";
import { basisNotes } from "../basis.ts";
import { Figure } from "./figure.ts";
import { type LegendItem, legendPanel } from "./legend.ts";
import type { Panel } from "./plot_panel.ts";
import { serializeSvg, type SvgNode, svgNode } from "./svg_document.ts";
import { wrapText } from "./text_width.ts";
import { DEFAULT_WIDTH, FONT_FAMILY, FONT_SIZES, INK, PADDING } from "./theme.ts";

/** What every figure function takes besides its frame. */
export interface FigureOptions {
  /** Width in CSS pixels, 360 to 2000; 860 by default. */
  width?: number;
  title?: string;
  /** A caption under the figure: recipe, checkpoints, settings. */
  caption?: string;
}

/** The parts of a figure, from top to bottom. */
export interface FigureParts {
  readonly title: string;
  readonly subtitle?: string;
  readonly legend: readonly LegendItem[];
  /** Rows of panels that stand side by side. */
  readonly rows: readonly (readonly Panel[])[];
  /** What is drawn, where it is a frame with a basis, which then stands below the figure. */
  readonly frame?: pl.DataFrame;
  /** What the reader must know about the data: omissions, zero updates. */
  readonly notes: readonly string[];
  /** One line of what is seen; goes into the alt text. */
  readonly description: string;
}

/** Space between panels, in CSS pixels. */
export const PANEL_GAP = { column: 16, row: 5 } as const;

/**
 * Width of the content inside a figure's padding.
 *
 * @throws {RangeError} if the option is outside 360 to 2000.
 */
export function contentWidth(options: FigureOptions): number {
  const width = options.width ?? DEFAULT_WIDTH;
  if (!(width >= 360 && width <= 2000)) {
    throw new RangeError(`Cannot draw a figure ${width} pixels wide: give a width of 360 to 2000`);
  }
  return width - 2 * PADDING;
}

/** Sets the parts under one another and gives the figure. */
export function composeFigure(parts: FigureParts & { options: FigureOptions }): Figure {
  const { options } = parts;
  const content = contentWidth(options);
  const title = options.title ?? parts.title;
  const children: SvgNode[] = [];
  let y = PADDING;

  const addText = (text: string, style: { fontSize: number; bold?: boolean; fill: string }) => {
    const { fontSize, bold, fill } = style;
    for (const line of wrapText(text, content, style)) {
      y += fontSize * 1.3;
      const attributes = { x: PADDING, y: y - fontSize * 0.3, "font-size": fontSize, fill };
      children.push(
        svgNode("text", { ...attributes, ...(bold && { "font-weight": "bold" }) }, line),
      );
    }
  };
  const addPanel = ({ node }: Panel, x: number) =>
    children.push(svgNode("g", { transform: `translate(${x},${y})` }, node));

  addText(title, { fontSize: FONT_SIZES.title, bold: true, fill: INK.text });
  if (parts.subtitle) {
    y += 2;
    addText(parts.subtitle, { fontSize: FONT_SIZES.subtitle, fill: INK.muted });
  }
  if (parts.legend.length > 0) {
    y += 5;
    const legend = legendPanel(parts.legend, content);
    addPanel(legend, PADDING);
    y += legend.height;
  }
  y += 4;
  for (const [i, row] of parts.rows.entries()) {
    if (i > 0) y += PANEL_GAP.row;
    let x = PADDING;
    for (const panel of row) {
      addPanel(panel, x);
      x += panel.width + PANEL_GAP.column;
    }
    y += row.reduce((height, panel) => Math.max(height, panel.height), 0);
  }
  const notes = [...parts.notes, ...basisNotes(parts.frame ? [parts.frame] : [])];
  for (const note of [...notes, ...(options.caption ? [options.caption] : [])]) {
    y += 5;
    addText(note, { fontSize: FONT_SIZES.note, fill: INK.muted });
  }

  const width = content + 2 * PADDING;
  const height = Math.ceil(y + PADDING);
  const description = [parts.description, ...notes].join(" ");
  const attributes = {
    ...{ width, height, viewBox: `0 0 ${width} ${height}`, role: "img" },
    ...{ "font-family": FONT_FAMILY, color: INK.text, fill: "currentColor" },
  };
  const root = svgNode(
    "svg",
    attributes,
    svgNode("title", {}, title),
    svgNode("desc", {}, description),
    svgNode("rect", { width, height, fill: INK.background }),
    ...children,
  );
  return new Figure({
    ...{ svg: serializeSvg(root), title, description, width, height },
    drawAgain: (more) => composeFigure({ ...parts, notes: [...parts.notes, ...more] }),
  });
}
