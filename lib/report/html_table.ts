/**
 * Tables of the report: captions, headings with scope, numbers under one another.
 *
 * @module
 */
import { numberFormat } from "../number_format.ts";
import type { Interval } from "../statistics/mod.ts";
import { type Content, type Markup, markup } from "./markup.ts";

/** One column. */
export interface HtmlColumn {
  label: string;
  /**
   * "number" is right-aligned, "phrase" keeps room for a sentence, "short" stays on one line; default
   * "text".
   */
  kind?: "text" | "number" | "phrase" | "short";
}

/** A table of the report. */
export interface HtmlTable {
  caption: string;
  columns: readonly HtmlColumn[];
  /** Cells by row; the first names the row. Numbers of a column share a format. */
  rows: readonly (readonly Content[])[];
  /** What the numbers rest on, said below the caption. */
  basis?: string;
  /** What is said under each row, across all columns. */
  notes?: readonly Content[];
}

function columnFormat(rows: HtmlTable["rows"], column: number): (cell: Content) => Content {
  const numbers = rows.map((row) => row[column]).filter((cell) => typeof cell === "number");
  const format = numberFormat(numbers);
  return (cell) => typeof cell === "number" ? format(cell) : cell ?? "–";
}

/** A table that scrolls inside of the page where it is too wide for it. */
export function htmlTable({ caption, columns, rows, notes, basis }: HtmlTable): Markup {
  const formats = columns.map((_, i) => columnFormat(rows, i));
  const kind = (column: number) => columns[column].kind ?? "text";
  const head = columns.map(({ label }, i) =>
    markup`<th scope="col" class="${kind(i)}">${label}</th>`
  );
  const note = (row: number) =>
    notes?.[row] &&
    markup`<tr class="note"><td colspan="${columns.length}"><div class="seen">${
      notes[row]
    }</div></td></tr>`;
  const body = rows.map((row, i) =>
    markup`<tr>${
      row.map((cell, i) =>
        i === 0
          ? markup`<th scope="row" class="${kind(i)}">${formats[i](cell)}</th>`
          : markup`<td class="${kind(i)}">${formats[i](cell)}</td>`
      )
    }</tr>${note(i)}`
  );
  return markup`<div class="scroll" role="region" tabindex="0" aria-label="${caption}">
<table><caption><div class="seen">${caption}${
    basis && markup`<div class="basis">${basis}</div>`
  }</div></caption>
<thead><tr>${head}</tr></thead>
<tbody>${body}</tbody></table></div>`;
}

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
