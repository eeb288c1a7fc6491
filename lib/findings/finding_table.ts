/**
 * A finding's numbers in short, as data, and what such tables are made of.
 *
 * @module
 */
import { decimalText, percentText, signedText } from "../number_format.ts";
import { thirdOf, THIRDS } from "../thirds.ts";

/** A table; the first cell of a row names it, and the numbers of a column share a format. */
export interface FindingTable {
  caption: string;
  columns: readonly { label: string; kind?: "number" }[];
  rows: readonly (readonly (string | number | null | undefined)[])[];
}

/** A share in percent, or nothing. */
export const percent = (value: number | null | undefined) =>
  value === null || value === undefined ? null : percentText(value);
/** A share's change in percentage points, or nothing. */
export const points = (value: number | null, decimals = 1) =>
  value === null ? null : signedText(100 * value, decimals);
/** A column of numbers. */
export const number = (label: string) => ({ label, kind: "number" as const });

/** Share and interval, e.g. "72.0 % (63.0–80.0)". */
function shareText(value: number | null, low: number | null, high: number | null) {
  if (value === null) return null;
  if (low === null || high === null) return percent(value);
  return `${percent(value)} (${decimalText(100 * low, 1)}–${decimalText(100 * high, 1)})`;
}

/** Share and interval, and in brackets the share by the other grading. */
export function gradedText(share: Parameters<typeof shareText>, other: number | null) {
  const text = shareText(...share);
  return text === null ? null : `${text} [${percent(other)}]`;
}

/** Sum or mean of the values of each third's layers; null where a third has none. */
export function perThird<T extends { layer: number }>(
  places: readonly T[],
  numLayers: number,
  { value, mean = false }: { value: (place: T) => number | null; mean?: boolean },
): (number | null)[] {
  return THIRDS.map((region) => {
    const own = places.filter(({ layer }) => layer >= 0 && thirdOf(layer, numLayers) === region)
      .flatMap((place) => value(place) ?? []);
    if (own.length === 0) return null;
    return own.reduce((sum, one) => sum + one, 0) / (mean ? own.length : 1);
  });
}
