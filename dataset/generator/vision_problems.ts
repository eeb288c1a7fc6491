/**
 * Questions about what an image shows: how many items, which text, where and whether an object is.
 *
 * @module
 */
import type { ImageProblem } from "./problem.ts";
import type { Random } from "./random.ts";
import { boundingBox, composeScene, type Scene } from "./scene.ts";
import { fill, limits, questions, sceneSpec } from "./spec.ts";
import { type GlyphSprite, objectName, type ShapeSprite } from "./sprite.ts";

/** A shape of any kind, colour and size. */
export function drawShape(random: Random, fixed: Partial<ShapeSprite> = {}): ShapeSprite {
  return {
    kind: "shape",
    shape: random.pick(sceneSpec.shapes),
    color: random.pick(sceneSpec.colorNames),
    radius: random.pick(sceneSpec.sizes),
    ...fixed,
  };
}

function drawShapes(random: Random, count: number): ShapeSprite[] {
  return Array.from({ length: count }, () => drawShape(random));
}

/** Shapes of which no two have the same colour and shape. */
function drawDistinct(random: Random, count: number, first = drawShape(random)): ShapeSprite[] {
  const shapes = [first];
  while (shapes.length < count) {
    const shape = drawShape(random);
    if (shapes.every((other) => objectName(other) !== objectName(shape))) shapes.push(shape);
  }
  return shapes;
}

function listObjects(scene: Scene): string {
  const names = scene.placements.map(({ sprite }) =>
    sprite.kind === "shape" ? objectName(sprite) : sprite.glyph
  );
  return `The image shows ${names.join(", ")}.`;
}

/** How many items there are: `count` shapes. */
export function counting(random: Random, count: number): ImageProblem {
  return {
    task: "counting",
    question: questions.counting,
    answer: String(count),
    thought: `I count ${count} items.`,
    expression: `counting ${count}`,
    level: 1,
    description: `The image shows ${count} items.`,
    scene: composeScene(random, drawShapes(random, count)),
  };
}

/** Any number of items that fits the limits. */
export function drawCount(random: Random): number {
  return random.integer(1, limits.items);
}

/** Two to four capital letters. */
export function drawWord(random: Random): string {
  const length = random.integer(2, sceneSpec.grid);
  return Array.from({ length }, () => random.pick(sceneSpec.letters)).join("");
}

/** Which text stands in the image: `word` in one row and one colour. */
export function ocr(random: Random, word: string): ImageProblem {
  const color = random.pick(sceneSpec.glyphColors);
  const row = random.integer(0, sceneSpec.grid - 1);
  const start = row * sceneSpec.grid + random.integer(0, sceneSpec.grid - word.length);
  const sprites = [...word].map((glyph): GlyphSprite => ({ kind: "glyph", glyph, color }));
  return {
    task: "ocr",
    question: questions.ocr,
    answer: word,
    thought: `The text is ${word}.`,
    expression: `ocr ${word}`,
    level: 1,
    description: `The image shows the text ${word}.`,
    scene: composeScene(random, sprites, { cells: sprites.map((_, i) => start + i) }),
  };
}

/** A scene of one to four different objects with `target` among them. */
function composeAround(random: Random, target: ShapeSprite) {
  const sprites = drawDistinct(random, random.integer(1, 4), target);
  const scene = composeScene(random, sprites);
  return { scene, placement: scene.placements.find(({ sprite }) => sprite === target)! };
}

/** Where an object is, as a bounding box in pixels. */
export function grounding(random: Random, target: ShapeSprite): ImageProblem {
  const { scene, placement } = composeAround(random, target);
  const object = objectName(target);
  const answer = boundingBox(placement).join(",");
  return {
    task: "grounding",
    question: fill(questions.grounding, { object }),
    answer,
    thought: `The ${object} is at ${answer}.`,
    expression: `grounding ${object} ${answer}`,
    level: 1,
    description: `The image shows a ${object} at ${answer}.`,
    scene,
  };
}

/** In which row (from the top) or column (from the left) an object is, from 1. */
export function position(random: Random, axis: "row" | "column"): ImageProblem {
  const target = drawShape(random);
  const { scene, placement } = composeAround(random, target);
  const object = objectName(target);
  const row = Math.floor(placement.cell / sceneSpec.grid) + 1;
  const column = placement.cell % sceneSpec.grid + 1;
  const place = `row ${row}, column ${column}`;
  return {
    task: "position",
    question: fill(questions[axis], { object }),
    answer: String(axis === "row" ? row : column),
    thought: `The ${object} is in ${place}.`,
    expression: `${axis} ${object} ${place}`,
    level: 1,
    description: `The image shows a ${object} in ${place}.`,
    scene,
  };
}

/** What a recognition question asks for: a shape, or a shape of one colour. */
export interface Wanted {
  object: string;
  matches(sprite: ShapeSprite): boolean;
  fixed: Partial<ShapeSprite>;
}

/** A random object to look for. */
export function drawWanted(random: Random): Wanted {
  const { shape, color } = drawShape(random);
  if (random.chance(1, 2)) {
    return { object: shape, fixed: { shape }, matches: (sprite) => sprite.shape === shape };
  }
  const object = `${color} ${shape}`;
  return { object, fixed: { shape, color }, matches: (sprite) => objectName(sprite) === object };
}

/** Whether an object is in the image: one to six shapes, with or without it. */
export function recognition(random: Random, wanted: Wanted, present: boolean): ImageProblem {
  const sprites = drawShapes(random, random.integer(1, 6)).map((sprite) => {
    let other = sprite;
    while (wanted.matches(other)) other = drawShape(random);
    return present ? sprite : other;
  });
  if (present && !sprites.some(wanted.matches)) sprites[0] = drawShape(random, wanted.fixed);
  const scene = composeScene(random, sprites);
  const answer = present ? "Yes" : "No";
  return {
    task: "recognition",
    question: fill(questions.recognition, { object: wanted.object }),
    answer,
    thought: `There is ${present ? "a" : "no"} ${wanted.object}.`,
    expression: `recognition ${wanted.object} ${answer}`,
    level: 1,
    description: listObjects(scene),
    scene,
  };
}
