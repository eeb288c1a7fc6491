/**
 * Values with intervals along the LLM's layers, and what can be said about them.
 *
 * @module
 */
import { formatRanges } from "./notes.ts";
import type { SeriesStyle } from "./theme.ts";

/** A value at a layer and its interval, if it has one. */
export interface IntervalPoint {
  /** LLM layer, from 0. */
  readonly layer: number;
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** The points of one line, by layer, and how it is drawn. */
export interface IntervalSeries {
  readonly style: SeriesStyle;
  readonly points: readonly IntervalPoint[];
}

/** Which columns hold a value and its interval. */
export interface IntervalColumns<M extends string> {
  readonly value: M;
  readonly low: M;
  readonly high: M;
}

/** The rows' values of one measure times `factor`, without those that are missing. */
export function intervalPoints<M extends string>(
  rows: readonly (Readonly<Record<M, number | null>> & { readonly layer: number })[],
  columns: IntervalColumns<M> & { factor?: number },
): IntervalPoint[] {
  const factor = columns.factor ?? 1;
  const scaled = (value: number | null) => value === null ? null : value * factor;
  return rows.flatMap((row) => {
    const value = scaled(row[columns.value]);
    return value === null ? [] : [{
      layer: row.layer,
      value,
      low: scaled(row[columns.low]),
      high: scaled(row[columns.high]),
    }];
  });
}

/** Every number that an axis must hold. */
export function extentOf(points: readonly Omit<IntervalPoint, "layer">[]): number[] {
  return points.flatMap(({ value, low, high }) => [value, low ?? value, high ?? value]);
}

/** Whether the interval lies on one side of zero. */
export function excludesZero({ low, high }: Pick<IntervalPoint, "low" | "high">): boolean {
  return low !== null && high !== null && (low > 0 || high < 0);
}

/** The first of the points with the highest value; none if there is no point or all are 0. */
export function peakOf<P extends { value: number }>(points: readonly P[]): P | undefined {
  if (points.every(({ value }) => value === 0)) return undefined;
  return points.reduce((best, point) => point.value > best.value ? point : best);
}

/** "`layer 4`" or "`layers 0 to 2`": where the points have the highest value. */
export function peakLayers(points: readonly IntervalPoint[]): string {
  const peak = peakOf(points);
  const layers = points.filter(({ value }) => value === peak?.value).map(({ layer }) => layer);
  return `${layers.length > 1 ? "layers" : "layer"} ${formatRanges(layers)}`;
}
