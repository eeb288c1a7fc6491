/**
 * Transferability: what each splice adds to IN's abilities.
 *
 * @module
 */
import type pl from "nodejs-polars";
import { listText } from "../list_text.ts";
import {
  dotLegend,
  dotMarks,
  modelStyle,
  OTHER_STYLE,
  placesOf,
  referenceMarks,
  SPAN_FILL,
} from "./ability_dots.ts";
import { abilityRowFigure } from "./ability_row_figure.ts";
import { blockLegend } from "./ability_row_layout.ts";
import { type AbilityFigureOptions, type AbilityPoints, readAbilities } from "./ability_rows.ts";
import { ABILITY_TITLES, missingNotes } from "./ability_texts.ts";
import { linearScale } from "./axes.ts";
import type { Figure } from "./figure.ts";
import { excludesZero, extentOf } from "./interval_points.ts";
import { swatchLegend } from "./legend.ts";
import { signedText } from "../number_format.ts";

const FIGURE = "the splice difference figure";

/**
 * Each model's abilities less one reference's, on the same samples, in percentage points; the line
 * RL is the whole gain (paper, "Transferability").
 *
 * @param frame One row per model and ability with label, reference (the same in every row), ability
 * ("perception", "alignment", "reasoning"), n, diff, low, high (-1 to 1):
 * the frame of abilityDifferenceFrame. Missing values are left out and named in a note.
 * @throws {TypeError} if a column is missing or of a wrong type, or an ability is unknown.
 * @throws {RangeError} if the frame is empty, has several references or two rows for one model and
 * ability, or the width is out of range.
 *
 * @example
 * ```ts
 * import pl from "nodejs-polars";
 *
 * const diffs = { RL: 0.08, "IN:RL:RL": 0.07, "RL:IN:IN": 0.01 };
 * const frame = pl.DataFrame(Object.entries(diffs).map(([label, diff]) => (
 *   { label, reference: "IN", ability: "reasoning", n: 100, diff, low: diff - 0.05, high: diff + 0.05 }
 * )));
 * console.log(spliceDifferenceFigure(frame).alt);
 * // "... Reasoning: RL +8.0, IN:RL:RL +7.0, RL:IN:IN +1.0 points; above zero for RL, IN:RL:RL ..."
 * ```
 */
export function spliceDifferenceFigure(
  frame: pl.DataFrame,
  options: AbilityFigureOptions = {},
): Figure {
  const table = readAbilities(frame, { figure: FIGURE, measure: "diff" });
  const reference = referenceOf(frame);
  const labels = table.labels.filter((label) => label !== reference);
  const abilities = table.abilities.map((own) => ({
    ...own,
    points: own.points.filter(({ label }) => label !== reference),
    missing: own.missing.filter((label) => label !== reference),
  }));
  if (labels.length === 0) {
    throw new RangeError(
      `Cannot draw ${FIGURE}: the frame has no model besides the reference ${reference}`,
    );
  }
  return abilityRowFigure({
    frame,
    title: `Transferability: each model less ${reference}`,
    subtitle:
      `Each model's measure less ${reference}'s over the same samples, in percentage points` +
      `${table.size === "" ? "" : `; ${table.size}`}.`,
    legend: [
      ...blockLegend(labels, ({ model }) => `${model}'s layers`),
      swatchLegend("between IN and RL", [SPAN_FILL]),
      dotLegend(options.interval ?? "95 % paired bootstrap interval", { color: OTHER_STYLE.color }),
      dotLegend("interval includes 0", { color: OTHER_STYLE.color, hollow: true }),
    ],
    labels,
    panels: abilities.map((own) => {
      const references = [
        { value: 0, style: { ...modelStyle(reference), label: reference } },
        ...own.points.filter(({ label }) => label === (reference === "RL" ? "IN" : "RL"))
          .map(({ label, value }) => ({ value, style: modelStyle(label) })),
      ];
      const dots = own.points.map((point) => ({ ...point, hollow: !excludesZero(point) }));
      return {
        ...own,
        scale: linearScale([...extentOf(own.points), -2, 2], { zero: false, ticks: 5 }),
        xLabel: "Difference (points)",
        columns: [{
          heading: "points",
          cells: new Map(own.points.map(({ label, value }) => [label, signedText(value, 1)])),
        }],
        places: placesOf(references),
        marks: (layout) => [...referenceMarks(references), ...dotMarks(dots, layout)],
      };
    }),
    notes: missingNotes(abilities),
    description: abilities.map(describe).join(" "),
    options,
  });
}

function referenceOf(frame: pl.DataFrame): string {
  const names = frame.columns.includes("reference")
    ? new Set(frame.getColumn("reference").toArray().map(String))
    : new Set<string>();
  if (names.size === 1) return [...names][0];
  throw new RangeError(
    `Cannot draw ${FIGURE}: it compares with one reference, the frame has ` +
      `${names.size === 0 ? "no column reference" : listText(names)}; ` +
      "pass abilityDifferenceFrame(report)",
  );
}

function describe({ ability, points }: AbilityPoints): string {
  const title = ABILITY_TITLES[ability];
  if (points.length === 0) return `${title}: no values to draw.`;
  const names = (some: AbilityPoints["points"]) =>
    some.map(({ label }) => label).join(", ") || "none";
  const values = points.map(({ label, value }) => `${label} ${signedText(value, 1)}`).join(", ");
  const certain = points.filter((point) => excludesZero(point));
  return `${title}: ${values} points; the interval is above zero for ` +
    `${names(certain.filter(({ value }) => value > 0))}, below zero for ` +
    `${names(certain.filter(({ value }) => value < 0))}.`;
}
