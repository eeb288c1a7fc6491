/**
 * Reading a figure's columns out of a Polars frame, checked.
 *
 * @module
 */
import type pl from "nodejs-polars";
import { listText } from "../list_text.ts";

/** The columns that a figure needs, and who makes such a frame. */
export interface RowsSpec<T extends string, I extends string, M extends string> {
  /** The figure, as an error names it: "the energy figure". */
  readonly figure: string;
  /** What makes a fitting frame: "energySummaryFrame(report)". */
  readonly source: string;
  /** Columns of text, and what each may hold; null is anything. */
  readonly texts: Readonly<Record<T, readonly string[] | null>>;
  /** Columns of whole numbers, and the smallest that each may hold. */
  readonly indices: Readonly<Record<I, number>>;
  /** Columns of numbers that may be missing: null, NaN and infinities are read as null. */
  readonly measures: readonly M[];
  /** Columns of `texts` and `measures` that a frame need not have; their cells are then null. */
  readonly optional?: readonly NoInfer<T | M>[];
  /** What stands in a column of `texts` that a frame need not have. */
  readonly defaults?: Readonly<Partial<Record<NoInfer<T>, string>>>;
  /** A column of `indices` without which a row is left out. */
  readonly skipWithout?: NoInfer<I>;
  /** Whether rows may agree in all texts and indices; they may not by default. */
  readonly repeats?: boolean;
}

/** One row. */
export type Row<T extends string, I extends string, M extends string> =
  & Readonly<Record<T, string>>
  & Readonly<Record<I, number>>
  & Readonly<Record<M, number | null>>;

/**
 * The frame's rows with the columns of `spec`, ordered by their indices.
 *
 * @throws {TypeError} if it is not a frame, a column is missing, of a wrong type, or holds what it
 * may not.
 * @throws {RangeError} if there are no rows, or two for one place.
 */
export function readRows<T extends string, I extends string, M extends string>(
  frame: pl.DataFrame,
  spec: RowsSpec<T, I, M>,
): Row<T, I, M>[] {
  const { figure, source, measures, optional = [], defaults = {} } = spec;
  const [texts, indices] = [Object.keys(spec.texts) as T[], Object.keys(spec.indices) as I[]];
  const unfit = (why: string) => `Cannot draw ${figure}: ${why}; pass ${source}`;
  const columns: unknown = frame?.columns;
  if (!Array.isArray(columns)) throw new TypeError(unfit("not a Polars frame"));
  if (frame.height === 0) throw new RangeError(`${unfit("the frame has no rows")} of a report`);
  const missing = [...indices, ...measures, ...texts].filter((name) =>
    !columns.includes(name) && !(optional as readonly string[]).includes(name) &&
    !Object.hasOwn(defaults, name)
  );
  if (missing.length > 0) {
    const has = `(it has ${listText(columns)})`;
    throw new TypeError(unfit(`the frame has no column ${listText(missing)} ${has}`));
  }
  const refuse = (column: string, value: unknown, wanted: string) =>
    new TypeError(unfit(`column ${column} holds ${value}, but ${wanted}`));
  const rows = Array.from({ length: frame.height }, () => ({})) as Record<string, unknown>[];
  const fill = (name: string, read: (value: unknown) => unknown) => {
    const cells = columns.includes(name) ? frame.getColumn(name).toArray() : [];
    for (const [i, row] of rows.entries()) row[name] = read(cells[i] ?? null);
  };
  for (const name of [...indices, ...measures]) {
    fill(name, (value) => {
      if (value === null) return null;
      if (typeof value !== "number" && typeof value !== "bigint") {
        throw refuse(name, JSON.stringify(String(value)), "numbers are needed");
      }
      return Number.isFinite(Number(value)) ? Number(value) : null;
    });
  }
  for (const name of texts) {
    if (!columns.includes(name) && Object.hasOwn(defaults, name)) {
      fill(name, () => (defaults as Partial<Record<T, string>>)[name]);
      continue;
    }
    fill(name, (value) => {
      if (value === null ? optional.includes(name) : typeof value === "string") return value;
      throw refuse(name, value && JSON.stringify(String(value)), "text is needed");
    });
  }
  const kept = rows.filter((row) =>
    spec.skipWithout === undefined || row[spec.skipWithout] !== null
  );
  const seen = new Set<string>();
  for (const row of kept) {
    for (const name of texts) {
      const known = spec.texts[name];
      if (known === null || known.includes(row[name] as string)) continue;
      const quoted = known.map((word) => JSON.stringify(word));
      const choices = [quoted.slice(0, -1).join(", "), quoted.at(-1)].filter(Boolean).join(" or ");
      throw refuse(name, JSON.stringify(row[name]), `${choices} is needed`);
    }
    for (const name of indices) {
      const lowest = spec.indices[name];
      const value = row[name] as number | null;
      if (value !== null && Number.isInteger(value) && value >= lowest && value <= 10_000) continue;
      throw refuse(name, value, `a whole number from ${lowest} to 10000 is needed`);
    }
    const place = [...texts.filter((name) => !optional.includes(name)), ...indices]
      .map((name) => `${name} ${row[name]}`).join(", ");
    if (seen.has(place) && !spec.repeats) {
      throw new RangeError(unfit(`two rows for ${place}`));
    }
    seen.add(place);
  }
  return kept.sort((a, b) => {
    const index = indices.find((name) => a[name] !== b[name]);
    return index === undefined ? 0 : Number(a[index]) - Number(b[index]);
  }) as Row<T, I, M>[];
}

/** "`n = 50`", "`n = 38 to 50`", or "" where no row says it; `unit` follows the number. */
export function sampleSize(
  rows: readonly { readonly n: number | null }[],
  unit = "",
): string {
  const counts = rows.flatMap(({ n }) => n === null ? [] : [n]);
  if (counts.length === 0) return "";
  const low = counts.reduce((a, b) => Math.min(a, b));
  const high = counts.reduce((a, b) => Math.max(a, b));
  const range = low === high ? `${low}` : `${low} to ${high}`;
  return unit === "" ? `n = ${range}` : `n = ${range} ${unit}`;
}
