/**
 * The shaded bands behind a panel, and their names above it: sections and, inside them, regions.
 *
 * @module
 */
import { textWidth } from "./text_width.ts";
import { type SvgNode, svgNode } from "./svg_document.ts";
import { FONT_SIZES, INK } from "./theme.ts";

/** A stretch of the x axis with one label. */
export interface Band {
  readonly label: string;
  readonly from: number;
  readonly to: number;
  readonly fill: string;
}

/** All bands of a figure. */
export interface Bands {
  /** Edges of the x axis. */
  readonly domain: readonly [number, number];
  /** Sections present, from left to right. */
  readonly sections: readonly Band[];
  /** Parts of them, from left to right; dashed lines stand between. */
  readonly regions: readonly Band[];
}

/**
 * Places labels over their bands on one line: centred, then pushed apart and into [0, `width`]
 * where narrow bands would make them overlap. `toPixel` maps a place to pixels.
 */
export function placeLabels(
  bands: readonly Omit<Band, "fill">[],
  options: { width: number; toPixel: (place: number) => number; gap?: number; bold?: boolean },
): { text: string; center: number }[] {
  const gap = options.gap ?? 8;
  const boxes = bands.map(({ label, from, to }) => {
    const half = textWidth(label, FONT_SIZES.band, options) / 2;
    const center = (options.toPixel(from) + options.toPixel(to)) / 2;
    return { text: label, half, center };
  });
  let edge = -gap;
  for (const box of boxes) {
    box.center = Math.max(box.center, edge + gap + box.half);
    edge = box.center + box.half;
  }
  edge = options.width + gap;
  for (const box of boxes.toReversed()) {
    box.center = Math.min(box.center, edge - gap - box.half);
    edge = box.center - box.half;
  }
  return boxes.map(({ text, center }) => ({ text, center }));
}

/** Height of the line that one line of names takes. */
export const LABEL_LINE = 14;

/**
 * Section names above the frame and, under those, the names of the LLM's thirds where they fit.
 *
 * @param place.inner Width of the plotting area; `left` and `top` are its corner.
 */
export function bandLabels(
  { bands, inner, left, top }: { bands: Bands; inner: number; left: number; top: number },
): SvgNode {
  const perX = inner / (bands.domain[1] - bands.domain[0]);
  const toPixel = (place: number) => (place - bands.domain[0]) * perX;
  const fit = bands.regions.every((region) =>
    textWidth(region.label, FONT_SIZES.band) <= toPixel(region.to) - toPixel(region.from)
  );
  const regions = fit ? bands.regions : [];
  const baseline = -5;
  const lift = bands.regions.length > 0 ? LABEL_LINE : 0;
  const attributes = {
    "aria-label": "bands",
    "font-size": FONT_SIZES.band,
    fill: INK.muted,
    transform: `translate(${left},${top})`,
  };
  return svgNode(
    "g",
    attributes,
    ...placeLabels(bands.sections, { width: inner, toPixel })
      .map(({ text, center }) => svgNode("text", { x: center, y: baseline - lift }, text)),
    ...regions.map(({ label, from, to }) =>
      svgNode("text", { x: (toPixel(from) + toPixel(to)) / 2, y: baseline }, label)
    ),
    // Under a section's name a line as long as the section, as narrow as that may be.
    ...(bands.regions.length > 0 ? bands.sections : []).map(({ from, to }) => {
      const d = `M${toPixel(from) + 1.5},-15.5H${toPixel(to) - 1.5}`;
      return svgNode("path", { d, stroke: INK.axis, "stroke-width": 0.8 });
    }),
  );
}
