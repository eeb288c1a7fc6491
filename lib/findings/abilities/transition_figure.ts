/**
 * Outcomes under settings A and B: what the measures of perception and alignment are made of.
 *
 * @module
 */
import type pl from "nodejs-polars";
import { ABILITIES, type Ability } from "../../abilities.ts";
import {
  drawChart,
  type Figure,
  type FigureOptions,
  readRows,
  sampleSize,
  sentence,
  swatchLegend,
} from "../../figures/mod.ts";
import {
  ABILITY_TITLES,
  abilityHeading,
  BLOCK_HEADINGS,
  missingNotes,
  MODEL_TEXTS,
  modelRows,
  OPTIONAL,
} from "./ability_rows.ts";
import { COUNTS, type OutcomeCount, outcomeMarks, OUTCOMES } from "./outcome_bars.ts";

const FIGURE = "the transition figure";
/** Settings of each experiment, and the outcome that is its measure. */
const SETTINGS: Readonly<Partial<Record<Ability, { measure: OutcomeCount; words: string }>>> = {
  perception: { measure: "n_TF", words: "A image, B black image; measure: TF (framed)" },
  alignment: { measure: "n_TT", words: "A image, B description; measure: TT (framed)" },
};

/**
 * How many samples each model answers right under both settings, one of them or neither, as a bar of
 * 100 % (the original's transition statistics). M_vis is the share right under A and wrong under B,
 * M_v2r the share right under both.
 *
 * @param frame One row per model and ability with label, ability ("perception" or "alignment"), n_TT,
 * n_TF, n_FT, n_FF (whole numbers) and, for order and thirds, group, place, thirds. Rows without a
 * count are left out and named in a note.
 * @throws {TypeError} if a column is missing or of a wrong type, or an ability has no two settings.
 * @throws {RangeError} if the frame is empty, has two rows for one model and ability, or the width is
 * out of range.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import pl from "nodejs-polars";
 *
 * const frame = pl.DataFrame([
 *   { label: "IN", ability: "perception", n_TT: 30, n_TF: 34, n_FT: 6, n_FF: 30 },
 * ]);
 * const { alt } = transitionFigure(frame);
 * assertStringIncludes(alt, "Perception: IN TT 30, TF 34, FT 6, FF 30 of 100.");
 * ```
 */
export function transitionFigure(frame: pl.DataFrame, options: FigureOptions = {}): Figure {
  const known = ABILITIES.filter((ability) => SETTINGS[ability] !== undefined);
  const rows = readRows(frame, {
    figure: FIGURE,
    source: "the frame of an ability report's transitions",
    texts: { ...MODEL_TEXTS, ability: known },
    indices: {},
    measures: [...COUNTS, "place"],
    optional: OPTIONAL,
  }).map((row) => {
    for (const column of COUNTS) {
      const count = row[column];
      if (count === null || Number.isInteger(count) && count >= 0) continue;
      throw new TypeError(
        `Cannot draw ${FIGURE}: column ${column} holds ${count}, but a whole number is needed`,
      );
    }
    const sum = COUNTS.reduce((total, column) => total + (row[column] ?? NaN), 0);
    // A bar needs all four counts and a sample.
    return { ...row, n: sum > 0 ? sum : null };
  });
  const models = modelRows(rows);
  const abilities = known.flatMap((ability) => {
    const own = rows.filter((row) => row.ability === ability);
    if (own.length === 0) return [];
    const points = models.flatMap(({ key }) =>
      own.filter(({ label, n }) => label === key && n !== null)
    );
    const missing = models.map(({ key }) => key)
      .filter((key) => !points.some(({ label }) => label === key));
    return [{ ability, points, missing, size: sampleSize(own) }];
  });
  return drawChart({
    frame,
    title: "Outcomes under two settings",
    subtitle: sentence(
      "Samples answered right (T) or wrong (F) under setting A, then under setting B",
      sampleSize(rows, "samples an experiment"),
    ),
    legend: COUNTS.map((count) => swatchLegend(OUTCOMES[count].label, [OUTCOMES[count].fill])),
    rows: models,
    blockHeadings: BLOCK_HEADINGS,
    panels: abilities.map(({ ability, points, size }) => {
      const { measure, words } = SETTINGS[ability]!;
      return {
        ...abilityHeading({ ability, size }, words),
        x: {
          domain: [0, 100],
          ticks: [0, 25, 50, 75, 100],
          ...{ label: "Share of samples (%)", grid: true },
        },
        marks: (room) => outcomeMarks(points, measure, room),
      };
    }),
    notes: missingNotes(abilities),
    description: abilities.map(({ ability, points }) => {
      const bars = points.map((row) => {
        const counts = COUNTS.map((count) => `${count.slice(2)} ${row[count]}`).join(", ");
        return `${row.label} ${counts} of ${row.n}`;
      });
      return `${ABILITY_TITLES[ability]}: ${bars.join("; ") || "nothing to draw"}.`;
    }).join(" "),
    options,
  });
}
