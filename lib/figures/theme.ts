/**
 * How every figure looks: fonts, sizes, colours, and how the two phases are told apart.
 *
 * @module
 */

/** The two training phases of a Base -> IN -> RL triple, in drawing order. */
export const PHASES = ["IN", "RL"] as const;
/** A training phase: `IN` is Base -> IN, `RL` is IN -> RL. */
export type Phase = typeof PHASES[number];

/** Marker shapes; squares and diamonds are drawn hollow, so that small ones are told apart. */
export type Marker = "circle" | "square" | "triangle" | "diamond";

/** How a line of a figure is drawn: colour, marker and dash, each enough to tell it from others. */
export interface SeriesStyle {
  /** Legend entry. */
  readonly label: string;
  /** Line and marker colour. */
  readonly color: string;
  readonly marker: Marker;
  /** SVG dash pattern; undefined is a solid line. */
  readonly dash?: string;
}

/** How a phase is drawn. */
export interface PhaseStyle extends SeriesStyle {
  /** Opaque lighter steps of the colour: first for MLP, second for the rest. */
  readonly tints: readonly [string, string];
}

/** The style of each phase; the colours are the paper's. */
export const PHASE_STYLES: Readonly<Record<Phase, PhaseStyle>> = {
  IN: {
    label: "IN (Base → IN)",
    color: "#d62728",
    tints: ["#eb9394", "#f7d4d4"],
    marker: "circle",
  },
  RL: {
    label: "RL (IN → RL)",
    color: "#1f77b4",
    tints: ["#8fbbd9", "#d2e4f0"],
    marker: "square",
    dash: "5,2.5",
  },
};

/** Colours that are no data. */
export const INK = {
  text: "#1a1a1a",
  muted: "#595959",
  axis: "#8c8c8c",
  grid: "#d9d9d9",
  background: "#ffffff",
} as const;

/** Band tints behind the sections of a model; light enough for data and print. */
export const SECTION_FILLS: Readonly<Record<string, string>> = {
  "Vision Encoder": "#eaf3e8",
  "Projector": "#fbe9bf",
  "LLM Backbone": "#f1f1f5",
};

/** Section names as the bands' labels write them. */
export const SECTION_LABELS: Readonly<Record<string, string>> = {
  "Vision Encoder": "Vision encoder",
  "Projector": "Projector",
  "LLM Backbone": "LLM",
};

/** The colour inside a marker: squares and diamonds are hollow. */
export function markerFill({ marker, color }: SeriesStyle): string {
  return marker === "circle" || marker === "triangle" ? color : INK.background;
}

/** An opaque step of a colour `#rrggbb` towards white, by `amount` of the way there. */
export function tint(color: string, amount = 0.65): string {
  const channels = [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16));
  const light = channels.map((value) => Math.round(value + (255 - value) * amount));
  return `#${light.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

/** Font of every text; the PNG renderer loads exactly DejaVu Sans, regular and bold. */
export const FONT_FAMILY = "DejaVu Sans, Verdana, sans-serif";

/** Font sizes in CSS pixels; none is smaller than what is read without effort. */
export const FONT_SIZES = {
  title: 15,
  subtitle: 12,
  legend: 12,
  heading: 12,
  axis: 11,
  band: 11,
  note: 11,
} as const;

/** Width of a figure in CSS pixels unless an option says otherwise. */
export const DEFAULT_WIDTH = 860;
/** Free space around a figure's content, in CSS pixels. */
export const PADDING = 14;
