import { assert, assertEquals } from "@std/assert";
import { renderPng } from "../figures/render_png.ts";
import { sampleFigures } from "./testdata/sample_figures.ts";
import { LIKE_7B, LIKE_TINY, type SampleShape } from "./testdata/sample_reports.ts";
import { assertSnapshot } from "./testdata/svg_snapshot.ts";
import { placedElements } from "../figures/testdata/svg_geometry.ts";
import { assertTextsApart } from "../figures/testdata/text_layout.ts";

for (const [name, shape] of Object.entries({ "7b": LIKE_7B, tiny: LIKE_TINY })) {
  Deno.test(`every figure of a ${name}-like triple is as committed`, async () => {
    for (const [figureName, figure] of Object.entries(sampleFigures(shape))) {
      await assertSnapshot(figure, `${figureName}_${name}`);
    }
  });
}

/** Shapes that real triples, filters and --llm give, down to a single layer. */
const SHAPES: Record<string, SampleShape> = {
  "7B": LIKE_7B,
  "tiny": LIKE_TINY,
  "LLM only": { ...LIKE_7B, visionBlocks: 0, projector: false },
  "no projector, 36 layers": { ...LIKE_7B, projector: false, llmLayers: 36 },
  "one layer": { ...LIKE_TINY, visionBlocks: 0, projector: false, llmLayers: 1 },
  "one of each": { ...LIKE_TINY, visionBlocks: 1, llmLayers: 1 },
  "two LLM layers behind 32 blocks": { ...LIKE_7B, llmLayers: 2 },
  "huge LLM behind one block": { ...LIKE_7B, visionBlocks: 1, llmLayers: 80 },
  "RL identical to IN": { ...LIKE_7B, rlScale: 0 },
  "RL far smaller": { ...LIKE_7B, rlScale: 1e-6 },
  "huge updates": { ...LIKE_TINY, hiddenSize: 5e7, rlScale: 1 },
};

for (const [name, shape] of Object.entries(SHAPES)) {
  Deno.test(`figures of shape "${name}": no text is clipped or overlaps another`, () => {
    const widths = shape === LIKE_7B || shape === LIKE_TINY ? [400, 640, 860, 1400] : [640];
    for (const width of widths) {
      for (const [figureName, figure] of Object.entries(sampleFigures(shape, { width }))) {
        assertTextsApart(figure, `${figureName} at ${width}`);
      }
    }
  });
}

Deno.test("every figure is standalone, well-formed XML with title, description and legend", () => {
  for (const [name, figure] of Object.entries(sampleFigures(LIKE_TINY))) {
    assert(figure.svg.startsWith('<?xml version="1.0" encoding="UTF-8"?>\n<svg '), name);
    assert(figure.svg.includes(' xmlns="http://www.w3.org/2000/svg"'), name);
    assert(!/href|<style|<script|class=|url\(/.test(figure.svg), `${name} refers to something`);
    // resvg's XML reader is strict: it rejects what is not well-formed.
    assert(renderPng(figure.svg, 0.1).length > 0);
    const texts = placedElements(figure, "text").map(({ text }) => text);
    assertEquals(texts[0], figure.title, name);
    assertEquals(placedElements(figure, "title").map(({ text }) => text), [figure.title]);
    assert(figure.alt.startsWith(`${figure.title}. `) && figure.alt.length > 60, name);
    const keys = {
      energy_share: ["Attention", "MLP", "if every layer changed equally"],
      update_angles: ["outputs", "outputs, by chance", "inputs", "inputs, by chance"],
    }[name] ?? ["IN (Base → IN)", "RL (IN → RL)"];
    for (const key of keys) assert(texts.includes(key), `${name} has no legend entry ${key}`);
  }
});
