/**
 * Overlap of both updates' leading directions over the layers.
 *
 * @module
 */
import type pl from "nodejs-polars";
import {
  drawChart,
  extentOf,
  type Figure,
  type FigureOptions,
  linearScale,
  pointsOf,
  readRows,
  type Row,
  type Series,
  seriesNotes,
  type SeriesStyle,
  shortNumber,
} from "../../figures/mod.ts";
import { sectionBands } from "../layer_bands.ts";

const FIGURE = "the angles figure";
const SIDES = ["outputs", "inputs"] as const;
type Side = typeof SIDES[number];
type AnglesRow = Row<"section" | "region" | "side", "layer_idx" | "size", Measure>;
type Measure = "k_mean" | "overlap_mean" | "chance_mean";

const STYLES: Readonly<Record<Side, SeriesStyle>> = {
  outputs: { label: "outputs", color: "#00796b", marker: "circle" },
  inputs: { label: "inputs", color: "#9a4d00", marker: "square", dash: "5,2.5" },
};

/**
 * Mean squared cosine of the principal angles between the leading directions of IN's update and of
 * RL's, mean over the matrices of each layer index, a panel for each number of directions. Dotted
 * lines: what random directions have.
 *
 * @param frame One row per layer index, size and side with layer_idx, section, region, size, side,
 * k_mean, overlap_mean and chance_mean, as `updateAnglesFrame` gives.
 * @throws {TypeError} if a column is missing or of a wrong type.
 * @throws {RangeError} if the frame is empty, repeats a row, or the width is out of range.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import pl from "nodejs-polars";
 *
 * const row = { layer_idx: 1, section: "LLM Backbone", size: 8, k_mean: 8, chance_mean: 0.1 };
 * const figure = updateAnglesFigure(pl.DataFrame([
 *   { ...row, side: "outputs", overlap_mean: 0.5 },
 *   { ...row, side: "inputs", overlap_mean: 0.2 },
 * ]));
 * assertStringIncludes(figure.alt, "8 directions: outputs overlap most at layer index 1 (0.5)");
 * ```
 */
export function updateAnglesFigure(frame: pl.DataFrame, options: FigureOptions = {}): Figure {
  const rows = readRows(frame, {
    figure: FIGURE,
    source: "updateAnglesFrame(report)",
    texts: { section: null, region: null, side: SIDES },
    indices: { layer_idx: -10_000, size: 1 },
    measures: ["k_mean", "overlap_mean", "chance_mean"],
    optional: ["region"],
  });
  const bands = sectionBands(rows);
  const sizes = [...new Set(rows.map(({ size }) => size))].sort((a, b) => a - b);
  const panels = sizes.map((size) => {
    const own = rows.filter((row) => row.size === size);
    const fewer = own.some(({ k_mean }) => k_mean !== null && k_mean < size);
    const name = size === 1 ? "1 direction" : `${fewer ? "Up to " : ""}${size} directions`;
    return { name, own, overlaps: SIDES.map((side) => seriesOf(own, side)) };
  });
  const drawn = panels.flatMap(({ overlaps }) => overlaps).flat();
  const y = linearScale(drawn.flatMap(({ points }) => extentOf(points)), { zero: true, ticks: 5 });
  const missing = panels.flatMap(({ name, own }) =>
    own.map((row) => ({ series: name, layer: row.layer_idx, value: row.overlap_mean }))
  );
  return drawChart({
    frame,
    title: "Overlap of both updates' leading directions",
    subtitle:
      "Mean squared cosine between the leading singular vectors of IN's ΔW and of RL's, left " +
      "ones (outputs) and right ones (inputs), mean over a layer's weight matrices. 1: the same " +
      "directions; 0: orthogonal ones.",
    panels: panels.map(({ name, overlaps }) => ({
      heading: [name],
      ...{ bands, series: overlaps.flat(), height: 180 },
      x: { domain: bands.domain, label: "Layer index" },
      y: { ...y, label: "Overlap" },
    })),
    columns: 1,
    notes: seriesNotes(missing.filter(({ value }) => value === null), {
      all: missing,
      order: panels.map(({ name }) => name),
      reason: "none that both updates have",
      index: "layer index",
    }),
    description: drawn.every(({ points }) => points.length === 0)
      ? "No values to draw."
      : panels.map(({ name, overlaps }) => `${name}: ${describe(overlaps)}.`).join(" "),
    options,
  });
}

/** The overlap of one side, and what is chance. */
function seriesOf(rows: readonly AnglesRow[], side: Side): [Series, Series] {
  const own = rows.filter((row) => row.side === side);
  const lineOf = (value: "overlap_mean" | "chance_mean", offsets: readonly number[]) =>
    own.flatMap((row) =>
      pointsOf([row], { x: "layer_idx", value }).flatMap((point) =>
        offsets.map((offset) => ({ ...point, x: point.x + offset, piece: row.section }))
      )
    );
  const style = STYLES[side];
  const chance = { ...style, label: `${side}, by chance`, dash: "1,3" };
  return [
    { style, points: lineOf("overlap_mean", [0]) },
    // As wide as the layer, so that a layer on its own has a line too.
    { style: chance, points: lineOf("chance_mean", [-0.5, 0.5]), markers: false },
  ];
}

function describe(overlaps: readonly [Series, Series][]): string {
  const peaks = overlaps.flatMap(([{ points }], i) => {
    if (points.length === 0) return [];
    const peak = points.reduce((best, point) => point.value > best.value ? point : best);
    const place = `layer index ${shortNumber(peak.x)}`;
    return [`${SIDES[i]} overlap most at ${place} (${shortNumber(peak.value)})`];
  });
  return peaks.length === 0 ? "no values to draw" : peaks.join(", ");
}
