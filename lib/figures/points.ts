/**
 * Values with intervals along an axis, and what can be said about them.
 *
 * @module
 */
import { formatRanges } from "./notes.ts";

/** A value and its interval, if it has one. */
export interface Interval {
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** A value at a place of the x axis. */
export interface Point extends Interval {
  readonly x: number;
}

/** Which columns hold the place, the value and its interval. */
export interface PointColumns {
  readonly x: string;
  readonly value: string;
  readonly low?: string;
  readonly high?: string;
}

/** The rows' values of one measure times `factor`, without those that are missing. */
export function pointsOf(
  rows: readonly object[],
  { x, value, low, high }: PointColumns,
  factor = 1,
): Point[] {
  const cell = (row: object, column?: string) => {
    const number = column === undefined ? null : (row as Record<string, number | null>)[column];
    return number === null ? null : number * factor;
  };
  return rows.flatMap((row) => {
    const found = cell(row, value);
    const place = (row as Record<string, number>)[x];
    return found === null
      ? []
      : [{ x: place, value: found, low: cell(row, low), high: cell(row, high) }];
  });
}

/** Every number that an axis must hold. */
export function extentOf(points: readonly Interval[]): number[] {
  return points.flatMap(({ value, low, high }) => [value, low ?? value, high ?? value]);
}

/** Whether the interval lies on one side of zero. */
export function excludesZero({ low, high }: Pick<Interval, "low" | "high">): boolean {
  return low !== null && high !== null && (low > 0 || high < 0);
}

/** The first of the points with the highest value; none if there is no point or all are 0. */
export function peakOf<P extends { value: number }>(points: readonly P[]): P | undefined {
  if (points.every(({ value }) => value === 0)) return undefined;
  return points.reduce((best, point) => point.value > best.value ? point : best);
}

/** "`layer 4`" or "`layers 0 to 2`": where the points have the highest value. */
export function peakLayers(points: readonly Point[]): string {
  const peak = peakOf(points);
  const layers = points.filter(({ value }) => value === peak?.value).map(({ x }) => x);
  return `${layers.length > 1 ? "layers" : "layer"} ${formatRanges(layers)}`;
}
