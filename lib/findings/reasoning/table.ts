/**
 * Reasoning localization in short.
 *
 * @module
 */
import type { ReasoningReport } from "./report.ts";
import { THIRDS } from "../../thirds.ts";
import { type FindingTable, gradedText, number, perThird, points } from "../finding_table.ts";

/** Accuracy lost by third. */
export function reasoningTable(reports: readonly ReasoningReport[]): FindingTable {
  return {
    caption: "One layer left out: accuracy lost, mean over each third's layers, in percentage " +
      "points; in brackets the accuracy by the other grading. Without a fatal layer fewer than a " +
      "tenth of the whole model's answers come at all",
    columns: [
      { label: "dataset" },
      number("problems"),
      number("accuracy, whole model"),
      ...THIRDS.map(number),
      number("largest loss"),
      number("at layer"),
      number("fatal layers"),
    ],
    rows: reports.map(({ dataset, places, num_layers: numLayers }) => {
      const whole = places.find(({ layer }) => layer < 0);
      const ablated = places.filter(({ layer }) => layer >= 0);
      const losses = perThird(ablated, numLayers, { value: ({ drop }) => drop, mean: true });
      const worst = ablated.toSorted((a, b) => (b.drop ?? -1) - (a.drop ?? -1)).at(0);
      return [
        dataset,
        whole?.n ?? 0,
        whole
          ? gradedText(
            [whole.accuracy, whole.accuracy_low, whole.accuracy_high],
            whole.accuracy_other,
          )
          : null,
        ...losses.map((value) => points(value)),
        points(worst?.drop ?? null),
        worst?.layer,
        places.filter(({ fatal }) => fatal).map(({ layer }) => layer).join(", ") || "none",
      ];
    }),
  };
}
