/**
 * Answers that a model marks as such, in tags or in a box.
 *
 * @module
 */
import { TextScanner } from "./answer_scanner.ts";

const TAG = "answer>";
const BOX = "\\boxed";

/**
 * What stands in the last closed `<answer>...</answer>` that is not empty, trimmed; tags in any
 * case.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(taggedAnswer("<think>1+1</think><answer> 2 </answer>"), "2");
 * ```
 *
 * @returns undefined if there is none.
 */
export function taggedAnswer(response: string | TextScanner): string | undefined {
  const scanner = TextScanner.of(response);
  let last: string | undefined;
  let open = -1;
  for (
    let at = scanner.indexOfAnyCase(TAG);
    at >= 0;
    at = scanner.indexOfAnyCase(TAG, at + TAG.length)
  ) {
    const before = scanner.slice(at - 2, at);
    if (before === "</") {
      if (open >= 0) last = scanner.slice(open, at - 2).trim() || last;
      open = -1;
    } else if (before.endsWith("<")) {
      open = at + TAG.length;
    }
  }
  return last;
}

/**
 * What stands in the last `\boxed{...}` whose braces are balanced and that is not empty, trimmed;
 * `\{` and `\}` are no braces.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(boxedAnswer("So \\boxed{1}, no: \\boxed{\\frac{1}{2}}."), "\\frac{1}{2}");
 * ```
 *
 * @returns undefined if there is none.
 */
export function boxedAnswer(response: string | TextScanner): string | undefined {
  const scanner = TextScanner.of(response);
  let best: { start: number; text: string } | undefined;
  /** Where the content of each open brace starts, and whether a box opened it. */
  const open: { start: number; boxed: boolean }[] = [];
  let afterBox = false;
  for (let i = scanner.indexOf(BOX); i >= 0 && i < scanner.length; i++) {
    const char = scanner.at(i);
    if (char === "\\") {
      afterBox = scanner.slice(i, i + BOX.length) === BOX;
      i += afterBox ? BOX.length - 1 : 1;
    } else if (char === "{") {
      open.push({ start: i + 1, boxed: afterBox });
      afterBox = false;
    } else if (char === "}") {
      const group = open.pop();
      afterBox = false;
      // Of nested boxes the inner ends first and starts last, so no part is sliced twice for long.
      if (group?.boxed && group.start > (best?.start ?? -1)) {
        const text = scanner.slice(group.start, i).trim();
        if (text !== "") best = { start: group.start, text };
      }
    } else if (char.trim() !== "") afterBox = false;
  }
  return best?.text;
}
