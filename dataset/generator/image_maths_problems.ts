/**
 * Questions that join seeing and arithmetic: sums and ranges of digits, differences of counts.
 *
 * @module
 */
import { chain } from "./chain.ts";
import type { ImageProblem } from "./problem.ts";
import type { Random } from "./random.ts";
import { composeScene, type Scene } from "./scene.ts";
import { fill, limits, questions, sceneSpec } from "./spec.ts";
import type { GlyphSprite } from "./sprite.ts";
import { drawShape } from "./vision_problems.ts";

function digitsOf(scene: Scene): number[] {
  return scene.placements.map(({ sprite }) => Number((sprite as GlyphSprite).glyph));
}

function drawDigits(random: Random): Scene {
  const count = random.integer(limits.digits[0], limits.digits[1]);
  return composeScene(
    random,
    Array.from({ length: count }, (): GlyphSprite => ({
      kind: "glyph",
      glyph: random.pick(sceneSpec.digits),
      color: random.pick(sceneSpec.glyphColors),
    })),
  );
}

/** What all the digits in the image add up to. */
export function sum(random: Random): ImageProblem {
  const scene = drawDigits(random);
  const digits = digitsOf(scene);
  const { value, thought } = chain(digits[0], digits.slice(1).map((n) => ({ op: "+", n })));
  return {
    task: "sum",
    question: questions.sum,
    answer: String(value),
    thought: `The numbers are ${digits.join(", ")}. ${thought}`,
    expression: `sum ${digits.join(" ")}`,
    level: digits.length - 1,
    description: `The image shows the numbers ${digits.join(", ")}.`,
    scene,
  };
}

/** The largest digit in the image minus the smallest. */
export function range(random: Random): ImageProblem {
  const scene = drawDigits(random);
  const digits = digitsOf(scene);
  const { value, thought } = chain(Math.max(...digits), [{ op: "-", n: Math.min(...digits) }]);
  return {
    task: "range",
    question: questions.range,
    answer: String(value),
    thought: `The numbers are ${digits.join(", ")}. ${thought}`,
    expression: `range ${digits.join(" ")}`,
    level: digits.length - 1,
    description: `The image shows the numbers ${digits.join(", ")}.`,
    scene,
  };
}

/** How many more shapes of one kind than of another there are. */
export function difference(random: Random): ImageProblem {
  const [more, less] = random.sample(sceneSpec.shapes, 2);
  const many = random.integer(1, limits.shapesOfAKind);
  const few = random.integer(0, many);
  const scene = composeScene(random, [
    ...Array.from({ length: many }, () => drawShape(random, { shape: more })),
    ...Array.from({ length: few }, () => drawShape(random, { shape: less })),
  ]);
  const { value, thought } = chain(many, [{ op: "-", n: few }]);
  return {
    task: "difference",
    question: fill(questions.difference, { more, less }),
    answer: String(value),
    thought: `There are ${many} ${more} and ${few} ${less}. ${thought}`,
    expression: `difference ${more} ${many} ${less} ${few}`,
    level: 1,
    description: `The image shows ${many} ${more} shapes and ${few} ${less} shapes.`,
    scene,
  };
}
