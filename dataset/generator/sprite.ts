/**
 * What can stand in a cell of a scene: a coloured shape of one of three sizes, or a glyph.
 *
 * @module
 */
import { type ColorName, sceneSpec, type ShapeName } from "./spec.ts";

/** A shape; `radius` in pixels. */
export interface ShapeSprite {
  kind: "shape";
  shape: ShapeName;
  color: ColorName;
  radius: number;
}

/** A digit or capital letter. */
export interface GlyphSprite {
  kind: "glyph";
  glyph: string;
  color: ColorName;
}

/** A shape or a glyph. */
export type Sprite = ShapeSprite | GlyphSprite;

/** Canonical name: `red circle 9` or `black A`. */
export function spriteName(sprite: Sprite): string {
  return sprite.kind === "shape"
    ? `${sprite.color} ${sprite.shape} ${sprite.radius}`
    : `${sprite.color} ${sprite.glyph}`;
}

/** Colour and shape without the size, as questions name it: `red circle`. */
export function objectName(sprite: ShapeSprite): string {
  return `${sprite.color} ${sprite.shape}`;
}

/** Whether the shape covers the pixel (dx, dy) away from its centre. */
const covers: Record<ShapeName, (dx: number, dy: number, radius: number) => boolean> = {
  circle: (dx, dy, radius) => dx * dx + dy * dy <= radius * radius,
  square: (dx, dy, radius) => Math.abs(dx) <= radius && Math.abs(dy) <= radius,
  triangle: (dx, dy, radius) => Math.abs(dy) <= radius && 2 * Math.abs(dx) <= dy + radius,
  cross(dx, dy, radius) {
    const arm = Math.floor(radius / 3);
    return Math.max(Math.abs(dx), Math.abs(dy)) <= radius &&
      Math.min(Math.abs(dx), Math.abs(dy)) <= arm;
  },
};

function glyphCovers(glyph: string, x: number, y: number): boolean {
  const { glyphLeft, glyphTop, glyphScale, font } = sceneSpec;
  const column = Math.floor((x - glyphLeft) / glyphScale);
  const row = Math.floor((y - glyphTop) / glyphScale);
  if (column < 0 || column > 4 || row < 0 || row > 6) return false;
  return (font[glyph][row] >> (4 - column) & 1) === 1;
}

/** Calls `paint` with every pixel (x, y) of the sprite, from the top left of its cell. */
export function eachPixel(sprite: Sprite, paint: (x: number, y: number) => void): void {
  const centre = sceneSpec.cell / 2;
  for (let y = 0; y < sceneSpec.cell; y++) {
    for (let x = 0; x < sceneSpec.cell; x++) {
      const inside = sprite.kind === "shape"
        ? covers[sprite.shape](x - centre, y - centre, sprite.radius)
        : glyphCovers(sprite.glyph, x, y);
      if (inside) paint(x, y);
    }
  }
}
