/**
 * Sentences that a figure says about its data: what is left out, where the peaks are.
 *
 * @module
 */
import { type Phase, PHASES } from "./theme.ts";

/**
 * Layer indices as ranges, for a note.
 *
 * @example
 * ```ts
 * console.log(formatRanges([3, -1, 1, 2])); // "-1, 1 to 3"
 * ```
 */
export function formatRanges(indices: readonly number[]): string {
  const sorted = [...new Set(indices)].sort((a, b) => a - b);
  const ranges: [number, number][] = [];
  for (const index of sorted) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === index - 1) last[1] = index;
    else ranges.push([index, index]);
  }
  return ranges.map(([from, to]) =>
    from === to ? `${from}` : to === from + 1 ? `${from}, ${to}` : `${from} to ${to}`
  ).join(", ");
}

/** A layer of which a note speaks. */
export interface NotedPoint {
  readonly phase: Phase;
  readonly layer: number;
}

/**
 * "`RL: zero update at layer index 1 to 3; not drawn.`" for each phase that has such points, or "in
 * every layer" if those are all that the phase has.
 *
 * @param points The points to speak of.
 * @param options.all All points of the figure, which these are some of.
 * @param options.reason What is the matter with them: "zero update".
 * @param options.consequence What the figure does about it, "not drawn" by default.
 */
export function pointNotes(
  points: readonly NotedPoint[],
  options: { all: readonly NotedPoint[]; reason: string; consequence?: string },
): string[] {
  const { all, reason, consequence = "not drawn" } = options;
  return PHASES.flatMap((phase) => {
    const layersOf = (some: readonly NotedPoint[]) => [
      ...new Set(some.filter((point) => point.phase === phase).map(({ layer }) => layer)),
    ];
    const layers = layersOf(points);
    if (layers.length === 0) return [];
    const where = layers.length === layersOf(all).length
      ? "in every layer"
      : `at layer index ${formatRanges(layers)}`;
    return [`${phase}: ${reason} ${where}; ${consequence}.`];
  });
}

/** Three significant digits, for running text. */
export function shortNumber(value: number): string {
  if (value === 0) return "0";
  const magnitude = Math.abs(value);
  if (magnitude < 1e-3 || magnitude >= 1e5) return value.toExponential(1).replace("e+", "e");
  return String(Number(value.toPrecision(3)));
}
