/**
 * Lines over the LLM's layers in panels side by side: the figures of attention per layer.
 *
 * @module
 */
import type pl from "nodejs-polars";
import {
  drawChart,
  extentOf,
  type Figure,
  linearScale,
  type Point,
  pointsOf,
  seriesNotes,
  type SeriesStyle,
} from "../../figures/mod.ts";
import { type LayerFigureOptions, llmBands } from "../layer_bands.ts";

/** A row of either frame, its difference or mass as `value`. */
export interface LineRow {
  readonly panel: string;
  readonly line: string;
  readonly layer: number;
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly n: number | null;
}

/** What a figure of lines over layers says and shows. */
export interface LineFigureSpec {
  readonly frame: pl.DataFrame;
  readonly figure: string;
  readonly title: string;
  readonly subtitle: string;
  /** Headings of panels and styles of lines, in drawing order. */
  readonly headings: Readonly<Record<string, string>>;
  readonly styles: Readonly<Record<string, SeriesStyle>>;
  readonly yLabel: string;
  readonly zeroLine?: boolean;
  /** A panel's line, as a note names it. */
  readonly name: (panel: string, line: string) => string;
  /** What is seen of a line, and what stands between two of these. */
  readonly describe: (style: SeriesStyle, points: readonly Point[]) => string;
  readonly separator: string;
  readonly options: LayerFigureOptions;
}

/** Draws the panels that have rows on one scale; missing values are left out and named in notes. */
export function lineFigure(rows: readonly LineRow[], spec: LineFigureSpec): Figure {
  const { headings, styles, name, describe, options } = spec;
  const bands = llmBands(rows, { ...options, figure: spec.figure });
  const columns = { x: "layer", value: "value", low: "low", high: "high" };
  const panels = Object.entries(headings).map(([panel, heading]) => ({
    heading,
    series: Object.entries(styles).flatMap(([line, style]) => {
      const own = rows.filter((row) => row.panel === panel && row.line === line);
      return own.length === 0 ? [] : [{ style, points: pointsOf(own, columns, 100) }];
    }),
  })).filter(({ series }) => series.length > 0);
  const extent = panels.flatMap(({ series }) => series.flatMap(({ points }) => extentOf(points)));
  const named = (some: readonly LineRow[]) =>
    some.map(({ panel, line, layer }) => ({ series: name(panel, line), layer }));
  return drawChart({
    ...spec,
    interval: options.interval ?? "95 % t interval",
    panels: panels.map(({ heading, series }) => ({
      ...{ heading: [heading], bands, series, height: 240, zeroLine: spec.zeroLine },
      x: { domain: bands.domain, label: "LLM layer" },
      y: { ...linearScale(extent, { zero: true }), label: spec.yLabel },
    })),
    notes: seriesNotes(named(rows.filter(({ value }) => value === null)), {
      all: named(rows),
      order: Object.keys(headings).flatMap((panel) =>
        Object.keys(styles).map((line) => name(panel, line))
      ),
      reason: "no finite value",
    }),
    description: panels.map(({ heading, series }) => {
      const parts = series.map(({ style, points }) => describe(style, points));
      return `${heading}: ${parts.join(spec.separator)}.`;
    }).join(" "),
  });
}
