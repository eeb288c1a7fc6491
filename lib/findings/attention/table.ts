/**
 * The shift of attention in short.
 *
 * @module
 */
import type { AttentionReport } from "./report.ts";
import { THIRDS } from "../../thirds.ts";
import { type FindingTable, number, perThird, points } from "../finding_table.ts";

/** RL less IN by third, under either text. */
export function attentionTable(report: AttentionReport): FindingTable {
  const texts = [["fixed", `one text for all (${report.fixed_text}'s)`], ["own", "each its own"]];
  return {
    caption: "Attention from generated to visual tokens, RL less IN: mean of each third, in " +
      "percentage points",
    columns: [{ label: "text" }, ...THIRDS.map(number), number("layers up"), number("down")],
    rows: texts.map(([text, name]) => {
      const own = report.shifts.filter((shift) =>
        shift.text === text && shift.span === "generated" && shift.target === "visual"
      );
      const thirds = perThird(own, report.num_layers, { value: ({ diff }) => diff, mean: true });
      return [
        name,
        ...thirds.map((value) => points(value, 2)),
        own.filter(({ low }) => low !== null && low > 0).length,
        own.filter(({ high }) => high !== null && high < 0).length,
      ];
    }),
  };
}
