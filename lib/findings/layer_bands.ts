/**
 * The bands behind figures over layers: sections of the model and thirds of the LLM.
 *
 * @module
 */
import type { Band, Bands, FigureOptions } from "../figures/mod.ts";
import { thirdOf } from "../thirds.ts";

/** Band tints behind the sections of a model; light enough for data and print. */
export const SECTION_FILLS: Readonly<Record<string, string>> = {
  "Vision Encoder": "#eaf3e8",
  "Projector": "#fbe9bf",
  "LLM Backbone": "#f1f1f5",
};

const SECTION_LABELS: Readonly<Record<string, string>> = {
  "Vision Encoder": "Vision encoder",
  "LLM Backbone": "LLM",
};

/** A layer, as a frame names its place. */
export interface PlacedLayer {
  /** Unified layer index: vision below 0, projector 0, LLM from 1. */
  readonly layer_idx: number;
  readonly section: string;
  /** Third of the LLM, if the frame says it. */
  readonly region?: string | null;
}

/**
 * Where the bands of these layers lie. Thirds are the frame's; where it has none, those of an LLM
 * with as many layers as the highest index.
 */
export function sectionBands(layers: readonly PlacedLayer[]): Bands {
  const sections = spansOf(layers, ({ section }) => section).map(([section, from, to]) => ({
    label: SECTION_LABELS[section] ?? section,
    from,
    to,
    fill: SECTION_FILLS[section] ?? "none",
  }));
  const llm = layers.filter(({ section }) => section === "LLM Backbone");
  const llmLayers = llm.reduce((count, { layer_idx }) => Math.max(count, layer_idx), 0);
  const known = llm.some(({ region }) => typeof region === "string");
  const thirdOfLayer = ({ layer_idx, region }: PlacedLayer) =>
    known ? region ?? undefined : thirdOf(layer_idx - 1, llmLayers);
  return {
    domain: [sections[0].from, sections.reduce((to, band) => Math.max(to, band.to), -Infinity)],
    sections,
    regions: (known || llmLayers >= 3 ? spansOf(llm, thirdOfLayer) : []).map(bandOf),
  };
}

/** Options of figures over the LLM's layers. */
export interface LayerFigureOptions extends FigureOptions {
  /** LLM layers in all, which set the thirds; by default one more than the highest layer drawn. */
  llmLayers?: number;
  /** What the intervals are, for the legend, e.g. "95 % exact interval". */
  interval?: string;
}

/**
 * The bands of a figure over the LLM's layers alone, which it counts from 0: thirds, no sections.
 *
 * @throws {RangeError} if `options.llmLayers` is no whole number above the highest layer.
 */
export function llmBands(
  rows: readonly { readonly layer: number }[],
  { llmLayers, figure }: LayerFigureOptions & { figure: string },
): Bands {
  const needed = rows.reduce((count, { layer }) => Math.max(count, layer + 1), 1);
  const count = llmLayers ?? needed;
  if (!Number.isInteger(count) || count < needed || count > 10_001) {
    throw new RangeError(
      `Cannot draw ${figure}: llmLayers is ${count}, but the frame has layer ${needed - 1}; ` +
        "give the number of LLM layers in all, or leave it out",
    );
  }
  const layers = Array.from(
    { length: count },
    (_, layer) => ({ layer_idx: layer, section: "LLM" }),
  );
  const regions = spansOf(layers, ({ layer_idx }) => thirdOf(layer_idx, count));
  return {
    domain: [-0.5, count - 0.5],
    sections: [],
    regions: count < 3 ? [] : regions.map(bandOf).map((band) => ({
      ...band,
      fill: band.label === "middle" ? SECTION_FILLS["LLM Backbone"] : "none",
    })),
  };
}

const bandOf = ([label, from, to]: [string, number, number]): Band => (
  { label, from, to, fill: "none" }
);

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
    spans.set(key, [Math.min(from, placed.layer_idx - 0.5), Math.max(to, placed.layer_idx + 0.5)]);
  }
  return [...spans].map(([key, [from, to]]): [string, number, number] => [key, from, to])
    .sort((a, b) => a[1] - b[1]);
}
