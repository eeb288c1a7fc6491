/**
 * How every figure looks: fonts, sizes, colours, markers.
 *
 * @module
 */

/** Marker shapes; squares and diamonds are drawn hollow, so that small ones are told apart. */
export type Marker = "circle" | "square" | "triangle" | "diamond";

/** How a line of a figure is drawn: colour, marker and dash, each enough to tell it from others. */
export interface SeriesStyle {
  readonly label: string;
  readonly color: string;
  readonly marker: Marker;
  /** SVG dash pattern; undefined is a solid line. */
  readonly dash?: string;
}

/** Colours that are no data. */
export const INK = {
  text: "#1a1a1a",
  muted: "#595959",
  axis: "#8c8c8c",
  grid: "#d9d9d9",
  background: "#ffffff",
} as const;

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
