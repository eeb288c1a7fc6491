/**
 * Reasoning localization in short.
 *
 * @module
 */
import { decimalText } from "../../number_format.ts";
import { fatalLayers, type ReasoningReport, type ReasoningSweep } from "./report.ts";
import { THIRDS } from "../../thirds.ts";
import { type FindingTable, gradedText, number, perThird, points } from "../finding_table.ts";

/** One kind of ablation on one dataset. */
function rowOf(sweep: ReasoningSweep, [dataset, ablation]: string[], numLayers: number) {
  const { places } = sweep;
  const whole = places.find(({ layer }) => layer < 0);
  const ablated = places.filter(({ layer }) => layer >= 0);
  const losses = perThird(ablated, numLayers, { value: ({ drop }) => drop, mean: true });
  const worst = ablated.toSorted((a, b) => (b.drop ?? -1) - (a.drop ?? -1)).at(0);
  const farthest = ablated.toSorted((a, b) => (b.kl ?? -1) - (a.kl ?? -1)).at(0);
  return [
    dataset,
    ablation,
    whole?.n ?? 0,
    whole
      ? gradedText([whole.accuracy, whole.accuracy_low, whole.accuracy_high], whole.accuracy_other)
      : null,
    ...losses.map((value) => points(value)),
    points(worst?.drop ?? null),
    worst?.layer,
    typeof farthest?.kl === "number" ? `${decimalText(farthest.kl, 2)} at ${farthest.layer}` : null,
    fatalLayers(sweep).join(", ") || "none",
  ];
}

/** Accuracy lost by third. */
export function reasoningTable(reports: readonly ReasoningReport[]): FindingTable {
  return {
    caption:
      "One layer left out, or its mean in its place: accuracy lost, mean over each third's " +
      "layers, in percentage points; in brackets the accuracy by the other grading; the largest mean " +
      "divergence of the next token from the whole model's, in nats. Without a fatal layer fewer than " +
      "a tenth of the whole model's answers come at all",
    columns: [
      { label: "dataset" },
      { label: "ablation" },
      number("problems"),
      number("accuracy, whole model"),
      ...THIRDS.map(number),
      number("largest loss"),
      number("at layer"),
      number("largest divergence"),
      number("fatal layers"),
    ],
    rows: reports.flatMap((report) => {
      const { dataset, num_layers: numLayers, mean } = report;
      return [
        rowOf(report, [dataset, "zero"], numLayers),
        ...mean ? [rowOf(mean, [dataset, "mean"], numLayers)] : [],
      ];
    }),
  };
}
