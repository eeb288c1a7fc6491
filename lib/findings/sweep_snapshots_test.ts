import { assert, assertEquals } from "@std/assert";
import { renderPng } from "../figures/render_png.ts";
import { placedElements } from "../figures/testdata/svg_geometry.ts";
import { assertSnapshot } from "./testdata/svg_snapshot.ts";
import { sweepFigures } from "./testdata/sample_sweep_figures.ts";
import { SWEEP_7B, SWEEP_TINY, type SweepShape } from "./testdata/sample_sweeps.ts";
import { assertTextsApart } from "../figures/testdata/text_layout.ts";

for (const [name, shape] of Object.entries({ "7b": SWEEP_7B, tiny: SWEEP_TINY })) {
  Deno.test(`every figure of a ${name}-like sweep is as committed`, async () => {
    for (const [figureName, figure] of Object.entries(sweepFigures(shape))) {
      await assertSnapshot(figure, `${figureName}_${name}`);
    }
  });
}

const layers = (count: number) => Array.from({ length: count }, (_, i) => i);

/** Sweeps that options and broken models give. */
const SHAPES: Record<string, SweepShape> = {
  "7B": SWEEP_7B,
  "tiny": SWEEP_TINY,
  "one layer, task and sample": { ...SWEEP_TINY, layers: [0], llmLayers: 1, tasks: ["ocr"], n: 1 },
  "few layers and three samples: wide intervals": {
    ...SWEEP_7B,
    layers: [0, 5, 20],
    tasks: ["grounding", "recognition", "ocr"],
    datasets: ["gsm8k", "math500", "a dataset of a long name that has no room over its panel"],
    n: 3,
  },
  "huge model": { ...SWEEP_7B, layers: layers(80), llmLayers: 80, heads: 64 },
  "nothing changes": { ...SWEEP_TINY, effect: 0 },
  "tiny effects": { ...SWEEP_TINY, effect: 1e-4 },
};

for (const [name, shape] of Object.entries(SHAPES)) {
  Deno.test(`sweep figures of shape "${name}": no text is clipped or overlaps another`, () => {
    for (const width of shape === SWEEP_TINY ? [400, 640, 1400] : [640]) {
      for (const [figureName, figure] of Object.entries(sweepFigures(shape, { width }))) {
        assertTextsApart(figure, `${figureName} at ${width}`);
      }
    }
  });
}

/** A legend entry that only the figure has. */
const KEYS: Record<string, string> = {
  vision_localization: "answers that become the other image's",
  vision_step: "interval excludes 0",
  reasoning_localization: "no layer ablated",
  reasoning_by_level: "points of accuracy lost",
  attention: "Base",
  attention_shift: "one fixed text",
  attention_head: "points, RL less IN",
};

Deno.test("every sweep figure is standalone, well-formed XML with title, description and legend", () => {
  const again = sweepFigures(SWEEP_TINY);
  for (const [name, figure] of Object.entries(sweepFigures(SWEEP_TINY))) {
    assert(!/href|<style|<script|class=|url\(/.test(figure.svg), `${name} refers to something`);
    assertEquals(figure.svg, again[name].svg, name);
    assert(renderPng(figure.svg, 0.1).length > 0, name);
    const texts = placedElements(figure, "text").map(({ text }) => text);
    assertEquals(texts[0], figure.title, name);
    assertEquals(placedElements(figure, "title").map(({ text }) => text), [figure.title]);
    assert(figure.alt.startsWith(`${figure.title}. `) && figure.alt.length > 90, name);
    assert(texts.includes(KEYS[name]), `${name} has no legend entry ${KEYS[name]}`);
    assert(["early", "middle", "late"].every((third) => texts.includes(third)), name);
  }
});
