/**
 * The layout that every figure must have.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import type { Figure } from "../figure.ts";
import { placedElements, textBoxes } from "./svg_geometry.ts";

/** Fails if a text is clipped, two texts overlap, is too small, or a number is broken. */
export function assertTextsApart(figure: Figure, name: string): void {
  const boxes = textBoxes(figure);
  assert(boxes.length > 5);
  for (const [i, a] of boxes.entries()) {
    const where = `${name}: ${JSON.stringify(a.text)}`;
    assert(a.left >= 0 && a.right <= figure.width, `${where} is clipped sideways`);
    assert(a.top >= 0 && a.bottom <= figure.height, `${where} is clipped`);
    for (const b of boxes.slice(i + 1)) {
      const apart = a.right <= b.left || b.right <= a.left || a.bottom <= b.top ||
        b.bottom <= a.top;
      assert(apart, `${where} overlaps ${JSON.stringify(b.text)}`);
    }
  }
  assert(!/NaN|undefined|Infinity|null/.test(figure.svg), `${name}: a number is broken`);
  const words = [...boxes.map(({ text }) => text), figure.alt].find((text) => /(^|[\s(])-\d/.test(text));
  assertEquals(words, undefined, `${name}: a minus of a keyboard`);
  const sizes = placedElements(figure, "text").map(({ inherited }) => Number(inherited("font-size")));
  assert(sizes.every((size) => size >= 11), `${name}: text of ${Math.min(...sizes)} pixels`);
}
