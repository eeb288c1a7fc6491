/**
 * Sentences that a figure says about its data: what is left out, where the peaks are.
 *
 * @module
 */
import { decimalText } from "../number_format.ts";
import { powerOfTen } from "./axes.ts";

/**
 * Layer indices as ranges, for a note.
 */
export function formatRanges(indices: readonly number[]): string {
  const sorted = [...new Set(indices)].sort((a, b) => a - b);
  const ranges: [number, number][] = [];
  for (const index of sorted) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === index - 1) last[1] = index;
    else ranges.push([index, index]);
  }
  return ranges.map(([first, last]) => {
    const [from, to] = [decimalText(first, 0), decimalText(last, 0)];
    return first === last ? from : `${from}${last === first + 1 ? ", " : " to "}${to}`;
  }).join(", ");
}

/** A layer of a series, as a note names the two. */
interface SeriesPoint {
  readonly series: string;
  readonly layer: number;
}

/**
 * "`Counting: no finite value at layer 1 to 3; not drawn.`" for each series that has such points, or
 * "in every layer" if those are all that it has.
 *
 * @param options.all All points of the figure.
 * @param options.reason What is the matter with the points: "zero update".
 * @param options.consequence What the figure does about it.
 * @param options.order Names of the series, in the order of their notes.
 * @param options.index What a layer's number is called, "layer" by default.
 */
export function seriesNotes(
  points: readonly SeriesPoint[],
  { all, order, reason, consequence = "not drawn", index = "layer" }: {
    all: readonly SeriesPoint[];
    order: readonly string[];
    reason: string;
    consequence?: string;
    index?: string;
  },
): string[] {
  return order.flatMap((name) => {
    const layersOf = (some: readonly SeriesPoint[]) => [
      ...new Set(some.filter(({ series }) => series === name).map(({ layer }) => layer)),
    ];
    const layers = layersOf(points);
    if (layers.length === 0) return [];
    const where = layers.length === layersOf(all).length
      ? "in every layer"
      : `at ${index} ${formatRanges(layers)}`;
    return [`${name}: ${reason} ${where}; ${consequence}.`];
  });
}

/** Three significant digits, for running text. */
export function shortNumber(value: number): string {
  if (value === 0) return "0";
  const magnitude = Math.abs(value);
  if (magnitude < 1e-3 || magnitude >= 1e5) {
    const [mantissa, exponent] = value.toExponential(1).replace(/^-/, "−").split("e");
    return `${mantissa}×${powerOfTen(Number(exponent))}`;
  }
  return String(Number(value.toPrecision(3))).replace(/^-/, "−");
}

/** Parts of a sentence, those that say something: "Swapped tokens; n = 50". */
export function phrase(...parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join("; ");
}

/** The same with its full stop. */
export function sentence(...parts: readonly string[]): string {
  return `${phrase(...parts)}.`;
}
