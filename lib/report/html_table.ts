/**
 * Tables of the report: captions, headings with scope, numbers under one another.
 *
 * @module
 */
import { numberFormat } from "../number_format.ts";
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
