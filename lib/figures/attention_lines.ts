/**
 * Lines over the LLM's layers in panels side by side: the figures of attention per layer.
 *
 * @module
 */
import { linearScale } from "./axes.ts";
import { llmBands } from "./bands.ts";
import { composeFigure, contentWidth, panelWidth } from "./compose_figure.ts";
import type { Figure } from "./figure.ts";
import { intervalPanel } from "./interval_panel.ts";
import { extentOf, intervalPoints, type IntervalSeries } from "./interval_points.ts";
import { intervalLegend, seriesLegend } from "./legend.ts";
import type pl from "nodejs-polars";
import { seriesNotes } from "./notes.ts";
import { createDocument } from "./svg_document.ts";
import { llmLayersOf, type SweepFigureOptions } from "./sweep_rows.ts";
import type { SeriesStyle } from "./theme.ts";

/** A share of attention, or a difference of shares, at a layer of a panel's line. */
export interface LineRow {
  readonly panel: string;
  readonly line: string;
  readonly layer: number;
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/** A panel's lines, in percent or percentage points. */
export interface LinePanel {
  readonly heading: string;
  readonly lines: readonly IntervalSeries[];
}

/** What such a figure says and shows. */
export interface LineFigureSpec {
  readonly frame: pl.DataFrame;
  /** The figure, as an error names it. */
  readonly figure: string;
  readonly title: string;
  readonly subtitle: string;
  /** Headings of the panels, in drawing order. */
  readonly headings: Readonly<Record<string, string>>;
  /** Styles of the lines, in drawing order. */
  readonly styles: Readonly<Record<string, SeriesStyle>>;
  /** A panel's line, as a note names it. */
  readonly name: (place: Pick<LineRow, "panel" | "line">) => string;
  /** What is seen in a panel, in one sentence. */
  readonly describe: (panel: LinePanel) => string;
  /** Label of the first panel's y axis. */
  readonly yLabel: string;
  readonly plotHeight: number;
  /** Whether y = 0 is drawn. */
  readonly zeroLine?: boolean;
  readonly options: SweepFigureOptions;
}

/** Draws the panels that have rows on one scale; missing values are left out and named in notes. */
export function lineFigure(rows: readonly LineRow[], spec: LineFigureSpec): Figure {
  const { headings, styles, options, yLabel } = spec;
  const bands = llmBands(llmLayersOf(rows, { ...options, figure: spec.figure }));
  const panels = Object.entries(headings).map(([panel, heading]): LinePanel => ({
    heading,
    lines: Object.entries(styles).flatMap(([line, style]) => {
      const own = rows.filter((row) => row.panel === panel && row.line === line);
      if (own.length === 0) return [];
      const columns = { value: "value", low: "low", high: "high" } as const;
      return [{ style, points: intervalPoints(own, { ...columns, factor: 100 }) }];
    }),
  })).filter(({ lines }) => lines.length > 0);
  const present = Object.entries(styles).filter(([line]) => rows.some((row) => row.line === line))
    .map(([, style]) => style);
  const scale = linearScale(
    panels.flatMap(({ lines }) => lines.flatMap(({ points }) => extentOf(points))),
    { zero: true },
  );
  const document = createDocument();
  const width = panelWidth(contentWidth(options), panels.length);
  return composeFigure(document, {
    frame: spec.frame,
    title: spec.title,
    subtitle: spec.subtitle,
    legend: [
      ...present.map((style) => seriesLegend(style)),
      intervalLegend(
        options.interval ?? "95 % bootstrap interval",
        present.map(({ color }) => color),
      ),
    ],
    rows: [panels.map(({ heading, lines }, i) =>
      intervalPanel(document, {
        ...{ series: lines, bands, scale, width, heading },
        ...{ plotHeight: spec.plotHeight, xLabel: "LLM layer" },
        ...(spec.zeroLine ? { zeroLine: true } : {}),
        ...(i === 0 ? { yLabel } : {}),
      })
    )],
    notes: missingNotes(rows, spec),
    description: panels.map(spec.describe).join(" "),
    options,
  });
}

function missingNotes(
  rows: readonly LineRow[],
  { headings, styles, name }: LineFigureSpec,
): string[] {
  const named = (some: readonly LineRow[]) =>
    some.map((row) => ({ series: name(row), layer: row.layer }));
  return seriesNotes(named(rows.filter(({ value }) => value === null)), {
    all: named(rows),
    order: Object.keys(headings).flatMap((panel) =>
      Object.keys(styles).map((line) => name({ panel, line }))
    ),
    reason: "no finite value",
  });
}
