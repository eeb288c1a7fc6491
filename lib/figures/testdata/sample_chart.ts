/**
 * A chart with something of everything: bands, series with intervals, a reference, notes.
 *
 * @module
 */
import { linearScale } from "../axes.ts";
import type { FigureOptions } from "../compose_figure.ts";
import type { ChartSpec } from "../spec.ts";
import type { SeriesStyle } from "../theme.ts";

const STYLES: readonly SeriesStyle[] = [
  { label: "Warm", color: "#d55e00", marker: "circle" },
  { label: "Cold", color: "#0072b2", marker: "square", dash: "6,2.5" },
];

/** Two panels of twelve values. */
export function sampleChart(options: FigureOptions = {}): ChartSpec {
  const regions = ["early", "late"].map((label, i) => (
    { label, from: 6 * i - 0.5, to: 6 * i + 5.5, fill: i === 0 ? "none" : "#f1f1f5" }
  ));
  const series = STYLES.map((style, k) => ({
    style,
    points: Array.from({ length: 12 }, (_, x) => {
      const value = 40 + (k === 0 ? 3 : -3) * x;
      return { x, value, low: value - 6, high: value + 6 };
    }),
  }));
  return {
    title: "Temperatures",
    subtitle: "By step, on either side.",
    panels: ["Left side", "Right side"].map((heading) => ({
      ...{ heading: [heading], text: "of the house", series },
      x: { domain: [-0.5, 11.5], label: "Step" },
      y: { ...linearScale([0, 80], { zero: true }), label: "Temperature" },
      bands: { domain: [-0.5, 11.5], sections: [], regions },
      reference: { value: 40, low: 35, high: 45, label: "at first" },
    })),
    interval: "95 % interval",
    notes: ["Made up."],
    description: "One rises and one falls.",
    options,
  };
}
