/**
 * Reasoning localization as frames.
 *
 * @module
 */
import type pl from "nodejs-polars";
import { basisText } from "../../basis.ts";
import { frameOf } from "../../frame.ts";
import { estimateColumns } from "../estimate_fields.ts";
import type { ReasoningReport } from "./report.ts";

/**
 * Accuracy, drop and divergence with their intervals: dataset, ablation ("zero" or "mean"), layer (-1
 * for the baseline), n, accuracy, accuracy_low, accuracy_high, drop, drop_low, drop_high,
 * accuracy_other (by the other grading), formed (share of responses that are answers), kl, kl_low,
 * kl_high (nats), basis.
 */
export function reasoningLocalizationFrame(reports: readonly ReasoningReport[]): pl.DataFrame {
  const rows = reports.flatMap(({ dataset, places, mean, basis }) =>
    [...places, ...mean?.places ?? []].map((
      { finished: _, undecided: __, fatal: ___, ...place },
      i,
    ) => ({
      ...place,
      dataset,
      ablation: i < places.length ? "zero" : "mean",
      basis: basisText(basis[dataset]),
    }))
  );
  return frameOf(rows, {
    dataset: "string",
    ablation: "string",
    layer: "int",
    n: "int",
    ...estimateColumns("accuracy"),
    ...estimateColumns("drop"),
    accuracy_other: "float",
    formed: "float",
    ...estimateColumns("kl"),
    basis: "string",
  });
}

/** Accuracy and drop by level: dataset, level, layer (-1 for the baseline), n, accuracy, drop, basis. */
export function reasoningByLevelFrame(reports: readonly ReasoningReport[]): pl.DataFrame {
  const rows = reports.flatMap(({ dataset, levels, basis }) =>
    levels.map((place) => ({ dataset, ...place, basis: basisText(basis[dataset]) }))
  );
  return frameOf(rows, {
    dataset: "string",
    level: "int",
    layer: "int",
    n: "int",
    accuracy: "float",
    drop: "float",
    basis: "string",
  });
}
