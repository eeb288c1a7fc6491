/**
 * Values of models as dots with intervals, each on its model's row, and lines to compare them with.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import { dotMarks, type PanelSpec, type SeriesStyle } from "../../figures/mod.ts";
import { type Model, MODEL_STYLES } from "../series_styles.ts";
import type { AbilityPoint } from "./ability_rows.ts";

/** The style of models that are neither Base nor IN nor RL. */
export const OTHER_STYLE: SeriesStyle = { label: "other", color: "#5e3c99", marker: "circle" };
/** The fill between the values of IN and RL. */
export const SPAN_FILL = "#e6eef5";

/** The style of a model's dot. */
function modelStyle(label: string): SeriesStyle {
  return MODEL_STYLES[label as Model] ?? OTHER_STYLE;
}

/** A line through all rows. */
export interface RowReference {
  readonly label: string;
  readonly value: number;
}

/** Dots over lines at the references' values, their names, and a faint fill between two of them. */
export function dotPanel(
  dots: readonly (AbilityPoint & { readonly hollow: boolean })[],
  references: readonly RowReference[],
): Pick<PanelSpec, "marks" | "places"> {
  const values = references.map(({ value }) => value).sort((a, b) => a - b);
  return {
    places: references.map(({ label, value }) => (
      { text: label, value, color: modelStyle(label).color }
    )),
    marks: ({ rowAt }) => [
      Plot.rectX(values.length === 2 && values[0] !== values[1] ? [values] : [], {
        x1: "0",
        x2: "1",
        fill: SPAN_FILL,
      }),
      ...references.map(({ label, value }) =>
        Plot.ruleX([value], {
          stroke: modelStyle(label).color,
          strokeWidth: 1.4,
          strokeDasharray: modelStyle(label).dash ?? "none",
        })
      ),
      ...dotMarks(
        dots.map((dot) => ({ ...dot, at: rowAt(dot.label), style: modelStyle(dot.label) })),
      ),
    ],
  };
}
