/**
 * What a scene may contain and how a question is worded: the one description that this generator
 * and the training script (training/) both read, so that they cannot drift apart.
 *
 * @module
 */
import data from "./spec.json" with { type: "json" };

/** Names of the six colours. */
export type ColorName = keyof typeof data.scene.colors;
/** Names of the four shapes. */
export type ShapeName = "circle" | "square" | "triangle" | "cross";
/** Red, green and blue, 0 to 255. */
export type Rgb = readonly [number, number, number];

/** Geometry, colours and font of a scene; see spec.json. */
export const sceneSpec = {
  ...data.scene,
  shapes: data.scene.shapes as readonly ShapeName[],
  colorNames: Object.keys(data.scene.colors) as readonly ColorName[],
  glyphColors: data.scene.glyphColors as readonly ColorName[],
  font: data.scene.font as Readonly<Record<string, readonly number[]>>,
  digits: Object.keys(data.scene.font).filter((glyph) => glyph >= "0" && glyph <= "9"),
  letters: Object.keys(data.scene.font).filter((glyph) => glyph >= "A"),
  /** Pixels per image side. */
  side: data.scene.cell * data.scene.grid,
  /** Cells per image. */
  cells: data.scene.grid * data.scene.grid,
};

/** Palette of every image: the backgrounds first, then the colours in the order of spec.json. */
export const palette: readonly Rgb[] = [
  ...data.scene.backgrounds,
  ...Object.values(data.scene.colors),
] as unknown as readonly Rgb[];

/** Question templates; `{name}` marks a part to fill in. */
export const questions = data.questions;
/** Parts of the word problems. */
export const words = data.words;
/** Largest operand and value of a chain, items and digits in an image. */
export const limits = data.limits;

/**
 * Fills `{name}` parts of a template; a part without a value is an error.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(fill("Is there a {object}?", { object: "red cross" }), "Is there a red cross?");
 * ```
 */
export function fill(template: string, values: Readonly<Record<string, string | number>>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`Cannot fill "${template}": no value for {${name}}.`);
    return String(value);
  });
}
