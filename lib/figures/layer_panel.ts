/**
 * A panel that shows one measure against the layer index, with the model's sections behind it.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import { type AxisScale, integerTicks } from "./axes.ts";
import { bandLabels, REGION_LINE } from "./band_labels.ts";
import type { Band, Bands } from "./bands.ts";
import { type Panel, plotPanel } from "./plot_panel.ts";
import { INK, markerFill, type Phase, PHASE_STYLES, PHASES } from "./theme.ts";
import { decimalText } from "../number_format.ts";

/** One drawn value. */
export interface LayerPoint {
  /** Unified layer index: vision below 0, projector 0, LLM from 1. */
  readonly layer: number;
  readonly section: string;
  readonly phase: Phase;
  /** Finite; above 0 on a logarithmic axis. */
  readonly value: number;
}

/** What a layer panel shows. */
export interface LayerPanelSpec {
  readonly points: readonly LayerPoint[];
  readonly bands: Bands;
  readonly scale: AxisScale;
  readonly yLabel: string;
  /** Label of the x axis; none leaves only its ticks. */
  readonly xLabel?: string;
  readonly width: number;
  /** Height of the plotting area alone, in CSS pixels. */
  readonly plotHeight: number;
}

const MARGIN = { left: 60, right: 6, labels: 17, bottom: 22, xLabel: 16 };

/** Draws the panel. Lines stop at section borders, where matrices change shape. */
export function layerPanel(document: Document, spec: LayerPanelSpec): Panel {
  const { bands, scale, width } = spec;
  const marginTop = MARGIN.labels + (bands.regions.length > 0 ? REGION_LINE : 0);
  const marginBottom = MARGIN.bottom + (spec.xLabel === undefined ? 0 : MARGIN.xLabel);
  const height = marginTop + spec.plotHeight + marginBottom;
  const inner = width - MARGIN.left - MARGIN.right;
  const [from, to] = bands.domain;
  const perLayer = inner / (to - from);

  const panel = plotPanel(document, {
    width,
    height,
    marginTop,
    marginBottom,
    marginLeft: MARGIN.left,
    marginRight: MARGIN.right,
    x: { type: "linear", domain: [from, to] },
    y: { type: scale.type, domain: [...scale.domain] },
    marks: [
      Plot.rect(bands.sections, { x1: "from", x2: "to", fill: (band: Band) => band.fill }),
      Plot.gridY(scale.ticks, { stroke: INK.grid, strokeOpacity: 1, strokeWidth: 0.7 }),
      Plot.ruleX(bands.regions.slice(1), {
        x: "from",
        stroke: INK.axis,
        strokeWidth: 0.8,
        strokeDasharray: "1.5,2.5",
      }),
      Plot.frame({ stroke: INK.axis, strokeWidth: 0.8 }),
      Plot.axisX(integerTicks(from, to, Math.floor(inner / 45)), {
        tickSize: 4,
        // Plot would write a lone tick as "1.0".
        text: (layer: number) => decimalText(layer, 0),
        label: spec.xLabel ?? null,
        labelAnchor: "center",
        labelArrow: "none",
        labelOffset: 34,
      }),
      Plot.axisY([...scale.ticks], {
        tickSize: 4,
        // Not tickFormat: on a log axis Plot would blank some of the labels.
        text: scale.format,
        label: `${spec.yLabel}${scale.unit}`,
        labelAnchor: "center",
        labelArrow: "none",
        labelOffset: MARGIN.left - 2,
      }),
      ...PHASES.flatMap((phase) => phaseMarks(phase, spec.points, perLayer)),
    ],
  });

  panel.element.append(bandLabels(document, { bands, inner, left: MARGIN.left, top: marginTop }));
  return panel;
}

function phaseMarks(phase: Phase, all: readonly LayerPoint[], perLayer: number): Plot.Markish[] {
  const { color, dash, marker } = PHASE_STYLES[phase];
  const points = all.filter((point) => point.phase === phase).sort((a, b) => a.layer - b.layer);
  if (points.length === 0) return [];
  const radius = Math.min(3.2, Math.max(1.7, perLayer * 0.34));
  return [
    Plot.line(points, {
      x: "layer",
      y: "value",
      z: "section",
      stroke: color,
      strokeWidth: 1.4,
      ...(dash === undefined ? {} : { strokeDasharray: dash }),
    }),
    Plot.dot(points, {
      x: "layer",
      y: "value",
      symbol: marker,
      r: radius,
      fill: markerFill(PHASE_STYLES[phase]),
      stroke: color,
      strokeWidth: 1.2,
    }),
  ];
}
