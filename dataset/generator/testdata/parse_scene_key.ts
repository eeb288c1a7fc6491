/**
 * Reading scene keys back.
 *
 * @module
 */
import type { Placement, Scene } from "../scene.ts";
import { type ColorName, sceneSpec, type ShapeName } from "../spec.ts";
import type { Sprite } from "../sprite.ts";

function parseSprite(color: ColorName, kind: string, radius: string | undefined): Sprite {
  return radius === undefined
    ? { kind: "glyph", glyph: kind, color }
    : { kind: "shape", shape: kind as ShapeName, color, radius: Number(radius) };
}

function parsePlacement(part: string): Placement {
  const [cell, color, kind, ...rest] = part.split(" ");
  const [dx, dy] = rest.slice(-2).map(Number);
  const known = color in sceneSpec.colors && (kind in sceneSpec.font ||
    sceneSpec.shapes.includes(kind as ShapeName));
  if (!known || !(rest.length === 2 || rest.length === 3)) {
    throw new Error(
      `Cannot read the placement "${part}": expected "cell colour kind [radius] dx dy".`,
    );
  }
  const radius = rest.length === 3 ? rest[0] : undefined;
  return { cell: Number(cell), sprite: parseSprite(color as ColorName, kind, radius), dx, dy };
}

/**
 * The scene that a key describes: the inverse of `sceneKey`.
 *
 * @throws {Error} If a placement cannot be read.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const { background, placements } = parseSceneKey("1|3 red circle 9 0 -2|7 black A 1 1");
 * assertEquals([background, placements.length], [1, 2]);
 * ```
 */
export function parseSceneKey(key: string): Scene {
  const [background, ...parts] = key.split("|");
  return { background: Number(background), placements: parts.map(parsePlacement) };
}
