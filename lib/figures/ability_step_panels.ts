/**
 * Panels of one ability along the models of a triple: its values, and its changes.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import type { AbilityPoint } from "./ability_rows.ts";
import { type AbilityHeading, headingElement, headingHeight } from "./ability_texts.ts";
import type { AxisScale } from "./axes.ts";
import { excludesZero } from "./interval_points.ts";
import { type Panel, plotPanel } from "./plot_panel.ts";
import { type Model, MODEL_STYLES } from "./series_styles.ts";
import { textWidth } from "./text_width.ts";
import { FONT_SIZES, INK } from "./theme.ts";
import { decimalText, signedText } from "../number_format.ts";

/** From one model to the next. */
export interface AbilityStep {
  readonly from: AbilityPoint;
  readonly to: AbilityPoint;
  /** `to` less `from`, in percentage points. */
  readonly change: AbilityPoint;
  /** Whether the change is a paired difference. */
  readonly paired: boolean;
}

/** Dashes of a line that falls. */
export const FALL_DASH = "4,3";

interface StepPanelFrame {
  /** The models, each a place on the x axis. */
  readonly models: readonly Model[];
  readonly scale: AxisScale;
  readonly width: number;
  /** Whether the y axis has its label. */
  readonly yAxis: boolean;
}

const MARGIN = { left: 54, right: 6, top: 6, bottom: 22 };
/** Keeps a number apart from the lines behind it. */
const HALO = { stroke: INK.background, strokeWidth: 3 };
const HEIGHT = { values: 165, changes: 95 };

/** Values with intervals and numbers, joined by lines. */
export function valuePanel(
  document: Document,
  spec: StepPanelFrame & {
    points: readonly AbilityPoint[];
    steps: readonly AbilityStep[];
    heading: AbilityHeading;
    /** Headings of all panels in the row. */
    headings: readonly AbilityHeading[];
  },
): Panel {
  const at = ({ label }: AbilityPoint) => spec.models.indexOf(label as Model);
  const color = ({ label }: AbilityPoint) => MODEL_STYLES[label as Model].color;
  const panel = stepPanel(document, spec, {
    marginTop: MARGIN.top + headingHeight(spec.headings),
    plotHeight: HEIGHT.values,
    yLabel: "Share of samples (%)",
    xTicks: spec.models.map((model, i) => [i, model] as const),
    marks: [
      ...[true, false].map((falls) =>
        Plot.link(spec.steps.filter(({ change }) => change.value < 0 === falls), {
          x1: ({ from }: AbilityStep) => at(from),
          x2: ({ to }: AbilityStep) => at(to),
          y1: ({ from }: AbilityStep) => from.value,
          y2: ({ to }: AbilityStep) => to.value,
          stroke: INK.text,
          strokeWidth: 1.4,
          ...(falls ? { strokeDasharray: FALL_DASH } : {}),
        })
      ),
      Plot.ruleX(spec.points.filter(({ low, high }) => low !== null && high !== null), {
        x: at,
        y1: "low",
        y2: "high",
        stroke: color,
        strokeWidth: 1.5,
      }),
      Plot.dot(spec.points, {
        x: at,
        y: "value",
        symbol: ({ label }: AbilityPoint) => MODEL_STYLES[label as Model].marker,
        r: 4,
        fill: color,
        stroke: color,
        strokeWidth: 1.5,
      }),
      Plot.text(spec.points, {
        x: at,
        y: ({ value, high }: AbilityPoint) => high ?? value,
        dy: -11,
        text: ({ value }: AbilityPoint) => decimalText(value, 1),
        fontSize: FONT_SIZES.note,
        fontWeight: "bold",
        fill: INK.text,
        ...HALO,
      }),
    ],
  });
  panel.element.append(headingElement(document, spec.heading));
  return panel;
}

/** Changes with intervals and numbers, each between its two models. */
export function changePanel(
  document: Document,
  spec: StepPanelFrame & { steps: readonly AbilityStep[] },
): Panel {
  const at = ({ from, to }: AbilityStep) =>
    (spec.models.indexOf(from.label as Model) + spec.models.indexOf(to.label as Model)) / 2;
  const full = spec.steps.map(({ from, to }) => `${to.label} − ${from.label}`);
  const place = (spec.width - MARGIN.left - MARGIN.right) / spec.models.length;
  const fit = full.every((name) => textWidth(name, FONT_SIZES.axis) + 6 <= place);
  const names = fit ? full : spec.steps.map(({ to }) => `to ${to.label}`);
  const whole = spec.steps.filter(({ change }) => change.low !== null && change.high !== null);
  return stepPanel(document, spec, {
    marginTop: MARGIN.top,
    plotHeight: HEIGHT.changes,
    yLabel: "Change (points)",
    xTicks: spec.steps.map((step, i) => [at(step), names[i]] as const),
    marks: [
      Plot.ruleY([0], { stroke: INK.text, strokeWidth: 0.9 }),
      Plot.ruleX(whole, {
        x: at,
        y1: ({ change }: AbilityStep) => change.low,
        y2: ({ change }: AbilityStep) => change.high,
        stroke: INK.text,
        strokeWidth: 1.5,
      }),
      Plot.dot(spec.steps, {
        x: at,
        y: ({ change }: AbilityStep) => change.value,
        r: 4,
        fill: ({ change }: AbilityStep) => excludesZero(change) ? INK.text : INK.background,
        stroke: INK.text,
        strokeWidth: 1.5,
      }),
      Plot.text(spec.steps, {
        x: at,
        y: ({ change }: AbilityStep) => change.value,
        dx: 8,
        textAnchor: "start",
        text: ({ change }: AbilityStep) => signedText(change.value, 1),
        fontSize: FONT_SIZES.note,
        fontWeight: "bold",
        fill: INK.text,
        ...HALO,
      }),
    ],
  });
}

function stepPanel(
  document: Document,
  { models, scale, width, yAxis }: StepPanelFrame,
  spec: {
    marginTop: number;
    plotHeight: number;
    yLabel: string;
    xTicks: readonly (readonly [number, string])[];
    marks: readonly Plot.Markish[];
  },
): Panel {
  const names = new Map(spec.xTicks);
  return plotPanel(document, {
    width,
    height: spec.marginTop + spec.plotHeight + MARGIN.bottom,
    marginTop: spec.marginTop,
    marginBottom: MARGIN.bottom,
    marginLeft: MARGIN.left,
    marginRight: MARGIN.right,
    x: { type: "linear", domain: [-0.5, models.length - 0.5] },
    y: { type: scale.type, domain: [...scale.domain] },
    marks: [
      Plot.gridY(scale.ticks, { stroke: INK.grid, strokeOpacity: 1, strokeWidth: 0.7 }),
      Plot.frame({ stroke: INK.axis, strokeWidth: 0.8 }),
      Plot.axisX([...names.keys()], {
        tickSize: 4,
        text: (place: number) => names.get(place) ?? "",
        label: null,
      }),
      Plot.axisY([...scale.ticks], {
        tickSize: 4,
        text: scale.format,
        label: yAxis ? `${spec.yLabel}${scale.unit}` : null,
        labelAnchor: "center",
        labelArrow: "none",
        labelOffset: MARGIN.left - 2,
      }),
      ...spec.marks,
    ],
  });
}
