/**
 * Where in the LLM each phase put its update energy: the figure for the paper's energy claim.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import type pl from "nodejs-polars";
import {
  boxMarks,
  drawChart,
  type Figure,
  type FigureOptions,
  INK,
  linearScale,
  readRows,
  referenceLegend,
  swatchLegend,
  textMarks,
} from "../../figures/mod.ts";
import { percentText } from "../../number_format.ts";
import { byThird, THIRDS } from "../../thirds.ts";
import { phaseNotes } from "../phase_rows.ts";
import { PHASES } from "../series_styles.ts";
import { componentColor, componentIndex, COMPONENTS, shareBars } from "./share_bars.ts";

const FIGURE = "the energy share figure";
/** Of the plotting area, in CSS pixels. */
const HEIGHT = 270;

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
 * import { assertStringIncludes } from "@std/assert";
 * import pl from "nodejs-polars";
 *
 * const parameters = pl.DataFrame([1, 2, 3].flatMap((layer_idx) =>
 *   ["IN", "RL"].map((phase) => ({
 *     ...{ layer_idx, section: "LLM Backbone", component: "MLP", phase },
 *     fro_norm: phase === "IN" ? layer_idx : 1,
 *   }))
 * ));
 * const { alt } = energyShareFigure(parameters);
 * assertStringIncludes(alt, "IN: early 7.1 %, middle 28.6 %, late 64.3 %");
 * ```
 */
export function energyShareFigure(parameters: pl.DataFrame, options: FigureOptions = {}): Figure {
  const rows = readRows(parameters, {
    figure: FIGURE,
    source: "energyParameterFrame(report)",
    texts: { section: null, component: null, phase: PHASES },
    indices: { layer_idx: -10_000 },
    measures: ["fro_norm"],
    repeats: true,
  }).filter(({ section }) => section === "LLM Backbone");
  const llmLayers = rows.reduce((count, { layer_idx }) => Math.max(count, layer_idx), 0);
  if (llmLayers < 3) {
    throw new RangeError(
      `Cannot draw ${FIGURE}: thirds need at least three LLM layers, the frame has ${llmLayers}`,
    );
  }
  const layers = Array.from({ length: llmLayers }, (_, i) => i + 1);
  const layersOf = byThird(layers, (layer) => layer - 1, llmLayers);
  const expected = THIRDS.map((third, i) => ({
    i,
    value: 100 * layersOf[third].length / llmLayers,
  }));
  const bars = shareBars(rows, llmLayers);
  const highest = [...bars.map(({ share }) => 100 * share), ...expected.map(({ value }) => value)];
  const scale = linearScale(highest.map((value) => value * 1.06), { zero: true, ticks: 7 });
  const perY = HEIGHT / (scale.domain[1] - scale.domain[0]);
  const shown = COMPONENTS.filter((_, c) =>
    rows.some(({ component }) => componentIndex(component) === c)
  );
  return drawChart({
    frame: parameters,
    title: "Where in the LLM the update energy lies",
    subtitle:
      "Share of each phase's squared Frobenius norm of ΔW over all LLM weight matrices, by " +
      "third of the layers.",
    legend: [
      ...shown.map((name) =>
        swatchLegend(name, PHASES.map((phase) => componentColor(phase, COMPONENTS.indexOf(name))))
      ),
      referenceLegend("if every layer changed equally"),
    ],
    panels: [{
      height: HEIGHT,
      x: {
        domain: [-0.5, 2.5],
        ticks: [0, 1, 2],
        format: (i, perX) => {
          const own = layersOf[THIRDS[i]];
          const range = `${own[0]} to ${own.at(-1)}`;
          return perX < 160 ? `${THIRDS[i]}: ${range}` : `${THIRDS[i]}: layers ${range}`;
        },
      },
      y: { ...scale, label: "Share of the update energy (%)" },
      marks: ({ perX }) => [
        boxMarks(bars.flatMap(({ boxes }) => boxes), {
          stroke: INK.background,
          strokeWidth: 0.6,
        }),
        Plot.link(expected, {
          x1: ({ i }) => i - 0.45,
          x2: ({ i }) => i + 0.45,
          y1: "value",
          y2: "value",
          stroke: INK.text,
          strokeWidth: 1.4,
          strokeDasharray: "2,2",
        }),
        // Narrow bars have their numbers in two lines.
        ...(perX < 190 ? [-22, -9] : [-9]).map((dy, line, { length }) =>
          textMarks(
            bars.map(({ phase, share, third, x }) => {
              const texts = [`${phase}:`, percentText(share)];
              const text = length === 1 ? texts.join(" ") : texts[line];
              const dashes = expected[THIRDS.indexOf(third)].value;
              const above = (dashes - 100 * share) * perY;
              // Dashes that would cross the number have it above them.
              return { x, y: above > 0 && above < 5 + 13 * length ? dashes : 100 * share, text };
            }),
            { dy },
          )
        ),
      ],
    }],
    notes: [
      ...PHASES.filter((phase) => !bars.some((bar) => bar.phase === phase)).map((phase) =>
        `${phase}: the LLM's update is zero; there are no shares to draw.`
      ),
      ...phaseNotes(rows.filter(({ fro_norm }) => fro_norm === null), {
        all: rows,
        reason: "a matrix without a finite norm",
        consequence: "it counts as 0",
      }),
    ],
    description: bars.length === 0 ? "Both updates are zero." : `${
      PHASES.flatMap((phase) => {
        const own = bars.filter((bar) => bar.phase === phase)
          .map(({ third, share }) => `${third} ${percentText(share)}`);
        return own.length === 0 ? [] : [`${phase}: ${own.join(", ")}`];
      }).join("; ")
    }.`,
    options,
  });
}
