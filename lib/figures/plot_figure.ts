/**
 * A figure of your own in the style of this suite's.
 *
 * @module
 */
import type * as Plot from "@observablehq/plot";
import { checkKeys, type KeysOf } from "../check_keys.ts";
import { composeFigure, contentWidth, type FigureOptions } from "./compose_figure.ts";
import type { Figure } from "./figure.ts";
import { swatchLegend } from "./legend.ts";
import { plotPanel } from "./plot_panel.ts";

/** What stands around the chart of {@linkcode plotFigure}. */
export interface PlotFigureText extends Pick<FigureOptions, "width"> {
  title: string;
  subtitle?: string;
  /** One line of what is seen, for those who do not see the picture. */
  description: string;
  /** What the reader must know, below the chart. */
  notes?: readonly string[];
}

const TEXT: KeysOf<PlotFigureText> = {
  title: true,
  subtitle: true,
  description: true,
  notes: true,
  width: true,
};

/** Colours of series, in order; also told apart where colours are not. */
const SERIES = ["#d62728", "#1f77b4", "#2ca02c", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f"];

const HEIGHT = 260;

/** The legend of a scale of names. */
function legendOf(options: Plot.PlotOptions, chart: Plot.Plot) {
  if (!options.color?.legend) return [];
  const scale = chart.scale("color");
  if (scale?.type !== "ordinal" && scale?.type !== "categorical") {
    throw new Error(
      `Cannot draw a legend for a ${scale?.type ?? "missing"} colour scale: only names have one ` +
        "here; leave color.legend out and say in the notes what colours mean",
    );
  }
  const range = [...scale.range!] as string[];
  return [...scale.domain!].map((name, i) => swatchLegend(String(name), [range[i % range.length]]));
}

/**
 * Draws an Observable Plot chart with title, legend and notes, in a notebook, as SVG and as PNG.
 *
 * @example
 * ```ts
 * import * as Plot from "@observablehq/plot";
 * import { assert } from "@std/assert";
 *
 * const figure = plotFigure({
 *   x: { label: "Layer" },
 *   y: { label: "Change rate (%)", grid: true },
 *   marks: [Plot.lineY([100, 40, 0], { marker: "circle" })],
 * }, { title: "Swaps", description: "The rate falls from 100 to 0 %." });
 * assert(figure.svg.includes("Change rate"));
 * assert(figure.png().length > 1000);
 * ```
 *
 * @param options Options of `Plot.plot`: marks, scales, facets. Default size: the figure's width,
 * 260 px high. `color.legend` draws one for names.
 * @throws {Error} if a text is missing, a key is unknown, or Plot cannot draw the marks.
 */
export function plotFigure(options: Plot.PlotOptions, text: PlotFigureText): Figure {
  checkKeys(text, TEXT, "the texts of a figure");
  for (const name of ["title", "description"] as const) {
    if (typeof text[name] === "string" && text[name].trim() !== "") continue;
    throw new TypeError(`Cannot draw a figure without ${name}: say what is seen`);
  }
  const width = options.width ?? contentWidth(text);
  const height = options.height ?? HEIGHT;
  const { color, style: _, ...rest } = options;
  const panel = plotPanel({
    marginLeft: 52,
    marginBottom: 38,
    marginTop: 24,
    ...rest,
    width,
    height,
    // Names get the suite's colours; a scale of numbers keeps Plot's.
    color: {
      ...(color?.legend && !color.scheme ? { range: SERIES } : {}),
      ...color,
      legend: false,
    },
  });
  return composeFigure({
    title: text.title,
    subtitle: text.subtitle,
    legend: legendOf(options, panel.plot),
    rows: [[panel]],
    notes: text.notes ?? [],
    description: text.description,
    options: { width: text.width },
  });
}
