/**
 * The energy figure: how much each layer changed in either phase.
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
  logScale,
  shortNumber,
} from "../../figures/mod.ts";
import { sectionBands } from "../layer_bands.ts";
import {
  describePhases,
  phaseNotes,
  type PhaseRow,
  phaseSeries,
  readPhaseRows,
} from "../phase_rows.ts";
import { PHASES } from "../series_styles.ts";

/** Options of {@linkcode energyFigure}. */
export interface EnergyFigureOptions extends FigureOptions {
  /**
   * Scale of the y axis that both phases share: `linear` (default) from zero, or `log`, on which the
   * shape of the smaller one shows too; zeros are then left out and the figure says so.
   */
  scale?: "linear" | "log";
}

const MEASURES = [
  { column: "fro_norm_mean", label: "Frobenius norm of ΔW" },
  { column: "relative_norm_mean", label: "‖ΔW‖ / ‖W of IN‖" },
] as const;
type Measure = typeof MEASURES[number]["column"];

/**
 * Frobenius norm of the update and its ratio to the IN weight's norm, mean over the matrices of each
 * layer index, for IN (IN - Base) and RL (RL - IN): paper, "Update Characterization", energy.
 *
 * @param summary One row per layer index and phase with layer_idx, section, phase, fro_norm_mean,
 * relative_norm_mean, as `energySummaryFrame` gives. Missing values are left out and named in a note.
 * @throws {TypeError} if a column is missing or of a wrong type.
 * @throws {RangeError} if the frame is empty, repeats a row, or the width is out of range.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import pl from "nodejs-polars";
 *
 * const row = { layer_idx: 1, section: "LLM Backbone", relative_norm_mean: 0.1 };
 * const figure = energyFigure(pl.DataFrame([
 *   { ...row, phase: "IN", fro_norm_mean: 2 },
 *   { ...row, phase: "RL", fro_norm_mean: 1 },
 * ]));
 * assertStringIncludes(figure.alt, "IN is largest at layer index 1 (2)");
 * ```
 */
export function energyFigure(summary: pl.DataFrame, options: EnergyFigureOptions = {}): Figure {
  const rows = readPhaseRows(summary, {
    figure: "the energy figure",
    source: "energySummaryFrame(report)",
    measures: MEASURES.map(({ column }) => column),
  });
  const bands = sectionBands(rows);
  const log = options.scale === "log";
  const all = { all: rows };
  return drawChart({
    frame: summary,
    title: "Energy of the updates by layer",
    subtitle: `Mean over the weight matrices of a layer. ${compareLlm(rows)}`,
    panels: MEASURES.map(({ column, label }) => {
      const series = phaseSeries(rows, column, (value) => !log || value > 0);
      const values = series.flatMap(({ points }) => extentOf(points));
      const scale = log ? logScale(values) : linearScale(values, { zero: true });
      return {
        ...{ bands, series, height: 240 },
        x: { domain: bands.domain, label: "Layer index" },
        y: { ...scale, label },
      };
    }),
    notes: [
      ...phaseNotes(rows.filter((row) => MEASURES.some(({ column }) => row[column] === null)), {
        ...all,
        reason: "no finite value",
      }),
      ...phaseNotes(rows.filter(({ fro_norm_mean }) => fro_norm_mean === 0), {
        ...all,
        reason: "zero update",
        consequence: log ? "not drawn, since a logarithmic axis has no zero" : "drawn at 0",
      }),
    ],
    description: describePhases(phaseSeries(rows, "fro_norm_mean")),
    options,
  });
}

/** How large the phases are beside each other. */
function compareLlm(rows: readonly PhaseRow<Measure>[]): string {
  const llm = rows.filter(({ section }) => section === "LLM Backbone");
  const [inMean, rlMean] = phaseSeries(llm, "fro_norm_mean").map(({ points }) =>
    points.reduce((sum, { value }) => sum + value, 0) / points.length
  );
  if (Number.isNaN(inMean + rlMean)) return "";
  const [left, right] = PHASES;
  const ratio = inMean > 0 && rlMean > 0
    ? ` (${left} is ${shortNumber(inMean / rlMean)} × ${right})`
    : "";
  return `LLM mean ‖ΔW‖: ${left} ${shortNumber(inMean)}, ${right} ${shortNumber(rlMean)}${ratio}.`;
}
