/**
 * Transferability: what each splice adds to IN's abilities.
 *
 * @module
 */
import type pl from "nodejs-polars";
import {
  dotLegend,
  drawChart,
  excludesZero,
  extentOf,
  type Figure,
  linearScale,
  sentence,
  swatchLegend,
} from "../../figures/mod.ts";
import { listText } from "../../list_text.ts";
import { signedText } from "../../number_format.ts";
import {
  ABILITY_TITLES,
  type AbilityFigureOptions,
  abilityHeading,
  type AbilityPoint,
  BLOCK_HEADINGS,
  blocksLegend,
  missingNotes,
  readAbilities,
} from "../abilities/ability_rows.ts";
import { dotPanel, OTHER_STYLE, SPAN_FILL } from "../abilities/model_dots.ts";

const FIGURE = "the splice difference figure";

/**
 * Each model's abilities less one reference's, on the same samples, in percentage points; the line
 * RL is the whole gain (paper, "Transferability").
 *
 * @param frame One row per model and ability with label, reference (the same in every row), ability
 * ("perception", "alignment", "reasoning"), n, diff, low, high (-1 to 1) and, for order and thirds,
 * group, place, thirds: the frame of abilityDifferenceFrame. Missing values are left out and named in
 * a note.
 * @throws {TypeError} if a column is missing or of a wrong type, or an ability is unknown.
 * @throws {RangeError} if the frame is empty, has several references or two rows for one model and
 * ability, or the width is out of range.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import pl from "nodejs-polars";
 *
 * const diffs = { RL: 0.08, "IN:RL:RL": 0.07, "RL:IN:IN": 0.01 };
 * const frame = pl.DataFrame(Object.entries(diffs).map(([label, diff]) => (
 *   { label, reference: "IN", ability: "reasoning", n: 9, diff, low: diff - 0.05, high: diff + 0.05 }
 * )));
 * const { alt } = spliceDifferenceFigure(frame);
 * assertStringIncludes(alt, "Reasoning: RL +8.0, IN:RL:RL +7.0, RL:IN:IN +1.0 points");
 * ```
 */
export function spliceDifferenceFigure(
  frame: pl.DataFrame,
  options: AbilityFigureOptions = {},
): Figure {
  const table = readAbilities(frame, { figure: FIGURE, measure: "diff" });
  const reference = referenceOf(frame);
  const models = table.models.filter(({ key }) => key !== reference);
  if (models.length === 0) {
    throw new RangeError(
      `Cannot draw ${FIGURE}: the frame has no model besides the reference ${reference}`,
    );
  }
  const abilities = table.abilities.map((own) => ({
    ...own,
    points: own.points.filter(({ label }) => label !== reference),
    missing: own.missing.filter((label) => label !== reference),
  }));
  const { color } = OTHER_STYLE;
  return drawChart({
    frame,
    title: `Transferability: each model less ${reference}`,
    subtitle: sentence(
      `Each model's measure less ${reference}'s over the same samples, in percentage points`,
      table.size,
    ),
    legend: [
      ...blocksLegend(models, (model) => `${model}'s layers`),
      swatchLegend("between IN and RL", [SPAN_FILL]),
      dotLegend(options.interval ?? "95 % paired score interval", { color }),
      dotLegend("interval includes 0", { color, hollow: true }),
    ],
    rows: models,
    blockHeadings: BLOCK_HEADINGS,
    panels: abilities.map((own) => {
      const other = own.points.filter(({ label }) => label === (reference === "RL" ? "IN" : "RL"));
      const dots = own.points.map((point) => ({ ...point, hollow: !excludesZero(point) }));
      return {
        ...abilityHeading(own),
        ...dotPanel(dots, [{ label: reference, value: 0 }, ...other]),
        x: {
          ...linearScale([...extentOf(own.points), -2, 2], { zero: false, ticks: 5 }),
          ...{ label: "Difference (points)", grid: true },
        },
        columns: [{
          heading: "points",
          cells: new Map(own.points.map(({ label, value }) => [label, signedText(value, 1)])),
        }],
      };
    }),
    notes: missingNotes(abilities),
    description: abilities.map(({ ability, points }) => {
      const title = ABILITY_TITLES[ability];
      if (points.length === 0) return `${title}: no values to draw.`;
      const values = points.map(({ label, value }) => `${label} ${signedText(value, 1)}`);
      const certain = points.filter(excludesZero);
      const names = (some: readonly AbilityPoint[]) =>
        some.map(({ label }) => label).join(", ") || "none";
      return `${title}: ${values.join(", ")} points; the interval is above zero for ` +
        `${names(certain.filter(({ value }) => value > 0))}, below zero for ` +
        `${names(certain.filter(({ value }) => value < 0))}.`;
    }).join(" "),
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
