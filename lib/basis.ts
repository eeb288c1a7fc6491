/**
 * What a result rests on: which questions, from where, how many, and who graded the answers. It is
 * made once, where the questions are drawn, and goes with the result from its record's folder into
 * reports, frames, figures, tables and verdicts.
 *
 * @module
 */
import pl from "nodejs-polars";
import { z } from "zod";

/** Layout of a {@linkcode Basis}. */
export const basisSchema = z.strictObject({
  /** Name of the questions, e.g. "MathVista general-vqa". */
  benchmark: z.string(),
  /** Where they are from: "embedded", "hub", or a folder. */
  data: z.string(),
  n: z.int(),
  /** Who decided which answers are right: rules or a judge's name; null where nobody did. */
  grader: z.string().nullable(),
  /** Whose descriptions of images were shown: "dataset" or a model's name; null where none were. */
  describer: z.string().nullable(),
});

/** What a result rests on. */
export type Basis = z.infer<typeof basisSchema>;

/** The bases of a report's parts (abilities, tasks, data sets), by the part's name. */
export const basesSchema: z.ZodType<Bases> = z.record(z.string(), basisSchema);

/** The bases of a report's parts, by the part's name. */
export type Bases = Record<string, Basis>;

/** What is said of results that ask no questions. */
export const WEIGHTS_BASIS = "weights alone, no data set, nothing graded";

/**
 * A basis in words.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const basis = { benchmark: "MATH-500", data: "hub", n: 100, grader: "rules", describer: null };
 * assertEquals(basisText(basis), "MATH-500 as published, n = 100, graded by rules");
 * ```
 */
export function basisText({ benchmark, data, n, grader, describer }: Basis): string {
  const questions = data === "embedded"
    ? `embedded ${benchmark}`
    : data === "hub"
    ? `${benchmark} as published`
    : `${benchmark} of ${data}`;
  return [
    questions,
    `n = ${n}`,
    ...describer === null
      ? []
      : [`described by ${describer === "dataset" ? "the data set" : describer}`],
    grader === null ? "not graded" : `graded by ${grader}`,
  ].join(", ");
}

/** Several bases in words, each once. */
export function basisTexts(bases: Bases): string[] {
  return [...new Set(Object.values(bases).map(basisText))];
}

/** What a report says below its numbers of what they rest on. */
export function basisNote(bases: Bases): string {
  return `Data: ${basisTexts(bases).join("; ")}.`;
}

/** The column in which frames carry the basis of each row, in words. */
export const BASIS_COLUMN = "basis";

/** The frame with one basis, in words, in every row. */
export function withBasis(frame: pl.DataFrame, text: string): pl.DataFrame {
  const column = Array.from({ length: frame.height }, () => text);
  return frame.withColumns(pl.Series(BASIS_COLUMN, column, pl.Utf8));
}

/**
 * What a figure or table says below its frame of what it rests on; nothing where the frame has no
 * such column.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import pl from "nodejs-polars";
 *
 * const frame = pl.DataFrame({ layer: [0, 1], basis: ["GSM8K, n = 4", "GSM8K, n = 4"] });
 * assertEquals(basisNotes([frame]), ["Data: GSM8K, n = 4."]);
 * ```
 */
export function basisNotes(frames: readonly pl.DataFrame[]): string[] {
  const texts = frames.flatMap((frame) =>
    frame.columns.includes(BASIS_COLUMN)
      ? frame.getColumn(BASIS_COLUMN).toArray().filter((text) => typeof text === "string")
      : []
  );
  const unique = [...new Set(texts)];
  return unique.length === 0 ? [] : [`Data: ${unique.join("; ")}.`];
}
