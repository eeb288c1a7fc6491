/**
 * Whether an answer to a vision question is right for an image.
 *
 * @module
 */
import { answersDiffer } from "./answer_change.ts";

/** A box: left, top, right, bottom. */
export type Box = readonly [number, number, number, number];

/** What an answer is checked against. */
export interface Gold {
  answer: string;
  /** Where boxes count, the right one and the overlap that is enough. */
  box?: { box: Box; iouThreshold: number };
}

/**
 * The first four numbers of a text as a box, or null if it has fewer.
 *
 * @example
 * ```ts
 * console.log(parseBox("[64, 7, 79, 22]")); // [ 64, 7, 79, 22 ]
 * ```
 */
export function parseBox(text: string): Box | null {
  const numbers = text.match(/-?\d+(?:\.\d+)?/g)?.slice(0, 4).map(Number) ?? [];
  return numbers.length === 4 ? numbers as unknown as Box : null;
}

/**
 * Intersection over union of two boxes, 0 where neither has an area.
 *
 * @example
 * ```ts
 * console.log(boxOverlap([0, 0, 2, 2], [1, 0, 3, 2])); // 0.3333333333333333
 * ```
 */
export function boxOverlap(a: Box, b: Box): number {
  const area = ([left, top, right, bottom]: Box) =>
    Math.max(0, right - left) * Math.max(0, bottom - top);
  const shared = area([
    Math.max(a[0], b[0]),
    Math.max(a[1], b[1]),
    Math.min(a[2], b[2]),
    Math.min(a[3], b[3]),
  ]);
  const union = area(a) + area(b) - shared;
  return union > 0 ? shared / union : 0;
}

/**
 * Whether an answer gives what is right: boxes by their overlap, texts as `answersDiffer` compares
 * them.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 *
 * assert(answerIs("Yes.", { answer: "yes" }));
 * ```
 */
export function answerIs(answer: string, { answer: right, box }: Gold): boolean {
  if (!box) return !answersDiffer(right, answer);
  const given = parseBox(answer);
  return given !== null && boxOverlap(given, box.box) >= box.iouThreshold;
}
