/**
 * The layout that every figure must have.
 *
 * @module
 */
import { assert } from "@std/assert";
import type { Figure } from "../figure.ts";
import { textBoxes } from "./svg_geometry.ts";

/** Fails if a text is clipped, two texts overlap, or the SVG holds a broken number. */
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
}
