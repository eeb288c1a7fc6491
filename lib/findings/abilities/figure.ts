/**
 * Abilities of Base, IN and RL, and how they change from one to the next.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import type pl from "nodejs-polars";
import {
  dotLegend,
  dotMarks,
  drawChart,
  excludesZero,
  extentOf,
  type Figure,
  INK,
  linearScale,
  sentence,
  seriesLegend,
  textMarks,
} from "../../figures/mod.ts";
import { decimalText, signedText } from "../../number_format.ts";
import { type Model, MODEL_STYLES, MODELS } from "../series_styles.ts";
import {
  ABILITY_TITLES,
  type AbilityComparisonOptions,
  abilityHeading,
  missingNotes,
  nameList,
  readAbilities,
  readDifferences,
} from "./ability_rows.ts";
import { BLACK, changePanels, type Step } from "./change_panels.ts";

const FIGURE = "the ability figure";
const FALL_DASH = "4,3";

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
 * import { assertStringIncludes } from "@std/assert";
 * import pl from "nodejs-polars";
 *
 * const frame = pl.DataFrame(["Base", "IN", "RL"].map((label, i) => {
 *   const value = [0.3, 0.34, 0.33][i];
 *   return { label, ability: "perception", n: 100, value, low: value - 0.09, high: value + 0.09 };
 * }));
 * const { alt } = abilityFigure(frame);
 * assertStringIncludes(alt, "IN 34.0 % (+4.0 points), RL 33.0 % (−1.0 points); falls from IN to RL");
 * ```
 */
export function abilityFigure(
  frame: pl.DataFrame,
  options: AbilityComparisonOptions = {},
): Figure {
  const table = readAbilities(frame, { figure: FIGURE, measure: "value" });
  const labels = table.models.map(({ key }) => key);
  const models = MODELS.filter((model) => labels.includes(model));
  if (models.length === 0) {
    throw new RangeError(
      `Cannot draw ${FIGURE}: the frame has no row of Base, IN or RL (it has ${nameList(labels)})`,
    );
  }
  const others = labels.filter((label) => !models.includes(label as Model));
  const difference = readDifferences(options.differences, FIGURE);
  const at = (label: string) => models.indexOf(label as Model);
  const courses = table.abilities.map(({ ability, size, ...all }) => {
    const points = models.flatMap((model) => all.points.filter(({ label }) => label === model));
    const missing = models.filter((model) => !points.some(({ label }) => label === model));
    const steps = points.slice(1).map((to, i): Step => {
      const from = points[i];
      const paired = difference({ label: to.label, reference: from.label, ability });
      const change = paired ?? { value: to.value - from.value, low: null, high: null };
      return { from, to, change, paired: paired !== undefined };
    });
    return { ability, size, points, missing, steps };
  });
  const values = courses.flatMap(({ points }) => extentOf(points));
  const highest = values.reduce((a, b) => Math.max(a, b), 0);
  // Room for a number over the highest interval.
  const valueScale = linearScale([...values, highest * 1.1, 10], { zero: true });
  const domain = [-0.5, models.length - 0.5] as const;
  const compared = options.differences !== undefined;
  return drawChart({
    frame,
    title: "Abilities from Base to IN to RL",
    subtitle: sentence(
      "Share of samples that count for each measure, and its change from model to model",
      table.size,
    ),
    legend: [
      seriesLegend({ ...BLACK, label: "rises or stays" }, { markers: false }),
      seriesLegend({ ...BLACK, label: "falls", dash: FALL_DASH }, { markers: false }),
      dotLegend(options.interval ?? "95 % exact interval", BLACK),
      ...(compared
        ? [dotLegend("the change's interval includes 0", { ...BLACK, hollow: true })]
        : []),
    ],
    columns: courses.length,
    panels: [
      ...courses.map((course) => ({
        ...abilityHeading(course),
        height: 165,
        x: { domain, ticks: models.map((_, i) => i), format: (i: number) => models[i] },
        y: { ...valueScale, label: "Share of samples (%)" },
        marks: [
          ...[true, false].map((falls) =>
            Plot.link(course.steps.filter(({ change }) => change.value < 0 === falls), {
              x1: ({ from }: Step) => at(from.label),
              x2: ({ to }: Step) => at(to.label),
              y1: ({ from }: Step) => from.value,
              y2: ({ to }: Step) => to.value,
              stroke: INK.text,
              strokeWidth: 1.4,
              ...(falls ? { strokeDasharray: FALL_DASH } : {}),
            })
          ),
          ...dotMarks(
            course.points.map((point) => (
              { ...point, at: at(point.label), style: MODEL_STYLES[point.label as Model] }
            )),
            { upright: true },
          ),
          textMarks(
            course.points.map(({ label, value, high }) => (
              { x: at(label), y: high ?? value, text: decimalText(value, 1) }
            )),
            { dy: -11 },
          ),
        ],
      })),
      ...changePanels(courses, models),
    ],
    notes: [
      ...missingNotes(courses),
      ...(compared ? courses : []).flatMap(({ ability, steps }) => {
        const names = steps.filter(({ paired }) => !paired)
          .map(({ from, to }) => `${to.label} less ${from.label}`);
        return names.length === 0
          ? []
          : [`${ABILITY_TITLES[ability]}: no paired difference of ${names.join(", ")}.`];
      }),
      ...(others.length > 0 ? [`Not drawn: ${nameList(others)}.`] : []),
    ],
    description: courses.map(({ ability, points, steps }) => {
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
    }).join(" "),
    options,
  });
}
