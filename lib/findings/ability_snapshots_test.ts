import { assert, assertEquals } from "@std/assert";
import { renderPng } from "../figures/render_png.ts";
import { abilityFigures } from "./testdata/ability_sample_figures.ts";
import {
  type AbilityShape,
  FROZEN,
  LONG_NAMES,
  SPLICES,
  TRIPLE,
} from "./testdata/sample_abilities.ts";
import { placedElements } from "../figures/testdata/svg_geometry.ts";
import { assertSnapshot } from "./testdata/svg_snapshot.ts";
import { assertTextsApart } from "../figures/testdata/text_layout.ts";

/** The figure that each shape is made for. */
const MAIN = { ability: TRIPLE, splice: SPLICES, splice_difference: SPLICES, necessity: FROZEN };

Deno.test("every ability figure is as committed", async () => {
  for (const [name, shape] of Object.entries(MAIN)) {
    await assertSnapshot(abilityFigures(shape)[name], name);
  }
  await assertSnapshot(abilityFigures(SPLICES).transition, "transition");
  await assertSnapshot(abilityFigures(LONG_NAMES).splice, "splice_long_names");
});

/** Models that recipes, merges and broken checkpoints give. */
const SHAPES: Record<string, AbilityShape> = {
  "triple": TRIPLE,
  "splices": SPLICES,
  "frozen": FROZEN,
  "long names": LONG_NAMES,
  "two models, one sample": { models: { IN: [1, 0, 1], RL: [0, 1, 1] }, n: 1, seed: 1 },
  "nothing is ever right": {
    models: { Base: [0, 0, 0], IN: [0, 0, 0], RL: [0, 0, 0], "RL:IN:RL": [0, 0, 0] },
    n: 20,
    seed: 1,
  },
  "everything is always right": {
    models: { Base: [2, 2, 2], IN: [2, 2, 2], RL: [2, 2, 2], "frozen late": [2, 2, 2] },
    n: 3000,
    seed: 1,
  },
};

for (const [name, shape] of Object.entries(SHAPES)) {
  Deno.test(`ability figures of shape "${name}": no text is clipped or overlaps another`, () => {
    for (const width of [400, 640, 860, 1400]) {
      for (const [figureName, figure] of Object.entries(abilityFigures(shape, { width }))) {
        assertTextsApart(figure, `${figureName} at ${width}`);
      }
    }
  });
}

/** A legend entry that only the figure has. */
const KEYS: Record<string, string> = {
  ability: "rises or stays",
  splice: "difference from IN includes 0",
  splice_difference: "95 % paired score interval",
  necessity: "frozen",
  transition: "TF: right in A alone",
};

Deno.test("every ability figure is standalone, well-formed XML with title, n and alt text", () => {
  for (const [name, shape] of [...Object.entries(MAIN), ["transition", FROZEN] as const]) {
    const figure = abilityFigures(shape)[name];
    assert(!/href|<style|<script|class=|url\(/.test(figure.svg), `${name} refers to something`);
    assertEquals(figure.svg, abilityFigures(shape)[name].svg, name);
    assert(renderPng(figure.svg, 0.1).length > 0, name);
    const texts = placedElements(figure, "text").map(({ text }) => text);
    assertEquals(texts[0], figure.title, name);
    assertEquals(placedElements(figure, "title").map(({ text }) => text), [figure.title]);
    assert(figure.alt.startsWith(`${figure.title}. Perception: `), figure.alt);
    assert(texts.includes(KEYS[name]), `${name} has no legend entry ${KEYS[name]}`);
    assert(texts.some((text) => text.includes("n = 100 samples an")), `${name}: ${texts}`);
  }
});
