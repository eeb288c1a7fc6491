/**
 * Scenes: sprites on a 4 by 4 grid, each moved by up to two pixels, over a plain background.
 *
 * @module
 */
import type { Random } from "./random.ts";
import { palette, sceneSpec } from "./spec.ts";
import { eachPixel, type Sprite, spriteName } from "./sprite.ts";

/** One sprite in a cell (0 to 15, row by row), moved by (dx, dy) pixels. */
export interface Placement {
  cell: number;
  sprite: Sprite;
  dx: number;
  dy: number;
}

/** A background number and the placements, in ascending order of cells. */
export interface Scene {
  background: number;
  placements: readonly Placement[];
}

/** A bounding box in pixels: left, top, right, bottom; right and bottom are not included. */
export type Box = readonly [number, number, number, number];

/**
 * Puts `sprites` into `cells` (random different cells by default), each with a random offset, over
 * a random background.
 */
export function composeScene(
  random: Random,
  sprites: readonly Sprite[],
  options: { cells?: readonly number[] } = {},
): Scene {
  const all = Array.from({ length: sceneSpec.cells }, (_, cell) => cell);
  const cells = options.cells ?? random.sample(all, sprites.length);
  const offset = () => random.integer(-sceneSpec.jitter, sceneSpec.jitter);
  const placements = sprites.map((sprite, i) => ({
    cell: cells[i],
    sprite,
    dx: offset(),
    dy: offset(),
  }));
  return {
    background: random.integer(0, sceneSpec.backgrounds.length - 1),
    placements: placements.sort((a, b) => a.cell - b.cell),
  };
}

/** A text that is equal for two scenes exactly if they show the same pixels' worth of content. */
export function sceneKey(scene: Scene): string {
  const parts = scene.placements.map(({ cell, sprite, dx, dy }) =>
    `${cell} ${spriteName(sprite)} ${dx} ${dy}`
  );
  return [String(scene.background), ...parts].join("|");
}

/** Left top corner of a placement's cell, its offset added. */
function origin({ cell, dx, dy }: Placement): [number, number] {
  const { grid, cell: size } = sceneSpec;
  return [cell % grid * size + dx, Math.floor(cell / grid) * size + dy];
}

/**
 * Draws a scene.
 *
 * @returns Palette indices, row by row, `side * side` bytes (112 x 112).
 */
export function renderScene(scene: Scene): Uint8Array<ArrayBuffer> {
  const { side, backgrounds, colorNames } = sceneSpec;
  const pixels = new Uint8Array(side * side).fill(scene.background);
  for (const placement of scene.placements) {
    const [left, top] = origin(placement);
    const index = backgrounds.length + colorNames.indexOf(placement.sprite.color);
    eachPixel(placement.sprite, (x, y) => pixels[(top + y) * side + left + x] = index);
  }
  return pixels;
}

/** Red, green, blue bytes of palette indices: 3 bytes a pixel. */
export function toRgb(pixels: Uint8Array): Uint8Array<ArrayBuffer> {
  const rgb = new Uint8Array(pixels.length * 3);
  pixels.forEach((index, i) => rgb.set(palette[index], i * 3));
  return rgb;
}

/** Bounding box of what a placement paints. */
export function boundingBox(placement: Placement): Box {
  const [left, top] = origin(placement);
  let box: Box = [Infinity, Infinity, -Infinity, -Infinity];
  eachPixel(placement.sprite, (x, y) => {
    box = [
      Math.min(box[0], left + x),
      Math.min(box[1], top + y),
      Math.max(box[2], left + x + 1),
      Math.max(box[3], top + y + 1),
    ];
  });
  return box;
}
