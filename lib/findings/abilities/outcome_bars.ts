/**
 * Outcomes under settings A and B as bars of 100 %, one in each model's row.
 *
 * @module
 */
import type { Markish } from "@observablehq/plot";
import { boxMarks, FONT_SIZES, INK, type Room, textMarks, textWidth } from "../../figures/mod.ts";

/** The columns of counts: right (T) or wrong (F) under A, then under B. */
export const COUNTS = ["n_TT", "n_TF", "n_FT", "n_FF"] as const;
/** One of the outcomes. */
export type OutcomeCount = typeof COUNTS[number];

/** Fills of the outcomes and the ink on them; Okabe and Ito's, light enough for dark letters. */
export const OUTCOMES: Readonly<
  Record<OutcomeCount, { label: string; fill: string; ink: string }>
> = {
  n_TT: { label: "TT: right in A and B", fill: "#00664b", ink: INK.background },
  n_TF: { label: "TF: right in A alone", fill: "#e69f00", ink: INK.text },
  n_FT: { label: "FT: right in B alone", fill: "#7cc4ee", ink: INK.text },
  n_FF: { label: "FF: wrong in both", fill: "#e3e3e3", ink: INK.text },
};

const HALF_BAR = 8;

/** Bars, the outcome that is the measure framed, each with its count where there is room. */
export function outcomeMarks(
  rows: readonly (Readonly<Record<OutcomeCount | "n", number | null>> & { label: string })[],
  measure: OutcomeCount,
  { rowAt, perX }: Room,
): Markish[] {
  const boxes = rows.flatMap((row) => {
    let from = 0;
    const y = rowAt(row.label);
    return COUNTS.map((count) => {
      const [n, x1] = [row[count] ?? 0, from];
      from += 100 * n / (row.n ?? 1);
      const text = [`${count.slice(2)} ${n}`, `${n}`].find((candidate) =>
        textWidth(candidate, FONT_SIZES.note, { bold: true }) <= perX * (from - x1) - 4
      );
      const framed = count === measure;
      const box = { x1, x2: from, y1: y - HALF_BAR, y2: y + HALF_BAR };
      return { ...box, n, framed, text, ...OUTCOMES[count] };
    });
  }).filter(({ n }) => n > 0);
  const texts = boxes.flatMap(({ x1, x2, y1, framed, text, ink }) =>
    text === undefined ? [] : [{ framed, x: (x1 + x2) / 2, y: y1 + HALF_BAR, text, fill: ink }]
  );
  return [
    boxMarks(boxes, { stroke: INK.background, strokeWidth: 0.8 }),
    boxMarks(boxes.filter(({ framed }) => framed).map((box) => ({ ...box, fill: "none" })), {
      stroke: INK.text,
      strokeWidth: 1.6,
    }),
    ...[true, false].map((bold) =>
      textMarks(texts.filter(({ framed }) => framed === bold), { bold, edge: false })
    ),
  ];
}
