/**
 * The energy figure: how much each layer changed in either phase.
 *
 * @module
 */
import type pl from "nodejs-polars";
import { linearScale, logScale } from "./axes.ts";
import { bandsOf } from "./bands.ts";
import { composeFigure, contentWidth, type FigureOptions, panelWidth } from "./compose_figure.ts";
import type { Figure } from "./figure.ts";
import { layerPanel, type LayerPoint } from "./layer_panel.ts";
import {
  describePeaks,
  type LayerRow,
  missingPoints,
  pointsOf,
  readLayerRows,
} from "./layer_rows.ts";
import { legendPanel, phaseLegend } from "./legend.ts";
import { pointNotes, shortNumber } from "./notes.ts";
import { createDocument } from "./svg_document.ts";
import { type Phase, PHASES } from "./theme.ts";

/** Options of {@linkcode energyFigure}. */
export interface EnergyFigureOptions extends FigureOptions {
  /**
   * `linear` (default): a row of panels for each phase, each with its own axis from zero, so that
   * the shape over layers shows. `log`: both phases on one logarithmic axis, so that their sizes
   * compare; zeros are left out and the figure says so.
   */
  scale?: "linear" | "log";
}

const MEASURES = [
  { column: "fro_norm_mean", label: "Frobenius norm of ΔW" },
  { column: "relative_norm_mean", label: "‖ΔW‖ / ‖W of IN‖" },
] as const;
const COLUMNS = MEASURES.map(({ column }) => column);

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
 * import pl from "nodejs-polars";
 *
 * const summary = pl.DataFrame([
 *   { layer_idx: 1, section: "LLM Backbone", phase: "IN", fro_norm_mean: 2, relative_norm_mean: 0.1 },
 *   { layer_idx: 1, section: "LLM Backbone", phase: "RL", fro_norm_mean: 1, relative_norm_mean: 0.05 },
 * ]);
 * const figure = energyFigure(summary);
 * console.log(figure.alt);
 * ```
 */
export function energyFigure(summary: pl.DataFrame, options: EnergyFigureOptions = {}): Figure {
  const rows = readLayerRows(summary, {
    figure: "the energy figure",
    source: "energySummaryFrame(report)",
    measures: COLUMNS,
  });
  const document = createDocument();
  const bands = bandsOf(rows);
  const width = panelWidth(contentWidth(options), MEASURES.length);
  const log = options.scale === "log";
  const missing = missingPoints(rows, COLUMNS);
  const zeros = pointsOf(rows, "fro_norm_mean").filter(({ value }) => value === 0);
  const notes = [
    ...pointNotes(missing, { all: rows, reason: "no finite value" }),
    ...pointNotes(zeros, {
      all: rows,
      reason: "zero update",
      consequence: log ? "not drawn, since a logarithmic axis has no zero" : "drawn at 0",
    }),
  ];

  const panels = (phases: readonly Phase[], last: boolean) =>
    MEASURES.map(({ column, label }) => {
      const points = pointsOf(rows, column).filter(({ phase, value }) =>
        phases.includes(phase) && (!log || value > 0)
      );
      const values = points.map(({ value }) => value);
      return layerPanel(document, {
        points,
        bands,
        scale: log ? logScale(values) : linearScale(values, { zero: true }),
        yLabel: label,
        width,
        plotHeight: log ? 240 : 150,
        ...(last ? { xLabel: "Layer index" } : {}),
      });
    });
  // With a row for each phase, the legend entry is the row's heading.
  const rowsOfPhases = PHASES.flatMap((phase, i) => [
    [legendPanel(document, { items: [phaseLegend(phase)], width: contentWidth(options) })],
    panels([phase], i === PHASES.length - 1),
  ]);

  return composeFigure(document, {
    frame: summary,
    title: "Energy of the updates by layer",
    subtitle: `Mean over the weight matrices of a layer. ${compareLlm(rows, log)}`,
    legend: log ? PHASES.map((phase) => phaseLegend(phase)) : [],
    rows: log ? [panels(PHASES, true)] : rowsOfPhases,
    notes,
    description: describePeaks(pointsOf(rows, "fro_norm_mean")),
    options,
  });
}

/** How large the phases are beside each other, which separate axes do not show. */
function compareLlm(rows: readonly LayerRow<typeof COLUMNS[number]>[], log: boolean): string {
  const points = pointsOf(rows, "fro_norm_mean").filter(({ section }) =>
    section === "LLM Backbone"
  );
  const [inMean, rlMean] = PHASES.map((phase) => meanOf(points, phase));
  if (inMean === undefined || rlMean === undefined) return "";
  const means = `LLM mean ‖ΔW‖: IN ${shortNumber(inMean)}, RL ${shortNumber(rlMean)}`;
  const ratio = inMean > 0 && rlMean > 0 ? ` (IN is ${shortNumber(inMean / rlMean)} × RL)` : "";
  return `${means}${ratio}.${log ? "" : " Each phase has its own y axis."}`;
}

function meanOf(points: readonly LayerPoint[], phase: Phase): number | undefined {
  const values = points.filter((point) => point.phase === phase).map(({ value }) => value);
  if (values.length === 0) return undefined;
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
