/**
 * Outcomes under settings A and B: what the measures of perception and alignment are made of.
 *
 * @module
 */
import type pl from "nodejs-polars";
import { ABILITIES, type Ability } from "../../abilities.ts";
import {
  boxMarks,
  drawChart,
  type Figure,
  type FigureOptions,
  INK,
  readRows,
  sampleSize,
  swatchLegend,
  textMarks,
  textWidth,
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

const FIGURE = "the transition figure";
const COUNTS = ["n_TT", "n_TF", "n_FT", "n_FF"] as const;
type Count = typeof COUNTS[number];

/** Fills of the outcomes and the ink on them; Okabe and Ito's, light enough for dark letters. */
const OUTCOMES: Readonly<Record<Count, { label: string; fill: string; ink: string }>> = {
  n_TT: { label: "TT: right in A and B", fill: "#00664b", ink: INK.background },
  n_TF: { label: "TF: right in A alone", fill: "#e69f00", ink: INK.text },
  n_FT: { label: "FT: right in B alone", fill: "#7cc4ee", ink: INK.text },
  n_FF: { label: "FF: wrong in both", fill: "#e3e3e3", ink: INK.text },
};

/** Settings of each experiment, and the outcome that is its measure. */
const SETTINGS: Readonly<Partial<Record<Ability, { measure: Count; words: string }>>> = {
  perception: { measure: "n_TF", words: "A image, B black image; measure: TF (framed)" },
  alignment: { measure: "n_TT", words: "A image, B description; measure: TT (framed)" },
};

const HALF_BAR = 8;

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
  const size = sampleSize(rows, "samples an experiment");
  return drawChart({
    frame,
    title: "Outcomes under two settings",
    subtitle: "Samples answered right (T) or wrong (F) under setting A, then under setting B" +
      `${size === "" ? "" : `; ${size}`}.`,
    legend: {
      first: COUNTS.map((count) => swatchLegend(OUTCOMES[count].label, [OUTCOMES[count].fill])),
    },
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
        marks: ({ rowAt, perX }) => {
          const boxes = points.flatMap((row) => {
            let from = 0;
            return COUNTS.map((count) => {
              const x1 = from;
              from += 100 * row[count]! / row.n!;
              const y = rowAt(row.label);
              const { fill, ink } = OUTCOMES[count];
              const framed = count === measure;
              const n = row[count]!;
              return {
                count,
                framed,
                n,
                x1,
                x2: from,
                y1: y - HALF_BAR,
                y2: y + HALF_BAR,
                fill,
                ink,
              };
            });
          }).filter(({ n }) => n > 0);
          // The outcome with its count, the count alone, or nothing, as there is room.
          const texts = boxes.map(({ count, framed, n, x1, x2, y1, ink }) => {
            const room = perX * (x2 - x1) - 4;
            const text = [`${count.slice(2)} ${n}`, `${n}`].find((candidate) =>
              textWidth(candidate, 11, { bold: true }) <= room
            );
            return { framed, x: (x1 + x2) / 2, y: y1 + HALF_BAR, text: text ?? "", fill: ink };
          }).filter(({ text }) => text !== "");
          return [
            ...boxMarks(boxes, { stroke: INK.background, strokeWidth: 0.8 }),
            ...boxMarks(
              boxes.filter(({ framed }) => framed).map((box) => ({ ...box, fill: "none" })),
              { stroke: INK.text, strokeWidth: 1.6 },
            ),
            ...[true, false].flatMap((bold) =>
              textMarks(texts.filter(({ framed }) => framed === bold), { bold, edge: false })
            ),
          ];
        },
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
