/**
 * Normalized singular value spectra of a representative early, middle and late LLM layer.
 *
 * @module
 */
import type pl from "nodejs-polars";
import {
  drawChart,
  type Figure,
  type FigureOptions,
  integerTicks,
  logScale,
  pointsOf,
  readRows,
  shortNumber,
} from "../../figures/mod.ts";
import { THIRDS } from "../../thirds.ts";
import { PHASE_STYLES, PHASES } from "../series_styles.ts";

/** Options of {@linkcode normalizedSpectraFigure}. */
export interface SpectraFigureOptions extends FigureOptions {
  /**
   * Smallest normalized value drawn, 1e-7 by default: singular values from a float64 Gram matrix
   * are off by up to about 1.5e-8 of the largest, so that smaller ones are no measurement.
   */
  floor?: number;
}

const FIGURE = "the spectra figure";

/**
 * Singular values over the largest one, against their rank, on a logarithmic axis, for the
 * representative early, middle and late LLM layer: a steeper curve is a less diverse update (paper,
 * "Update Characterization", diversity).
 *
 * @param frame One row per region, phase and rank with region, layer_idx, param_name, phase, rank,
 * value, as `representativeSpectraFrame` gives. Null values (a zero update) are left out and named
 * in a note.
 * @throws {TypeError} if a column is missing or of a wrong type.
 * @throws {RangeError} if the frame is empty or an option is out of range.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import pl from "nodejs-polars";
 *
 * const row = { region: "early", layer_idx: 1, param_name: "a", phase: "IN" };
 * const frame = pl.DataFrame([{ ...row, rank: 1, value: 1 }, { ...row, rank: 2, value: 0.1 }]);
 * assertStringIncludes(normalizedSpectraFigure(frame).alt, "IN falls to 0.1 at rank 2");
 * ```
 */
export function normalizedSpectraFigure(
  frame: pl.DataFrame,
  options: SpectraFigureOptions = {},
): Figure {
  const floor = options.floor ?? 1e-7;
  if (!(floor > 0 && floor < 1)) {
    throw new RangeError(
      `Cannot draw ${FIGURE}: floor is ${floor}; give a number between 0 and 1`,
    );
  }
  const rows = readRows(frame, {
    figure: FIGURE,
    source: "representativeSpectraFrame(report)",
    texts: { region: THIRDS, param_name: null, phase: PHASES },
    indices: { layer_idx: -10_000, rank: 0 },
    measures: ["value"],
  });
  const spectra = THIRDS.flatMap((region) =>
    PHASES.flatMap((phase) => {
      const own = rows.filter((row) => row.region === region && row.phase === phase);
      if (own.length === 0) return [];
      const values = pointsOf(own, { x: "rank", value: "value" });
      const points = values.filter(({ value }) => value >= floor);
      const missing = own.length - values.length;
      return [{ region, phase, own, points, missing, below: values.length - points.length }];
    })
  );
  const drawn = spectra.flatMap(({ points }) => points);
  const maxRank = drawn.reduce((max, { x }) => Math.max(max, x), 2);
  const regions = THIRDS.filter((region) => spectra.some((spectrum) => spectrum.region === region));
  return drawChart({
    frame,
    title: "Normalized spectra of the updates",
    subtitle:
      "Singular values of ΔW over the largest one, for a representative LLM layer of each " +
      "third. Steeper: fewer directions carry the update.",
    panels: regions.map((region) => {
      const own = spectra.filter((spectrum) => spectrum.region === region);
      const [{ layer_idx, param_name }] = own[0].own;
      return {
        heading: [`${region[0].toUpperCase()}${region.slice(1)}: layer index ${layer_idx}`],
        text: param_name,
        height: 254,
        x: {
          domain: [1 - maxRank * 0.02, maxRank * 1.02],
          ticks: [1, ...integerTicks(2, maxRank, 5)],
          label: "Rank of the singular value",
        },
        y: { ...logScale(drawn.map(({ value }) => value)), label: "σ / σ₁" },
        series: own.map(({ phase, points }) => (
          { style: PHASE_STYLES[phase], points, markers: false }
        )),
      };
    }),
    notes: PHASES.flatMap((phase) => {
      const own = spectra.filter((spectrum) => spectrum.phase === phase);
      const note = (some: typeof own, what: string) =>
        some.length === 0
          ? []
          : [`${phase}, ${some.map(({ region }) => region).join(", ")}: ${what}; not drawn.`];
      const empty = own.filter(({ points, below }) => points.length === 0 && below === 0);
      const missing = own.filter((spectrum) => spectrum.missing > 0 && !empty.includes(spectrum));
      const below = own.filter((spectrum) => spectrum.below > 0);
      const counts = (some: typeof own, key: "missing" | "below") =>
        some.map((spectrum) => spectrum[key]).join(", ");
      return [
        ...note(empty, "zero update or no finite value"),
        ...note(missing, `${counts(missing, "missing")} values that are not finite`),
        ...note(below, `${counts(below, "below")} values below ${shortNumber(floor)} of σ₁`),
      ];
    }),
    description: drawn.length === 0 ? "No values to draw." : `${
      regions.flatMap((region) => {
        const ends = spectra.filter((spectrum) =>
          spectrum.region === region && spectrum.points.length > 0
        ).map(({ phase, points }) =>
          `${phase} falls to ${shortNumber(points.at(-1)!.value)} at rank ${points.at(-1)!.x}`
        );
        return ends.length === 0 ? [] : [`${region}: ${ends.join(", ")}`];
      }).join("; ")
    }.`,
    options,
  });
}
