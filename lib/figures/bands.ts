/**
 * The shaded bands behind a figure over layers: sections of the model and thirds of the LLM.
 *
 * @module
 */
import { textWidth } from "./text_width.ts";
import { FONT_SIZES, INK, SECTION_FILLS, SECTION_LABELS } from "./theme.ts";
import { thirdOf } from "../thirds.ts";

/** A stretch of layer indices with one label. */
export interface Band {
  readonly label: string;
  /** Left edge, half an index below the first layer. */
  readonly from: number;
  /** Right edge, half an index above the last layer. */
  readonly to: number;
  readonly fill: string;
}

/** All bands of a figure. */
export interface Bands {
  /** Edges of the x axis. */
  readonly domain: readonly [number, number];
  /** Sections present, from left to right. */
  readonly sections: readonly Band[];
  /** Thirds of the LLM that are present; empty if it has fewer than three layers. */
  readonly regions: readonly Band[];
}

/** A layer, as a frame names its place. */
export interface PlacedLayer {
  /** Unified layer index. */
  readonly layer: number;
  readonly section: string;
  /** Third of the LLM, if the frame says it. */
  readonly region?: string | null;
}

/**
 * Where the bands of these layers lie. Thirds are the frame's; where it has none, those of an LLM
 * with as many layers as the highest index.
 */
export function bandsOf(layers: readonly PlacedLayer[]): Bands {
  const sections = spansOf(layers, ({ section }) => section).map(([section, from, to]) => ({
    label: SECTION_LABELS[section] ?? section,
    from,
    to,
    fill: SECTION_FILLS[section] ?? INK.background,
  }));
  const llm = layers.filter(({ section }) => section === "LLM Backbone");
  const llmLayers = llm.reduce((count, { layer }) => Math.max(count, layer), 0);
  const known = llm.some(({ region }) => typeof region === "string");
  const regions = known || llmLayers >= 3
    ? spansOf(
      llm,
      ({ layer, region }) => known ? region ?? undefined : thirdOf(layer - 1, llmLayers),
    )
    : [];
  return {
    domain: [sections[0].from, sections.reduce((to, band) => Math.max(to, band.to), -Infinity)],
    sections,
    regions: regions.map(([label, from, to]) => ({ label, from, to, fill: "none" })),
  };
}

/**
 * The bands of a figure over the LLM's layers alone, which it counts from 0: thirds, no sections.
 *
 * @param llmLayers Layers in all, at least 1.
 */
export function llmBands(llmLayers: number): Bands {
  const layers = Array.from({ length: llmLayers }, (_, layer) => ({ layer, section: "LLM" }));
  const regions = llmLayers < 3 ? [] : spansOf(layers, ({ layer }) => thirdOf(layer, llmLayers));
  return {
    domain: [-0.5, llmLayers - 0.5],
    sections: [],
    regions: regions.map(([label, from, to]) => ({
      label,
      from,
      to,
      fill: label === "middle" ? SECTION_FILLS["LLM Backbone"] : "none",
    })),
  };
}

/** For each key, from left to right, the stretch of its layers; no key, no stretch. */
function spansOf(
  layers: readonly PlacedLayer[],
  keyOf: (layer: PlacedLayer) => string | undefined,
): [string, number, number][] {
  const spans = new Map<string, [number, number]>();
  for (const placed of layers) {
    const key = keyOf(placed);
    if (key === undefined) continue;
    const [from, to] = spans.get(key) ?? [Infinity, -Infinity];
    spans.set(key, [Math.min(from, placed.layer - 0.5), Math.max(to, placed.layer + 0.5)]);
  }
  return [...spans].map(([key, [from, to]]): [string, number, number] => [key, from, to])
    .sort((a, b) => a[1] - b[1]);
}

/** A label and the pixel of its centre. */
export interface PlacedLabel {
  readonly text: string;
  readonly center: number;
}

/**
 * Places labels over their bands on one line: centred, then pushed apart and into [0, `width`]
 * where narrow bands would make them overlap. `toPixel` maps a place to pixels.
 */
export function placeLabels(
  bands: readonly Omit<Band, "fill">[],
  options: { width: number; toPixel: (place: number) => number; gap?: number; bold?: boolean },
): PlacedLabel[] {
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
