/**
 * How tables show frames of shares.
 *
 * @module
 */
import type pl from "nodejs-polars";
import { BASIS_COLUMN } from "../basis.ts";
import type { TableColumn } from "../figures/mod.ts";
import { decimalText } from "../number_format.ts";

/** Columns that say what a label, a figure or a note says too, some of them at length. */
const HIDDEN = ["model", "experiment", "group", "place", "thirds", BASIS_COLUMN];

/**
 * A frame's columns for `frameTable`: shares and their differences in as many decimals as one sample
 * of the largest `n` makes (two for 100); layer -1 as "whole model"; names at length and what figures
 * order models by are left out.
 *
 * @param frame Any frame with a column n.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import pl from "nodejs-polars";
 * import { frameTable } from "../figures/mod.ts";
 *
 * const frame = pl.DataFrame([{ layer: -1, n: 100, accuracy: 0.4812 }]);
 * const table = String(frameTable(frame, { columns: shareColumns(frame) }));
 * assertStringIncludes(table, "whole model  100      0.48");
 * ```
 */
export function shareColumns(frame: pl.DataFrame): TableColumn[] {
  const counts = frame.getColumn("n").toArray().map(Number);
  const largest = counts.reduce((a, b) => Math.max(a, b), 1);
  const decimals = Math.max(2, Math.ceil(Math.log10(largest)));
  return frame.columns.filter((name) => !HIDDEN.includes(name)).map((key): TableColumn => {
    if (key === "layer") {
      const format = (layer: unknown) => layer === -1 ? "whole model" : String(layer);
      return { key, format, align: "right" };
    }
    const isShare = key !== "n" && frame.getColumn(key).isFloat();
    const format = (value: unknown) =>
      typeof value === "number" ? decimalText(value, decimals) : "–";
    return isShare ? { key, format, align: "right" } : { key };
  });
}
