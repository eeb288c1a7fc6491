/**
 * Normalized singular value spectra of a representative early, middle and late LLM layer.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import type pl from "nodejs-polars";
import { type AxisScale, integerTicks, logScale } from "./axes.ts";
import { composeFigure, contentWidth, type FigureOptions, panelWidth } from "./compose_figure.ts";
import type { Figure } from "./figure.ts";
import { phaseLegend } from "./legend.ts";
import { type Panel, panelHeading, plotPanel } from "./plot_panel.ts";
import {
  describeSpectra,
  readSpectra,
  SPECTRA_FIGURE,
  type Spectrum,
  spectrumNotes,
} from "./spectra_rows.ts";
import { createDocument, svgElement } from "./svg_document.ts";
import { elideStart } from "./text_width.ts";
import { FONT_SIZES, INK, type Phase, PHASE_STYLES, PHASES } from "./theme.ts";
import { THIRDS } from "../thirds.ts";

/** Options of {@linkcode normalizedSpectraFigure}. */
export interface SpectraFigureOptions extends FigureOptions {
  /**
   * Smallest normalized value drawn, 1e-7 by default: singular values from a float64 Gram matrix
   * are off by up to about 1.5e-8 of the largest, so that smaller ones are no measurement.
   */
  floor?: number;
}

/**
 * Singular values over the largest one, against their rank, on a logarithmic axis, for the
 * representative early, middle and late LLM layer: a steeper curve is a less diverse update (paper,
 * "Update Characterization", diversity).
 *
 * @param spectra One row per region, phase and rank with region, layer_idx, param_name, phase, rank,
 * value, as `representativeSpectraFrame` gives. Null values (a zero update) are left out and named
 * in a note.
 * @throws {TypeError} if a column is missing or of a wrong type.
 * @throws {RangeError} if the frame is empty or an option is out of range.
 *
 * @example
 * ```ts
 * import pl from "nodejs-polars";
 *
 * const spectra = pl.DataFrame([
 *   { region: "early", layer_idx: 1, param_name: "a", phase: "IN", rank: 1, value: 1 },
 *   { region: "early", layer_idx: 1, param_name: "a", phase: "IN", rank: 2, value: 0.1 },
 * ]);
 * const figure = normalizedSpectraFigure(spectra);
 * console.log(figure.alt);
 * ```
 */
export function normalizedSpectraFigure(
  spectra: pl.DataFrame,
  options: SpectraFigureOptions = {},
): Figure {
  const floor = options.floor ?? 1e-7;
  if (!(floor > 0 && floor < 1)) {
    throw new RangeError(
      `Cannot draw ${SPECTRA_FIGURE}: floor is ${floor}; give a number between 0 and 1`,
    );
  }
  const all = readSpectra(spectra, floor);
  const regions = THIRDS.filter((region) => all.some((spectrum) => spectrum.region === region));
  const document = createDocument();
  const scale = logScale(all.flatMap(({ points }) => points.map(({ value }) => value)));
  const maxRank = all.flatMap(({ points }) => points).reduce(
    (max, { rank }) => Math.max(max, rank),
    2,
  );
  const width = panelWidth(contentWidth(options), regions.length);
  const panels = regions.map((region, i) =>
    spectrumPanel(document, {
      spectra: all.filter((spectrum) => spectrum.region === region),
      scale,
      maxRank,
      width,
      yAxis: i === 0,
    })
  );
  return composeFigure(document, {
    frame: spectra,
    title: "Normalized spectra of the updates",
    subtitle:
      "Singular values of ΔW over the largest one, for a representative LLM layer of each " +
      "third. Steeper: fewer directions carry the update.",
    legend: PHASES.map((phase) => phaseLegend(phase, { marker: false })),
    rows: [panels],
    notes: spectrumNotes(all, floor),
    description: describeSpectra(all),
    options,
  });
}

interface SpectrumPanelSpec {
  spectra: readonly Spectrum[];
  scale: AxisScale;
  maxRank: number;
  width: number;
  yAxis: boolean;
}

function spectrumPanel(document: Document, spec: SpectrumPanelSpec): Panel {
  const { spectra, scale, maxRank, width } = spec;
  const panel = plotPanel(document, {
    width,
    height: 330,
    marginTop: 38,
    marginBottom: 38,
    marginLeft: 54,
    marginRight: 8,
    x: { type: "linear", domain: [1 - maxRank * 0.02, maxRank * 1.02] },
    y: { type: "log", domain: [...scale.domain] },
    marks: [
      Plot.gridY([...scale.ticks], { stroke: INK.grid, strokeOpacity: 1, strokeWidth: 0.7 }),
      Plot.frame({ stroke: INK.axis, strokeWidth: 0.8 }),
      Plot.axisX([1, ...integerTicks(2, maxRank, 5)], {
        tickSize: 4,
        label: "Rank of the singular value",
        labelAnchor: "center",
        labelArrow: "none",
        labelOffset: 34,
      }),
      Plot.axisY([...scale.ticks], {
        tickSize: 4,
        text: scale.format,
        label: spec.yAxis ? "σ / σ₁" : null,
        labelAnchor: "center",
        labelArrow: "none",
        labelOffset: 52,
      }),
      ...spectra.flatMap(({ phase, points }) => spectrumMarks(phase, points)),
    ],
  });
  const { region, layer, parameter } = spectra[0];
  panel.element.append(
    panelHeading(document, `${region[0].toUpperCase()}${region.slice(1)}: layer index ${layer}`),
    svgElement(document, "text", {
      attributes: {
        x: 0,
        y: FONT_SIZES.heading + 16,
        "text-anchor": "start",
        "font-size": FONT_SIZES.note,
        fill: INK.muted,
      },
      children: [elideStart(parameter, width - 6, FONT_SIZES.note)],
    }),
  );
  return panel;
}

function spectrumMarks(phase: Phase, points: Spectrum["points"]): Plot.Markish[] {
  const { color, dash } = PHASE_STYLES[phase];
  // A spectrum of one value is a point: a line of it would not be seen.
  if (points.length === 1) {
    return [Plot.dot(points, { x: "rank", y: "value", r: 3, stroke: color, strokeWidth: 1.5 })];
  }
  return [
    Plot.line(points, {
      x: "rank",
      y: "value",
      stroke: color,
      strokeWidth: 1.9,
      ...(dash === undefined ? {} : { strokeDasharray: dash }),
    }),
  ];
}
