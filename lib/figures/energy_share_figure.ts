/**
 * Where in the LLM each phase put its update energy: the figure for the paper's energy claim.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import type pl from "nodejs-polars";
import { linearScale } from "./axes.ts";
import { composeFigure, contentWidth, type FigureOptions } from "./compose_figure.ts";
import type { Figure } from "./figure.ts";
import { readLayerIndex, readPhase, readRows } from "./frame_rows.ts";
import { referenceLegend, swatchLegend } from "./legend.ts";
import { pointNotes } from "./notes.ts";
import { plotPanel } from "./plot_panel.ts";
import { createDocument } from "./svg_document.ts";
import { FONT_SIZES, INK, type Phase, PHASE_STYLES, PHASES } from "./theme.ts";
import { type Third, thirdOf, THIRDS } from "../thirds.ts";
import { percentText } from "../number_format.ts";

const FIGURE = "the energy share figure";
const SOURCE = "energyParameterFrame(report)";
const COMPONENTS = ["Attention", "MLP", "Other"] as const;
type Component = typeof COMPONENTS[number];

/** One LLM parameter and phase. */
interface EnergyRow {
  layer: number;
  component: Component;
  phase: Phase;
  /** Frobenius norm, or null where it is not finite. */
  norm: number | null;
}

/** A stretch of a stacked bar. */
interface Segment {
  region: Third;
  phase: Phase;
  component: Component;
  /** Lower and upper end, shares of the phase's whole LLM update, 0 to 1. */
  low: number;
  high: number;
}

/**
 * Share of each phase's LLM update energy that lies in the early, middle and late third of the
 * layers, stacked by component. Energy is the squared Frobenius norm, since squares add up over
 * matrices. A dashed line marks the share that a third would have if every layer changed equally.
 *
 * @param parameters One row per parameter and phase with layer_idx, section, component, phase and
 * fro_norm, as `energyParameterFrame` gives; only "LLM Backbone" counts.
 * @throws {TypeError} if a column is missing or of a wrong type.
 * @throws {RangeError} if the frame is empty, the LLM has fewer than three layers, or the width is
 * out of range.
 *
 * @example
 * ```ts
 * import pl from "nodejs-polars";
 *
 * const parameters = pl.DataFrame([1, 2, 3].flatMap((layer_idx) =>
 *   ["IN", "RL"].map((phase) => ({
 *     layer_idx,
 *     section: "LLM Backbone",
 *     component: "MLP",
 *     phase,
 *     fro_norm: phase === "IN" ? layer_idx : 1,
 *   }))
 * ));
 * const figure = energyShareFigure(parameters);
 * console.log(figure.alt); // "... IN: early 7.1 %, middle 28.6 %, late 64.3 %; ..."
 * ```
 */
export function energyShareFigure(parameters: pl.DataFrame, options: FigureOptions = {}): Figure {
  const rows = readEnergyRows(parameters);
  const llmLayers = rows.reduce((count, { layer }) => Math.max(count, layer), 0);
  if (llmLayers < 3) {
    throw new RangeError(
      `Cannot draw ${FIGURE}: thirds need at least three LLM layers, the frame has ${llmLayers}`,
    );
  }
  const document = createDocument();
  const segments = PHASES.flatMap((phase) => segmentsOf(rows, phase, llmLayers));
  const expected = THIRDS.map((region) => {
    const count = layersOf(region, llmLayers).length;
    return { region, share: count / llmLayers };
  });
  const totals = THIRDS.flatMap((region) =>
    PHASES.flatMap((phase) => {
      const own = segments.filter((bar) => bar.region === region && bar.phase === phase);
      return own.length === 0 ? [] : [{ region, phase, share: own.at(-1)!.high }];
    })
  );
  const zero = PHASES.filter((phase) => !segments.some((segment) => segment.phase === phase));
  const components = COMPONENTS.filter((name) => rows.some(({ component }) => component === name));

  return composeFigure(document, {
    frame: parameters,
    title: "Where in the LLM the update energy lies",
    subtitle:
      "Share of each phase's squared Frobenius norm of ΔW over all LLM weight matrices, by " +
      "third of the layers.",
    legend: [
      ...components.map((component) =>
        swatchLegend(component, PHASES.map((phase) => colorOf(phase, component)))
      ),
      referenceLegend("if every layer changed equally"),
    ],
    rows: [[sharePanel(document, { segments, totals, expected, llmLayers, options })]],
    notes: [
      ...zero.map((phase) => `${phase}: the LLM's update is zero; there are no shares to draw.`),
      ...pointNotes(rows.filter(({ norm }) => norm === null), {
        all: rows,
        reason: "a matrix without a finite norm",
        consequence: "it counts as 0",
      }),
    ],
    description: describeShares(totals),
    options,
  });
}

function readEnergyRows(frame: pl.DataFrame): EnergyRow[] {
  const rows = readRows(frame, {
    figure: FIGURE,
    source: SOURCE,
    numbers: ["layer_idx", "fro_norm"],
    strings: ["section", "component", "phase"],
  });
  return rows.filter(({ section }) => section === "LLM Backbone").map((row) => ({
    layer: readLayerIndex(row.layer_idx, FIGURE),
    component: COMPONENTS.find((name) => name === row.component) ?? "Other",
    phase: readPhase(row.phase, FIGURE),
    norm: row.fro_norm,
  }));
}

function segmentsOf(rows: readonly EnergyRow[], phase: Phase, llmLayers: number): Segment[] {
  const own = rows.filter((row) => row.phase === phase);
  const energy = (part: readonly EnergyRow[]) =>
    part.reduce((sum, { norm }) => sum + (norm ?? 0) ** 2, 0);
  const total = energy(own);
  if (total === 0) return [];
  return THIRDS.flatMap((region) => {
    let low = 0;
    return COMPONENTS.map((component) => {
      const part = own.filter((row) =>
        row.component === component && thirdOf(row.layer - 1, llmLayers) === region
      );
      const high = low + energy(part) / total;
      const segment = { region, phase, component, low, high };
      low = high;
      return segment;
    });
  });
}

interface SharePanelSpec {
  segments: readonly Segment[];
  totals: readonly { region: Third; phase: Phase; share: number }[];
  expected: readonly { region: Third; share: number }[];
  llmLayers: number;
  options: FigureOptions;
}

function sharePanel(document: Document, spec: SharePanelSpec) {
  const { segments, totals, expected, llmLayers, options } = spec;
  const scale = linearScale(
    [...totals, ...expected].map(({ share }) => share * 100),
    { zero: true, ticks: 7 },
  );
  return plotPanel(document, {
    width: contentWidth(options),
    height: 320,
    marginTop: 8,
    marginBottom: 48,
    marginLeft: 58,
    marginRight: 6,
    x: { type: "band", domain: [...PHASES], padding: 0.18, axis: null },
    fx: { type: "band", domain: [...THIRDS], padding: 0.16 },
    y: { type: "linear", domain: [scale.domain[0], scale.domain[1] * 1.04] },
    marks: [
      Plot.gridY(scale.ticks, { stroke: INK.grid, strokeOpacity: 1, strokeWidth: 0.7 }),
      Plot.barY(segments, {
        fx: "region",
        x: "phase",
        y1: (bar: Segment) => bar.low * 100,
        y2: (bar: Segment) => bar.high * 100,
        fill: (bar: Segment) => colorOf(bar.phase, bar.component),
        stroke: INK.background,
        strokeWidth: 0.6,
      }),
      Plot.ruleY(expected, {
        fx: "region",
        y: ({ share }: { share: number }) => share * 100,
        stroke: INK.text,
        strokeWidth: 1.4,
        strokeDasharray: "2,2",
      }),
      Plot.text(totals, {
        fx: "region",
        x: "phase",
        y: 0,
        text: (total: SharePanelSpec["totals"][number]) =>
          `${total.phase}: ${percentText(total.share)}`,
        dy: 14,
        fontWeight: "bold",
      }),
      Plot.ruleY([0], { stroke: INK.axis, strokeWidth: 0.8 }),
      Plot.axisFx({
        anchor: "bottom",
        dy: 22,
        label: null,
        fontSize: FONT_SIZES.heading,
        tickFormat: (region: Third) => {
          const layers = layersOf(region, llmLayers);
          return `${region}: layers ${layers[0]} to ${layers.at(-1)}`;
        },
      }),
      Plot.axisY([...scale.ticks], {
        tickSize: 4,
        text: scale.format,
        label: "Share of the update energy (%)",
        labelAnchor: "center",
        labelArrow: "none",
        labelOffset: 56,
      }),
    ],
  });
}

function layersOf(region: Third, llmLayers: number): number[] {
  return Array.from({ length: llmLayers }, (_, i) => i + 1)
    .filter((layer) => thirdOf(layer - 1, llmLayers) === region);
}

function colorOf(phase: Phase, component: Component): string {
  const { color, tints } = PHASE_STYLES[phase];
  return [color, ...tints][COMPONENTS.indexOf(component)];
}

function describeShares(totals: SharePanelSpec["totals"]): string {
  const parts = PHASES.flatMap((phase) => {
    const own = totals.filter((total) => total.phase === phase);
    if (own.length === 0) return [];
    const shares = own.map(({ region, share }) => `${region} ${percentText(share)}`);
    return [`${phase}: ${shares.join(", ")}`];
  });
  return parts.length === 0 ? "Both updates are zero." : `${parts.join("; ")}.`;
}
