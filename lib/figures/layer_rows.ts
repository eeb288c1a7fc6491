/**
 * Rows of a per-layer summary frame, as the figures over layers need them.
 *
 * @module
 */
import type pl from "nodejs-polars";
import { readLayerIndex, readPhase, readRows } from "./frame_rows.ts";
import type { LayerPoint } from "./layer_panel.ts";
import { type NotedPoint, shortNumber } from "./notes.ts";
import { PHASES } from "./theme.ts";

/** One row per layer index and phase; `values` are finite or null. */
export interface LayerRow<N extends string> extends Omit<LayerPoint, "value"> {
  /** Third of the LLM, if the frame has that column. */
  readonly region: string | null;
  readonly values: Readonly<Record<N, number | null>>;
}

/**
 * Reads layer_idx, section, phase and the given measures.
 *
 * @throws {TypeError} if a column is missing or of a wrong type.
 * @throws {RangeError} if there are no rows, or two rows for one layer index and phase.
 */
export function readLayerRows<N extends string>(
  frame: pl.DataFrame,
  spec: { figure: string; source: string; measures: readonly N[] },
): LayerRow<N>[] {
  const { figure, source, measures } = spec;
  const seen = new Set<string>();
  return readRows<N | "layer_idx", "section" | "phase" | "region">(frame, {
    figure,
    source,
    numbers: ["layer_idx", ...measures],
    strings: ["section", "phase"],
    optionalStrings: ["region"],
  }).map((row) => {
    const layer = readLayerIndex(row.layer_idx, figure);
    const phase = readPhase(row.phase, figure);
    const key = `${phase} at layer index ${layer}`;
    if (seen.has(key)) {
      throw new RangeError(`Cannot draw ${figure}: two rows for ${key}; pass ${source}`);
    }
    seen.add(key);
    const values = {} as Record<N, number | null>;
    for (const name of measures) values[name] = (row as Record<N, number | null>)[name];
    return { layer, section: row.section ?? "Unknown", region: row.region, phase, values };
  });
}

/** The rows' values of one measure, without those that are missing. */
export function pointsOf<N extends string>(rows: readonly LayerRow<N>[], measure: N): LayerPoint[] {
  return rows.flatMap(({ layer, section, phase, values }) => {
    const value = values[measure];
    return value === null ? [] : [{ layer, section, phase, value }];
  });
}

/** The rows where one of the measures is null, NaN or infinite. */
export function missingPoints<N extends string>(
  rows: readonly LayerRow<N>[],
  measures: readonly N[],
): NotedPoint[] {
  return rows.filter(({ values }) => measures.some((name) => values[name] === null));
}

/** "`IN is largest at layer index 12 (0.57); RL is zero in every layer.`" */
export function describePeaks(points: readonly LayerPoint[]): string {
  const peaks = PHASES.flatMap((phase) => {
    const own = points.filter((point) => point.phase === phase);
    if (own.length === 0) return [];
    if (own.every(({ value }) => value === 0)) return [`${phase} is zero in every layer`];
    const peak = own.reduce((best, point) => point.value > best.value ? point : best);
    return [`${phase} is largest at layer index ${peak.layer} (${shortNumber(peak.value)})`];
  });
  return peaks.length === 0 ? "No values to draw." : `${peaks.join("; ")}.`;
}
