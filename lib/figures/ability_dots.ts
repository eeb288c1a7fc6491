/**
 * Values of models as dots with intervals, each on its model's row, and lines to compare them with.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import type { RowLayout } from "./ability_row_layout.ts";
import type { PlaceLabel } from "./ability_row_panel.ts";
import type { AbilityPoint } from "./ability_rows.ts";
import type { LegendItem } from "./legend.ts";
import { MODEL_STYLES, MODELS } from "./series_styles.ts";
import { svgElement } from "./svg_document.ts";
import { INK, type SeriesStyle } from "./theme.ts";

/** The style of models that are neither Base nor IN nor RL. */
export const OTHER_STYLE: SeriesStyle = { label: "other", color: "#5e3c99", marker: "circle" };
/** The fill between the values of IN and RL. */
export const SPAN_FILL = "#e6eef5";

/** A dot; a hollow one is not told apart from what it is compared with. */
export interface RowDot extends AbilityPoint {
  readonly hollow: boolean;
}

/** A line through all rows. */
export interface RowReference {
  readonly value: number;
  readonly style: SeriesStyle;
}

/** The style of a model's dot. */
export function modelStyle(label: string): SeriesStyle {
  const model = MODELS.find((name) => name === label);
  return model === undefined ? OTHER_STYLE : MODEL_STYLES[model];
}

/** Intervals and, over them, dots. */
export function dotMarks(dots: readonly RowDot[], layout: RowLayout): Plot.Markish[] {
  const color = ({ label }: RowDot) => modelStyle(label).color;
  const y = ({ label }: RowDot) => layout.centers[layout.labels.indexOf(label)];
  return [
    Plot.ruleY(dots.filter(({ low, high }) => low !== null && high !== null), {
      x1: "low",
      x2: "high",
      y,
      stroke: color,
      strokeWidth: 1.5,
    }),
    Plot.dot(dots, {
      x: "value",
      y,
      symbol: ({ label }: RowDot) => modelStyle(label).marker,
      r: 4,
      fill: (dot: RowDot) => dot.hollow ? INK.background : color(dot),
      stroke: color,
      strokeWidth: 1.5,
    }),
  ];
}

/** The references' names over their lines. */
export function placesOf(references: readonly RowReference[]): PlaceLabel[] {
  return references.map(({ value, style }) => ({ text: style.label, value, color: style.color }));
}

/** Lines at the references' values and, between two of them, a faint fill. */
export function referenceMarks(references: readonly RowReference[]): Plot.Markish[] {
  const values = references.map(({ value }) => value);
  const span = values.length === 2 && values[0] !== values[1] ? [values] : [];
  return [
    Plot.rectX(span, {
      x1: (pair: number[]) => Math.min(...pair),
      x2: (pair: number[]) => Math.max(...pair),
      fill: SPAN_FILL,
    }),
    ...references.map(({ value, style }) =>
      Plot.ruleX([value], {
        stroke: style.color,
        strokeWidth: 1.4,
        ...(style.dash === undefined ? {} : { strokeDasharray: style.dash }),
      })
    ),
  ];
}

/** A dot on its interval. */
export function dotLegend(
  label: string,
  { color, hollow = false }: { color: string; hollow?: boolean },
): LegendItem {
  return {
    label,
    symbolWidth: 24,
    draw: (document) => [
      svgElement(document, "line", {
        attributes: { x1: 0, x2: 24, y1: 0, y2: 0, stroke: color, "stroke-width": 1.5 },
      }),
      svgElement(document, "circle", {
        attributes: {
          cx: 12,
          cy: 0,
          r: 4,
          fill: hollow ? INK.background : color,
          stroke: color,
          "stroke-width": 1.5,
        },
      }),
    ],
  };
}
