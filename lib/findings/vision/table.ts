/**
 * Vision localization in short.
 *
 * @module
 */
import { signedText } from "../../number_format.ts";
import { medianText, type ReadOutMeasure, readOuts } from "./read_outs.ts";
import type { VisionReport } from "./report.ts";
import { THIRDS } from "../../thirds.ts";
import { type FindingTable, number, percent, perThird, points } from "../finding_table.ts";

/** Where the window begins whose swap raises the other image's answer most, and its interval. */
function strongestWindow({ logits }: VisionReport, task: string): string | null {
  const own = logits?.places.filter((place) => place.task === task && place.swap === "window") ??
    [];
  const best = own.toSorted((a, b) => (b.rise ?? -Infinity) - (a.rise ?? -Infinity)).at(0);
  if (!best || best.rise === null || best.low === null || best.high === null) return null;
  const [rise, low, high] = [best.rise, best.low, best.high].map((one) => signedText(one, 1));
  return `${best.layer}: ${rise} (${low} to ${high})`;
}

/** The layer at which the median pair is read out. */
function readOutText(report: VisionReport, task: string, measure: ReadOutMeasure): string | null {
  const found = readOuts(report, { task, measure });
  return found && medianText(found);
}

/** Fall of the change rate by third. */
export function visionTable(report: VisionReport): FindingTable {
  const { control } = report;
  return {
    caption: "Swapped visual tokens: fall of the change rate over the swaps that start in each " +
      `third, in percentage points (an image swapped with itself changes ${control.changed} of ` +
      `${control.pairs} answers); and the window of ${
        report.logits?.window ?? "no"
      } layers whose ` +
      "swap raises the other image's answer most, in logits. The median pair is read out at the last " +
      "layer from which a swap changes its answer, or puts the other image's answer ahead in logits",
    columns: [
      { label: "task" },
      number("pairs"),
      number("right, unswapped"),
      ...THIRDS.map(number),
      number("largest step at layer"),
      number("read out at, by answers"),
      number("read out at, by logits"),
      number("strongest window from layer"),
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
        readOutText(report, task, "answers"),
        readOutText(report, task, "logits"),
        strongestWindow(report, task),
      ];
    }),
  };
}
