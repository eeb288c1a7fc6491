/**
 * Vision localization in short.
 *
 * @module
 */
import type { VisionReport } from "./report.ts";
import { THIRDS } from "../../thirds.ts";
import { type FindingTable, number, percent, perThird, points } from "../finding_table.ts";

/** Fall of the change rate by third. */
export function visionTable(report: VisionReport): FindingTable {
  const { control } = report;
  return {
    caption: "Swapped visual tokens: fall of the change rate over the swaps that start in each " +
      `third, in percentage points (an image swapped with itself changes ${control.changed} of ` +
      `${control.pairs} answers)`,
    columns: [
      { label: "task" },
      number("pairs"),
      number("right, unswapped"),
      ...THIRDS.map(number),
      number("largest step at layer"),
    ],
    rows: report.tasks.map((task) => {
      const own = report.places.filter((place) => place.task === task);
      const falls = perThird(own, report.num_layers, { value: ({ step }) => step });
      return [
        task,
        Math.max(0, ...own.map(({ n }) => n)),
        percent(report.baseline_accuracy[task]),
        ...falls.map((value) => points(value)),
        report.step_peak_layers[task] ?? null,
      ];
    }),
  };
}
