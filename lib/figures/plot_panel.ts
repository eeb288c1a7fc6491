/**
 * One panel of a figure: an Observable Plot chart as an SVG group that can be put anywhere.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import { createDocument, nodeOf, type SvgNode, svgNode } from "./svg_document.ts";
import { FONT_SIZES } from "./theme.ts";

/** A drawn part of a figure, its top left corner at 0, 0. */
export interface Panel {
  readonly node: SvgNode;
  /** Size in CSS pixels. */
  readonly width: number;
  readonly height: number;
}

/**
 * Draws a chart without legend or title and takes it out of its own `<svg>`.
 *
 * Plot's style sheet is left out: it uses selectors that renderers outside a browser do not know.
 *
 * @returns The panel, and what Plot says of the chart.
 */
export function plotPanel(
  options: Plot.PlotOptions & { width: number; height: number },
): Panel & { readonly plot: Plot.Plot } {
  const plot = Plot.plot({ ...options, document: createDocument() } as Plot.PlotOptions);
  const children = [...plot.children].filter(({ localName }) => localName !== "style").map(nodeOf);
  const attributes = { "font-size": FONT_SIZES.axis, "text-anchor": "middle" };
  const { width, height } = options;
  return { node: svgNode("g", attributes, ...children), width, height, plot };
}
