/**
 * Abilities of Base, IN and RL, and how they change from one to the next.
 *
 * @module
 */
import type { Ability } from "../abilities.ts";
import type pl from "nodejs-polars";
import { dotLegend } from "./ability_dots.ts";
import {
  type AbilityComparisonOptions,
  type AbilityPoint,
  type AbilityPoints,
  type FindDifference,
  readAbilities,
  readDifferences,
} from "./ability_rows.ts";
import { type AbilityStep, changePanel, FALL_DASH, valuePanel } from "./ability_step_panels.ts";
import { ABILITY_TITLES, abilityHeading, missingNotes, nameList } from "./ability_texts.ts";
import { linearScale } from "./axes.ts";
import { composeFigure, contentWidth, panelWidth } from "./compose_figure.ts";
import type { Figure } from "./figure.ts";
import { excludesZero, extentOf } from "./interval_points.ts";
import { seriesLegend } from "./legend.ts";
import { type Model, MODELS } from "./series_styles.ts";
import { createDocument } from "./svg_document.ts";
import { INK } from "./theme.ts";
import { decimalText, signedText } from "../number_format.ts";

const FIGURE = "the ability figure";

/** One ability along the models, and its steps. */
interface AbilityCourse extends AbilityPoints {
  readonly steps: readonly AbilityStep[];
}

/**
 * M_vis, M_v2r and M_rea of Base, IN and RL with their intervals and, below, the change of each step
 * with its paired interval (paper, "no monotonic improvement"); a line that falls is dashed.
 *
 * @param frame One row per model and ability with label ("Base", "IN", "RL"; others are left out),
 * ability ("perception", "alignment", "reasoning"), n, value, low, high (0 to 1):
 * abilityFrame(report). Missing values are left out and named in a note.
 * @param options `differences` of IN against Base and of RL against IN, for the changes' intervals.
 * @throws {TypeError} if a column is missing or of a wrong type, or an ability is unknown.
 * @throws {RangeError} if the frame is empty, has none of the models or two rows for one model and
 * ability, or the width is out of range.
 *
 * @example
 * ```ts
 * import pl from "nodejs-polars";
 *
 * const frame = pl.DataFrame(["Base", "IN", "RL"].map((label, i) => {
 *   const value = [0.3, 0.34, 0.33][i];
 *   return { label, ability: "perception", n: 100, value, low: value - 0.09, high: value + 0.09 };
 * }));
 * console.log(abilityFigure(frame).alt);
 * // "... Perception: Base 30.0 %, IN 34.0 % (+4.0 points), RL 33.0 % (−1.0 points); falls ..."
 * ```
 */
export function abilityFigure(
  frame: pl.DataFrame,
  options: AbilityComparisonOptions = {},
): Figure {
  const table = readAbilities(frame, { figure: FIGURE, measure: "value" });
  const models = MODELS.filter((model) => table.labels.includes(model));
  if (models.length === 0) {
    throw new RangeError(
      `Cannot draw ${FIGURE}: the frame has no row of Base, IN or RL (it has ` +
        `${nameList(table.labels)})`,
    );
  }
  const others = table.labels.filter((label) => !models.some((model) => model === label));
  const difference = readDifferences(options.differences, FIGURE);
  const courses = table.abilities.map((own) => courseOf(own, { models, difference }));
  const values = courses.flatMap(({ points }) => extentOf(points));
  const highest = values.reduce((a, b) => Math.max(a, b), 0);
  // Room for a number over the highest interval.
  const valueScale = linearScale([...values, highest * 1.08, 10], { zero: true });
  const changes = courses.flatMap(({ steps }) => extentOf(steps.map(({ change }) => change)));
  // And beside a change that has no interval.
  const changeScale = linearScale([...changes.map((change) => change * 1.15), 5, -5], {
    zero: true,
    ticks: 4,
  });
  const document = createDocument();
  const width = panelWidth(contentWidth(options), courses.length);
  const headings = courses.map((own) => abilityHeading(own, { width }));
  const compared = options.differences !== undefined;
  const interval = options.interval ?? "95 % bootstrap interval";
  const shared = (i: number) => ({ models, width, yAxis: i === 0 });
  return composeFigure(document, {
    frame,
    title: "Abilities from Base to IN to RL",
    subtitle: `Share of samples that count for each measure, and its change from model to model` +
      `${table.size === "" ? "" : `; ${table.size}`}.`,
    legend: [
      seriesLegend({ label: "rises or stays", color: INK.text, marker: "circle" }, {
        markers: false,
      }),
      seriesLegend({ label: "falls", color: INK.text, marker: "circle", dash: FALL_DASH }, {
        markers: false,
      }),
      dotLegend(interval, { color: INK.text }),
      ...(compared
        ? [dotLegend("the change's interval includes 0", { color: INK.text, hollow: true })]
        : []),
    ],
    rows: [
      courses.map((course, i) =>
        valuePanel(document, {
          ...shared(i),
          ...course,
          headings,
          heading: headings[i],
          scale: valueScale,
        })
      ),
      courses.map(({ steps }, i) =>
        changePanel(document, { ...shared(i), steps, scale: changeScale })
      ),
    ],
    notes: [
      ...missingNotes(courses),
      ...(compared ? courses.flatMap(unpairedNotes) : []),
      ...(others.length > 0 ? [`Not drawn: ${nameList(others)}.`] : []),
    ],
    description: courses.map(describe).join(" "),
    options,
  });
}

function courseOf(
  { ability, points, size }: AbilityPoints,
  { models, difference }: { models: readonly Model[]; difference: FindDifference },
): AbilityCourse {
  const own = points.filter(({ label }) => models.some((model) => model === label));
  const missing = models.filter((model) => !own.some(({ label }) => label === model));
  const steps = own.slice(1).map((to, i) => stepOf([own[i], to], { ability, difference }));
  return { ability, points: own, missing, size, steps };
}

function stepOf(
  [from, to]: readonly [AbilityPoint, AbilityPoint],
  { ability, difference }: { ability: Ability; difference: FindDifference },
): AbilityStep {
  const paired = difference({ label: to.label, reference: from.label, ability });
  const change = paired ?? { label: to.label, value: to.value - from.value, low: null, high: null };
  return { from, to, change, paired: paired !== undefined };
}

function unpairedNotes({ ability, steps }: AbilityCourse): string[] {
  const names = steps.filter(({ paired }) => !paired)
    .map(({ from, to }) => `${to.label} less ${from.label}`);
  if (names.length === 0) return [];
  return [`${ABILITY_TITLES[ability]}: no paired difference of ${names.join(", ")}.`];
}

function describe({ ability, points, steps }: AbilityCourse): string {
  const title = ABILITY_TITLES[ability];
  if (points.length === 0) return `${title}: no values to draw.`;
  const values = points.map(({ label, value }, i) => {
    const change = i === 0 ? "" : ` (${signedText(steps[i - 1].change.value, 1)} points)`;
    return `${label} ${decimalText(value, 1)} %${change}`;
  });
  const falls = steps.filter(({ change }) => change.value < 0).map(({ from, to, change }) =>
    `from ${from.label} to ${to.label}${excludesZero(change) ? " (interval below 0)" : ""}`
  );
  return `${title}: ${values.join(", ")}; ` +
    `${falls.length === 0 ? "falls at no step" : `falls ${falls.join(" and ")}`}.`;
}
