/**
 * Polars frames from rows, with declared columns: inferred types lose values where a column starts
 * with many nulls.
 *
 * @module
 */
import pl from "nodejs-polars";

/** What a column holds; null is allowed in each. */
export type ColumnType = "string" | "int" | "float";

const POLARS_TYPES = { string: pl.Utf8, int: pl.Int32, float: pl.Float64 } as const;

/**
 * Makes a frame with exactly the declared columns, in their order.
 *
 * @param rows Objects with a field for each column; a missing field is null.
 * @param columns Column name -> what it holds.
 */
export function frameOf<C extends string>(
  rows: readonly Partial<Record<C, string | number | null>>[],
  columns: Readonly<Record<C, ColumnType>>,
): pl.DataFrame {
  return pl.DataFrame(
    (Object.entries(columns) as [C, ColumnType][]).map(([name, type]) =>
      pl.Series(name, rows.map((row) => row[name] ?? null), POLARS_TYPES[type])
    ),
  );
}
