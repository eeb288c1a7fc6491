/**
 * Outcomes under settings A and B: what the measures of perception and alignment are made of.
 *
 * @module
 */
import { ABILITIES, type Ability } from "../abilities.ts";
import * as Plot from "@observablehq/plot";
import type pl from "nodejs-polars";
import { abilityRowFigure } from "./ability_row_figure.ts";
import type { RowLayout } from "./ability_row_layout.ts";
import { orderModels } from "./ability_rows.ts";
import { ABILITY_TITLES, missingNotes } from "./ability_texts.ts";
import { linearScale } from "./axes.ts";
import type { FigureOptions } from "./compose_figure.ts";
import type { Figure } from "./figure.ts";
import { readChoice, readWholeNumber } from "./frame_rows.ts";
import { swatchLegend } from "./legend.ts";
import { readSweepRows, sampleSize } from "./sweep_rows.ts";
import { textWidth } from "./text_width.ts";
import { FONT_SIZES, INK } from "./theme.ts";

const FIGURE = "the transition figure";
const COUNTS = ["n_TT", "n_TF", "n_FT", "n_FF"] as const;
type Count = typeof COUNTS[number];

/** Fills of the outcomes and the ink on them; Okabe and Ito's, light enough for dark letters. */
const OUTCOMES: Readonly<
  Record<Count, { name: string; label: string; fill: string; ink: string }>
> = {
  n_TT: { name: "TT", label: "TT: right in A and B", fill: "#00664b", ink: INK.background },
  n_TF: { name: "TF", label: "TF: right in A alone", fill: "#e69f00", ink: INK.text },
  n_FT: { name: "FT", label: "FT: right in B alone", fill: "#7cc4ee", ink: INK.text },
  n_FF: { name: "FF", label: "FF: wrong in both", fill: "#e3e3e3", ink: INK.text },
};

/** Settings of each experiment, and the outcome that is its measure. */
const SETTINGS: Readonly<Partial<Record<Ability, { measure: Count; words: string }>>> = {
  perception: { measure: "n_TF", words: "A image, B black image; measure: TF (framed)" },
  alignment: { measure: "n_TT", words: "A image, B description; measure: TT (framed)" },
};

const PERCENT = { domain: [0, 100], ticks: [0, 25, 50, 75, 100] } as const;

/** One outcome of a model, as a part of its bar, in percent. */
interface Segment {
  readonly label: string;
  readonly count: Count;
  readonly n: number;
  readonly from: number;
  readonly to: number;
}

/**
 * How many samples each model answers right under both settings, one of them or neither, as a bar of
 * 100 % (the original's transition statistics). M_vis is the share right under A and wrong under B,
 * M_v2r the share right under both.
 *
 * @param frame One row per model and ability with label, ability ("perception" or "alignment"), n_TT,
 * n_TF, n_FT, n_FF (whole numbers). Rows without a count are left out and named in a note.
 * @throws {TypeError} if a column is missing or of a wrong type, or an ability has no two settings.
 * @throws {RangeError} if the frame is empty, has two rows for one model and ability, or the width is
 * out of range.
 *
 * @example
 * ```ts
 * import pl from "nodejs-polars";
 *
 * const frame = pl.DataFrame([
 *   { label: "IN", ability: "perception", n_TT: 30, n_TF: 34, n_FT: 6, n_FF: 30 },
 * ]);
 * console.log(transitionFigure(frame).alt); // "... Perception: IN TT 30, TF 34, FT 6, FF 30 of 100."
 * ```
 */
export function transitionFigure(frame: pl.DataFrame, options: FigureOptions = {}): Figure {
  const rows = readOutcomes(frame);
  const labels = orderModels(rows.map(({ label }) => label));
  const abilities = ABILITIES.flatMap((ability) => {
    const own = rows.filter((row) => row.ability === ability);
    if (own.length === 0) return [];
    const points = labels.flatMap((label) =>
      own.filter((row) => row.label === label && row.n !== null)
    );
    const missing = labels.filter((label) => !points.some((row) => row.label === label));
    return [{ ability, points, missing, size: sampleSize(own) }];
  });
  const size = sampleSize(rows, "samples an experiment");
  return abilityRowFigure({
    frame,
    title: "Outcomes under two settings",
    subtitle: "Samples answered right (T) or wrong (F) under setting A, then under setting B" +
      `${size === "" ? "" : `; ${size}`}.`,
    legend: COUNTS.map((count) => swatchLegend(OUTCOMES[count].label, [OUTCOMES[count].fill])),
    labels,
    panels: abilities.map((own) => ({
      ...own,
      counted: SETTINGS[own.ability]!.words,
      scale: { ...linearScale([0, 100], { zero: true }), ...PERCENT },
      xLabel: "Share of samples (%)",
      columns: [],
      marks: (layout, width) =>
        barMarks(own.points.flatMap(segmentsOf), { layout, width, ability: own.ability }),
    })),
    notes: missingNotes(abilities),
    description: abilities.map(({ ability, points }) =>
      `${ABILITY_TITLES[ability]}: ${points.map(describe).join("; ") || "nothing to draw"}.`
    ).join(" "),
    options,
  });
}

type OutcomeRow = ReturnType<typeof readOutcomes>[number];

function readOutcomes(frame: pl.DataFrame) {
  const rows = readSweepRows(frame, {
    figure: FIGURE,
    source: "the frame of an ability report's transitions",
    keys: ["label", "ability"],
    indices: [],
    measures: COUNTS,
  });
  return rows.map((row) => {
    const known = ABILITIES.filter((name) => SETTINGS[name] !== undefined);
    const ability = readChoice(row.ability, { figure: FIGURE, column: "ability", known });
    const counts = COUNTS.flatMap((column) =>
      row[column] === null
        ? []
        : [readWholeNumber(row[column], { figure: FIGURE, column, lowest: 0 })]
    );
    const sum = counts.reduce((a, b) => a + b, 0);
    // A bar needs all four counts and a sample.
    return { ...row, ability, n: counts.length === COUNTS.length && sum > 0 ? sum : null };
  });
}

function segmentsOf(row: OutcomeRow): Segment[] {
  let from = 0;
  return COUNTS.map((count) => {
    const n = row[count] ?? 0;
    const to = from + 100 * n / (row.n ?? 1);
    const segment = { label: row.label, count, n, from, to };
    from = to;
    return segment;
  });
}

const HALF_BAR = 8;

function barMarks(
  segments: readonly Segment[],
  { layout, width, ability }: { layout: RowLayout; width: number; ability: Ability },
): Plot.Markish[] {
  const middle = ({ label }: Segment) => layout.centers[layout.labels.indexOf(label)];
  const box = {
    x1: "from",
    x2: "to",
    y1: (segment: Segment) => middle(segment) - HALF_BAR,
    y2: (segment: Segment) => middle(segment) + HALF_BAR,
  };
  const shown = segments.filter(({ n }) => n > 0);
  /** The outcome with its count, the count alone, or nothing, as there is room. */
  const text = ({ count, n, from, to }: Segment) => {
    const room = width * (to - from) / 100 - 4;
    const fits = [`${OUTCOMES[count].name} ${n}`, `${n}`].find((candidate) =>
      textWidth(candidate, FONT_SIZES.note, { bold: true }) <= room
    );
    return fits ?? "";
  };
  const written = shown.filter((segment) => text(segment) !== "");
  return [
    Plot.rect(shown, {
      ...box,
      fill: ({ count }: Segment) => OUTCOMES[count].fill,
      stroke: INK.background,
      strokeWidth: 0.8,
    }),
    Plot.rect(shown.filter(({ count }) => count === SETTINGS[ability]!.measure), {
      ...box,
      fill: "none",
      stroke: INK.text,
      strokeWidth: 1.6,
    }),
    ...[true, false].map((measure) =>
      Plot.text(
        written.filter(({ count }) => (count === SETTINGS[ability]!.measure) === measure),
        {
          x: ({ from, to }: Segment) => (from + to) / 2,
          y: middle,
          text,
          fill: ({ count }: Segment) => OUTCOMES[count].ink,
          fontSize: FONT_SIZES.note,
          fontWeight: measure ? "bold" : "normal",
        },
      )
    ),
  ];
}

function describe(row: OutcomeRow): string {
  const counts = COUNTS.map((count) => `${OUTCOMES[count].name} ${row[count]}`).join(", ");
  return `${row.label} ${counts} of ${row.n}`;
}
