import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { placeLabels } from "../figures/bands.ts";
import { textWidth } from "../figures/text_width.ts";
import { FONT_SIZES } from "../figures/theme.ts";
import { llmBands, sectionBands } from "./layer_bands.ts";

const layers = (section: string, from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => ({ layer_idx: from + i, section }));

const ofLlm = (llmLayers: number) => llmBands([], { llmLayers, figure: "a figure" });

Deno.test("bands: sections and thirds of a 7B model", () => {
  const { domain, sections, regions } = sectionBands([
    ...layers("LLM Backbone", 1, 28),
    ...layers("Vision Encoder", -32, -1),
    ...layers("Projector", 0, 0),
  ]);
  assertEquals(domain, [-32.5, 28.5]);
  assertEquals(sections.map(({ label, from, to }) => [label, from, to]), [
    ["Vision encoder", -32.5, -0.5],
    ["Projector", -0.5, 0.5],
    ["LLM", 0.5, 28.5],
  ]);
  assertEquals(regions.map(({ label, from, to }) => [label, from, to]), [
    ["early", 0.5, 9.5],
    ["middle", 9.5, 18.5],
    ["late", 18.5, 28.5],
  ]);
});

Deno.test("bands: an LLM alone is counted from 0", () => {
  const { domain, sections, regions } = ofLlm(28);
  assertEquals([domain, sections], [[-0.5, 27.5], []]);
  assertEquals(regions.map(({ label, from, to }) => [label, from, to]), [
    ["early", -0.5, 8.5],
    ["middle", 8.5, 17.5],
    ["late", 17.5, 27.5],
  ]);
  assertEquals(ofLlm(2).regions, []);
});

Deno.test("bands: no thirds below three layers; an unknown section is a band of its own", () => {
  assertEquals(sectionBands(layers("LLM Backbone", 1, 2)).regions, []);
  assertEquals(sectionBands(layers("Vision Encoder", -6, -1)).regions, []);
  assertEquals(sectionBands(layers("Audio", 3, 4)).sections.map(({ label }) => label), ["Audio"]);
});

Deno.test("bands: labels stay inside and apart, in their order, however narrow a band is", () => {
  const size = fc.integer({ min: 1, max: 80 });
  fc.assert(fc.property(size, size, fc.integer({ min: 200, max: 900 }), (blocks, llm, width) => {
    const { sections, domain } = sectionBands([
      ...layers("Vision Encoder", -blocks, -1),
      ...layers("Projector", 0, 0),
      ...layers("LLM Backbone", 1, llm),
    ]);
    const toPixel = (layer: number) => (layer - domain[0]) / (domain[1] - domain[0]) * width;
    const boxes = placeLabels(sections, { width, toPixel }).map(({ text, center }) => {
      const half = textWidth(text, FONT_SIZES.band) / 2;
      return [center - half, center + half];
    });
    assert(boxes[0][0] >= -1e-9 && boxes[2][1] <= width + 1e-9, `${boxes}`);
    assert(boxes[0][1] < boxes[1][0] && boxes[1][1] < boxes[2][0], `${boxes}`);
  }));
});
