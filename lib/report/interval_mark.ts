/**
 * An interval drawn beside its numbers.
 *
 * @module
 */
import type { Interval } from "../statistics/mod.ts";
import { type Markup, markup } from "./markup.ts";

const WIDTH = 120;
const HEIGHT = 14;
const MARGIN = 5;

/**
 * The interval as a bar around its value, on a scale of its own whose middle line is 0. It says
 * nothing that the numbers beside it do not, so that those who hear the page are spared it.
 */
export function intervalMark({ value, low, high }: Interval): Markup {
  const reach = Math.max(Math.abs(low), Math.abs(high), Number.MIN_VALUE);
  const at = (x: number) =>
    (WIDTH / 2 + Math.max(-1, Math.min(1, x / reach)) * (WIDTH / 2 - MARGIN)).toFixed(1);
  const middle = HEIGHT / 2;
  return markup`<svg class="mark" width="${WIDTH}" height="${HEIGHT}" aria-hidden="true">
<line class="zero" x1="${WIDTH / 2}" x2="${WIDTH / 2}" y1="0" y2="${HEIGHT}"/>
<line class="range" x1="${at(low)}" x2="${at(high)}" y1="${middle}" y2="${middle}"/>
<circle class="value" cx="${at(value)}" cy="${middle}" r="4"/></svg>`;
}
