/**
 * The names of sections and thirds above a panel.
 *
 * @module
 */
import { type Bands, placeLabels } from "./bands.ts";
import { svgElement } from "./svg_document.ts";
import { textWidth } from "./text_width.ts";
import { FONT_SIZES, INK } from "./theme.ts";

/** Height of the line that one line of names takes. */
export const LABEL_LINE = 14;

/**
 * Section names above the frame and, under those, the names of the LLM's thirds where they fit.
 *
 * @param place.inner Width of the plotting area; `left` and `top` are its corner.
 */
export function bandLabels(
  document: Document,
  place: { bands: Bands; inner: number; left: number; top: number },
): Element {
  const { bands, inner, left, top } = place;
  const perLayer = inner / (bands.domain[1] - bands.domain[0]);
  const group = svgElement(document, "g", {
    attributes: {
      "aria-label": "bands",
      "font-size": FONT_SIZES.band,
      fill: INK.muted,
      transform: `translate(${left},${top})`,
    },
  });
  const addLabel = (text: string, x: number, y: number) =>
    group.append(svgElement(document, "text", { attributes: { x, y }, children: [text] }));
  const toPixel = (layer: number) => (layer - bands.domain[0]) * perLayer;
  const fit = bands.regions.every((region) =>
    textWidth(region.label, FONT_SIZES.band) <= toPixel(region.to) - toPixel(region.from)
  );
  const regions = fit ? bands.regions : [];
  const baseline = -5;
  const lift = bands.regions.length > 0 ? LABEL_LINE : 0;
  for (const { text, center } of placeLabels(bands.sections, { width: inner, toPixel })) {
    addLabel(text, center, baseline - lift);
  }
  for (const region of regions) {
    addLabel(region.label, (toPixel(region.from) + toPixel(region.to)) / 2, baseline);
  }
  // Under a section's name a line as long as the section, as narrow as that may be.
  for (const { from, to } of bands.regions.length > 0 ? bands.sections : []) {
    group.append(svgElement(document, "path", {
      attributes: {
        d: `M${toPixel(from) + 1.5},-15.5H${toPixel(to) - 1.5}`,
        stroke: INK.axis,
        "stroke-width": 0.8,
      },
    }));
  }
  return group;
}
