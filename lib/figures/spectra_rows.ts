/**
 * Rows of a frame of representative spectra, and what the figure says about them.
 *
 * @module
 */
import type pl from "nodejs-polars";
import { readLayerIndex, readPhase, readRows } from "./frame_rows.ts";
import { shortNumber } from "./notes.ts";
import { type Phase, PHASES } from "./theme.ts";
import { type Third, THIRDS } from "../thirds.ts";

/** The figure's name in errors. */
export const SPECTRA_FIGURE = "the spectra figure";

/** The spectrum of one phase in one region. */
export interface Spectrum {
  region: Third;
  layer: number;
  parameter: string;
  phase: Phase;
  /** Rank from 1 and value sigma / sigma_1, drawn ones only. */
  readonly points: { rank: number; value: number }[];
  /** How many values were left out as below the floor, and how many as not finite. */
  below: number;
  missing: number;
}

/**
 * One spectrum for each region and phase, its points ordered by rank.
 *
 * @param floor Values below are counted, not kept.
 * @throws {TypeError} if a column is missing or of a wrong type, or a region is unknown.
 * @throws {RangeError} if the frame has no rows.
 */
export function readSpectra(frame: pl.DataFrame, floor: number): Spectrum[] {
  const spectra = new Map<string, Spectrum>();
  const rows = readRows(frame, {
    figure: SPECTRA_FIGURE,
    source: "representativeSpectraFrame(report)",
    numbers: ["layer_idx", "rank", "value"],
    strings: ["region", "param_name", "phase"],
  });
  for (const row of rows) {
    const region = THIRDS.find((name) => name === row.region);
    if (region === undefined) {
      throw new TypeError(
        `Cannot draw ${SPECTRA_FIGURE}: column region holds ${JSON.stringify(row.region)}, ` +
          `but ${THIRDS.join(", ")} are known`,
      );
    }
    const phase = readPhase(row.phase, SPECTRA_FIGURE);
    const key = `${region} ${phase}`;
    const spectrum = spectra.get(key) ?? {
      region,
      layer: readLayerIndex(row.layer_idx, SPECTRA_FIGURE),
      parameter: row.param_name ?? "",
      phase,
      points: [],
      below: 0,
      missing: 0,
    };
    spectra.set(key, spectrum);
    if (row.value === null || row.rank === null) spectrum.missing++;
    else if (row.value < floor) spectrum.below++;
    else spectrum.points.push({ rank: row.rank, value: row.value });
  }
  for (const { points } of spectra.values()) points.sort((a, b) => a.rank - b.rank);
  return [...spectra.values()];
}

/** What is left out of the figure, a sentence for each phase and reason. */
export function spectrumNotes(spectra: readonly Spectrum[], floor: number): string[] {
  return PHASES.flatMap((phase) => {
    const own = spectra.filter((spectrum) => spectrum.phase === phase);
    const note = (some: readonly Spectrum[], what: string) =>
      some.length === 0
        ? []
        : [`${phase}, ${some.map(({ region }) => region).join(", ")}: ${what}; not drawn.`];
    const count = (some: readonly Spectrum[], key: "missing" | "below") =>
      some.map((spectrum) => spectrum[key]).join(", ");
    const empty = own.filter(({ points, below }) => points.length === 0 && below === 0);
    const missing = own.filter((spectrum) => spectrum.missing > 0 && !empty.includes(spectrum));
    const below = own.filter((spectrum) => spectrum.below > 0);
    return [
      ...note(empty, "zero update or no finite value"),
      ...note(missing, `${count(missing, "missing")} values that are not finite`),
      ...note(below, `${count(below, "below")} values below ${shortNumber(floor)} of σ₁`),
    ];
  });
}

/** Where each spectrum ends: the figure's alt text. */
export function describeSpectra(spectra: readonly Spectrum[]): string {
  const parts = THIRDS.flatMap((region) => {
    const ends = spectra.filter((spectrum) =>
      spectrum.region === region && spectrum.points.length > 0
    ).map(({ phase, points }) => {
      const { rank, value } = points.at(-1)!;
      return `${phase} falls to ${shortNumber(value)} at rank ${rank}`;
    });
    return ends.length === 0 ? [] : [`${region}: ${ends.join(", ")}`];
  });
  return parts.length === 0 ? "No values to draw." : `${parts.join("; ")}.`;
}
