/**
 * Measures of the updates of both phases, layer by layer: what the figures of energy and diversity
 * have in common.
 *
 * @module
 */
import type pl from "nodejs-polars";
import {
  type Point,
  readRows,
  type Row,
  type Series,
  seriesNotes,
  shortNumber,
} from "../figures/mod.ts";
import { PHASE_STYLES, PHASES } from "./series_styles.ts";

/** One row per layer index and phase. */
export type PhaseRow<M extends string> = Row<"section" | "phase" | "region", "layer_idx", M>;

/**
 * Reads layer_idx, section, phase, region (if there) and the given measures.
 *
 * @throws {TypeError} if a column is missing or of a wrong type.
 * @throws {RangeError} if there are no rows, or two rows for one layer index and phase.
 */
export function readPhaseRows<M extends string>(
  frame: pl.DataFrame,
  spec: { figure: string; source: string; measures: readonly M[] },
): PhaseRow<M>[] {
  return readRows(frame, {
    ...spec,
    texts: { section: null, phase: PHASES, region: null },
    indices: { layer_idx: -10_000 },
    optional: ["region"],
  });
}

/** A line a phase; lines stop at section borders, where matrices change shape. */
export function phaseSeries<M extends string>(
  rows: readonly PhaseRow<M>[],
  measure: M,
  isDrawn: (value: number) => boolean = () => true,
): Series[] {
  return PHASES.map((phase) => ({
    style: PHASE_STYLES[phase],
    points: rows.filter((row) => row.phase === phase).flatMap((row) => {
      const value = row[measure] as number | null;
      return value === null || !isDrawn(value)
        ? []
        : [{ x: row.layer_idx, value, low: null, high: null, piece: row.section }];
    }),
  }));
}

/** "`RL: zero update at layer index 1 to 3; not drawn.`" for each phase that has such rows. */
export function phaseNotes(
  rows: readonly { phase: string; layer_idx: number }[],
  options: { all: typeof rows; reason: string; consequence?: string },
): string[] {
  const named = (some: typeof rows) =>
    some.map(({ phase, layer_idx }) => ({ series: phase, layer: layer_idx }));
  return seriesNotes(named(rows), {
    ...options,
    all: named(options.all),
    order: PHASES,
    index: "layer index",
  });
}

/** "`IN is largest at layer index 12 (0.57); RL is zero in every layer.`" */
export function describePhases(series: readonly Series[]): string {
  const peaks = PHASES.flatMap((phase, i) => {
    const points: readonly Point[] = series[i].points;
    if (points.length === 0) return [];
    if (points.every(({ value }) => value === 0)) return [`${phase} is zero in every layer`];
    const peak = points.reduce((best, point) => point.value > best.value ? point : best);
    const place = `layer index ${shortNumber(peak.x)}`;
    return [`${phase} is largest at ${place} (${shortNumber(peak.value)})`];
  });
  return peaks.length === 0 ? "No values to draw." : `${peaks.join("; ")}.`;
}
