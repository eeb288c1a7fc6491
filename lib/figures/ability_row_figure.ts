/**
 * Models as rows, abilities as panels beside them: what the figures of splices, frozen models and
 * outcomes have in common.
 *
 * @module
 */
import type * as Plot from "@observablehq/plot";
import type { AbilityFigureOptions, AbilityPoints } from "./ability_rows.ts";
import { modelColumn, type RowLayout, rowLayout } from "./ability_row_layout.ts";
import {
  besidePlot,
  type PlaceLabel,
  rowPanel,
  rowsTop,
  type TextColumn,
} from "./ability_row_panel.ts";
import { abilityHeading } from "./ability_texts.ts";
import type { AxisScale } from "./axes.ts";
import { composeFigure, contentWidth, type FigureParts, PANEL_GAP } from "./compose_figure.ts";
import type { Figure } from "./figure.ts";
import { createDocument } from "./svg_document.ts";

/** One ability's panel. */
export interface AbilityPanel extends Pick<AbilityPoints, "ability" | "size"> {
  /** What the heading says instead of what the measure counts. */
  readonly counted?: string;
  readonly scale: AxisScale;
  readonly xLabel: string;
  readonly columns: readonly TextColumn[];
  readonly places?: readonly PlaceLabel[];
  /** The marks, for rows at these places and a plotting area of this width in pixels. */
  readonly marks: (layout: RowLayout, inner: number) => Plot.Markish[];
}

/** The parts of such a figure; rows are made of labels and panels. */
export interface RowFigureParts extends Omit<FigureParts, "rows"> {
  readonly labels: readonly string[];
  readonly panels: readonly AbilityPanel[];
  readonly options: AbilityFigureOptions;
}

/** Plots narrower than this stand under one another instead. */
const LEAST_PLOT = 80;

/** Draws the figure. */
export function abilityRowFigure(parts: RowFigureParts): Figure {
  const { labels, panels, options } = parts;
  const document = createDocument();
  const layout = rowLayout(labels);
  const names = modelColumn(document, { layout, top: 0 }).width;
  const beside = contentWidth(options) - names;
  const shared = beside / panels.length - PANEL_GAP.column;
  const fits = panels.every(({ columns }) => shared - besidePlot(columns) >= LEAST_PLOT);
  const width = fits ? shared : beside - PANEL_GAP.column;
  const headings = panels.map((panel) => abilityHeading(panel, { width, counted: panel.counted }));
  const rowOf = (indices: readonly number[]) => {
    const top = rowsTop(indices.map((i) => headings[i]));
    return [
      modelColumn(document, { layout, top }),
      ...indices.map((i) =>
        rowPanel(document, {
          ...panels[i],
          layout,
          top,
          width,
          heading: headings[i],
          marks: panels[i].marks(layout, width - besidePlot(panels[i].columns)),
        })
      ),
    ];
  };
  const all = panels.map((_, i) => i);
  return composeFigure(document, {
    ...parts,
    rows: fits ? [rowOf(all)] : all.map((i) => rowOf([i])),
  });
}
