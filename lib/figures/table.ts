/**
 * Small aligned tables, as text for a terminal and as HTML for a notebook.
 *
 * @module
 */
import type pl from "nodejs-polars";
import { BASIS_COLUMN, basisNotes } from "../basis.ts";
import { listText } from "../list_text.ts";
import type { MediaBundle } from "./figure.ts";
import { numberFormat } from "../number_format.ts";

/** One column of a table. */
export interface TableColumn {
  /** Name of the field in a row, or of the column in a frame. */
  readonly key: string;
  /** Heading; the key by default. */
  readonly label?: string;
  /** Right for columns of numbers and left for others by default. */
  readonly align?: "left" | "right";
  /** Text of a cell; by default numbers share a format and null is "–". */
  readonly format?: (value: unknown) => string;
}

/** Options of {@linkcode frameTable}. */
export interface FrameTableOptions {
  caption?: string;
  /** Rows shown, 20 by default; the table says how many are left out. */
  limit?: number;
  /** Columns in their order, by name or with heading and format; default all but "basis". */
  columns?: readonly (string | TableColumn)[];
}

/** A row: any values by field name. */
type TableRow = Readonly<Record<string, unknown>>;

/** A column with its texts. */
interface Column {
  heading: string;
  align: "left" | "right";
  texts: string[];
}

/**
 * Rows as aligned plain text: headings, a rule, a line a row. Control characters become U+FFFD, so
 * that a name out of a file cannot steer a terminal.
 *
 * @param columns In their order; by default the fields of the first row.
 *
 * @example
 * ```ts
 * const rows = [{ phase: "IN", norm: 0.5717 }, { phase: "RL", norm: 0.1321 }];
 * console.log(formatTable(rows, [{ key: "phase" }, { key: "norm", label: "mean norm" }]));
 * // phase  mean norm
 * // -----  ---------
 * // IN        0.5717
 * // RL        0.1321
 * ```
 */
export function formatTable(
  rows: readonly TableRow[],
  columns: readonly TableColumn[] = Object.keys(rows[0] ?? {}).map((key) => ({ key })),
): string {
  return textOf(layOut(rows, columns));
}

/**
 * A frame as a table: the last value of a notebook cell, or printed as text.
 *
 * @throws {TypeError} if it is not a frame or a column does not exist.
 * @throws {RangeError} if the limit is not a whole number above 0.
 *
 * @example
 * ```ts
 * import pl from "nodejs-polars";
 * const frame = pl.DataFrame({ layer: [1, 2, 3], norm: [0.5, 0.25, 0.125] });
 * console.log(String(frameTable(frame, { caption: "Norms", limit: 2 })));
 * ```
 */
export function frameTable(frame: pl.DataFrame, options: FrameTableOptions = {}): Table {
  const names: unknown = frame?.columns;
  if (!Array.isArray(names)) throw new TypeError("Cannot make a table: not a Polars frame");
  const limit = options.limit ?? 20;
  if (!Number.isInteger(limit) || limit < 1) {
    throw new RangeError(`Cannot make a table of ${limit} rows: give a whole number above 0`);
  }
  const shown = options.columns ?? names.filter((name) => name !== BASIS_COLUMN);
  const columns = shown.map((column: string | TableColumn) =>
    typeof column === "string" ? { key: column } : column
  );
  const unknown = columns.filter(({ key }) => !names.includes(key)).map(({ key }) => key);
  if (unknown.length > 0) {
    throw new TypeError(
      `Cannot make a table: the frame has no column ${listText(unknown)} (it has ${
        listText(names)
      })`,
    );
  }
  const rows = frame.height === 0 ? [] : frame.head(limit).toRecords();
  const left = frame.height - rows.length;
  const size = frame.height === 0
    ? ["No rows."]
    : left > 0
    ? [`First ${rows.length} of ${frame.height} rows; ${left} not shown.`]
    : [];
  return new Table(layOut(rows, columns), options.caption, [...size, ...basisNotes([frame])]);
}

/** A laid out table; see {@linkcode frameTable}. */
class Table {
  readonly #columns: readonly Column[];
  readonly #caption: string | undefined;
  readonly #notes: readonly string[];

  constructor(columns: readonly Column[], caption: string | undefined, notes: readonly string[]) {
    this.#columns = columns;
    this.#caption = caption;
    this.#notes = notes;
  }

  /** Caption, aligned rows and what is left out, as plain text. */
  toString(): string {
    return [this.#caption, textOf(this.#columns), ...this.#notes]
      .filter((part) => part !== undefined).join("\n");
  }

  /** The same as an HTML table. */
  toHtml(): string {
    const row = (tag: "td" | "th", textOf: (column: Column) => string) => {
      const cells = this.#columns.map((column) =>
        `<${tag} style="text-align:${column.align}">${escapeHtml(textOf(column))}</${tag}>`
      );
      return `<tr>${cells.join("")}</tr>`;
    };
    const caption = this.#caption === undefined
      ? ""
      : `<caption style="text-align:left"><b>${escapeHtml(this.#caption)}</b></caption>`;
    const notes = this.#notes.map((note) => `<p>${escapeHtml(note)}</p>`).join("");
    const head = `<thead>${row("th", ({ heading }) => heading)}</thead>`;
    const rows = (this.#columns[0]?.texts ?? []).map((_, i) => row("td", ({ texts }) => texts[i]));
    // Where the page is too narrow, columns are scrolled to, not cut off.
    return `<div style="overflow-x:auto"><table>${caption}${head}<tbody>${rows.join("")}</tbody>` +
      `</table>${notes}</div>`;
  }

  /** The notebook's view. */
  [Symbol.for("Jupyter.display")](): MediaBundle {
    return { "text/html": this.toHtml(), "text/plain": this.toString() };
  }
}

function layOut(rows: readonly TableRow[], columns: readonly TableColumn[]): Column[] {
  return columns.map(({ key, label = key, align, format }) => {
    const values = rows.map((row) => row[key]);
    const numbers = values.filter(isNumeric).map(Number);
    const numeric = numbers.length > 0 &&
      values.every((value) => isNumeric(value) || value === null || value === undefined);
    return {
      heading: clean(label),
      align: align ?? (numeric ? "right" : "left"),
      texts: values.map(format ?? defaultFormat(numbers)).map(clean),
    };
  });
}

const isNumeric = (value: unknown): value is number | bigint =>
  typeof value === "number" || typeof value === "bigint";

function defaultFormat(numbers: readonly number[]): (value: unknown) => string {
  const format = numberFormat(numbers);
  return (value) => {
    if (value === null || value === undefined) return "–";
    if (typeof value === "number") return format(value);
    if (value instanceof Date) return value.toISOString();
    return typeof value === "object" ? JSON.stringify(value) : String(value);
  };
}

function clean(text: string): string {
  return text.replace(/\s+/g, " ").replace(/\p{Control}|\p{Surrogate}/gu, "\ufffd");
}

function textOf(columns: readonly Column[]): string {
  const length = (text: string) => [...text].length;
  const padded = columns.map(({ heading, align, texts }) => {
    const width = texts.reduce((most, text) => Math.max(most, length(text)), length(heading));
    return [heading, "-".repeat(width), ...texts].map((text) => {
      const space = " ".repeat(width - length(text));
      return align === "right" ? space + text : text + space;
    });
  });
  const lines = (padded[0] ?? []).map((_, i) => padded.map((texts) => texts[i]).join("  "));
  return lines.map((line) => line.trimEnd()).join("\n");
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
