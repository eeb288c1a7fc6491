/**
 * One panel of a figure: an Observable Plot chart as an SVG group that can be put anywhere.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import { svgElement } from "./svg_document.ts";
import { FONT_SIZES } from "./theme.ts";

/** A drawn part of a figure, its top left corner at 0, 0. */
export interface Panel {
  readonly element: Element;
  /** Width in CSS pixels. */
  readonly width: number;
  /** Height in CSS pixels. */
  readonly height: number;
}

/** Plot options of which a panel's size is known. */
export type PanelOptions = Plot.PlotOptions & { width: number; height: number };

/**
 * Draws a chart without legend or title and takes it out of its own `<svg>`.
 *
 * Plot's style sheet is left out: it uses selectors that renderers outside a browser do not know.
 */
export function plotPanel(document: Document, options: PanelOptions): Panel {
  const svg = Plot.plot({ ...options, document } as Plot.PlotOptions) as unknown as Element;
  const children = [...svg.children].filter((child) => child.localName !== "style");
  const element = svgElement(document, "g", {
    attributes: { "font-size": FONT_SIZES.axis, "text-anchor": "middle" },
    children,
  });
  return { element, width: options.width, height: options.height };
}
