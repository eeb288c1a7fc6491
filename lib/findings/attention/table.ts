/**
 * The shift of attention in short.
 *
 * @module
 */
import type { AttentionReport } from "./report.ts";
import { THIRDS } from "../../thirds.ts";
import { type FindingTable, number, perThird, points } from "../finding_table.ts";

/** RL less IN by third, under each text, from all generated tokens and from those that think. */
export function attentionTable(report: AttentionReport): FindingTable {
  const texts = [
    ["fixed", `${report.fixed_text}'s, for all`],
    ["second", `${report.second_text}'s, for IN and RL`],
    ["own", "each its own"],
  ];
  const spans = [["generated", "all"], ["think", "thinking"]];
  const kinds = texts.flatMap((text) => spans.map((span) => [...text, ...span]))
    .filter(([text, , span]) =>
      report.shifts.some((shift) => shift.text === text && shift.span === span && shift.n > 0)
    );
  return {
    caption: "Attention from generated to visual tokens, RL less IN: mean of each third, in " +
      "percentage points",
    columns: [
      { label: "text" },
      { label: "tokens" },
      ...THIRDS.map(number),
      number("layers up"),
      number("down"),
    ],
    rows: kinds.map(([text, name, span, tokens]) => {
      const own = report.shifts.filter((shift) =>
        shift.text === text && shift.span === span && shift.target === "visual"
      );
      const thirds = perThird(own, report.num_layers, { value: ({ diff }) => diff, mean: true });
      return [
        name,
        tokens,
        ...thirds.map((value) => points(value, 2)),
        own.filter(({ low }) => low !== null && low > 0).length,
        own.filter(({ high }) => high !== null && high < 0).length,
      ];
    }),
  };
}
