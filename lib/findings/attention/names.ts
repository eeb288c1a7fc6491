/**
 * Names in frames of attention measurements, and the choice of some of their rows.
 *
 * @module
 */
import { listText } from "../../list_text.ts";

/** Tokens that attention goes to, in the panels' order, as titles write them. */
export const TARGETS = {
  visual: "visual tokens",
  question: "question tokens",
  system: "system tokens",
} as const;

/** Generated tokens that attention comes from, as subtitles write them. */
export const SPANS = {
  generated: "all generated tokens",
  think: "the tokens inside <think>",
  answer: "the answer's tokens",
} as const;

/** Headings of the panels of either text. */
export const TEXTS: Readonly<Record<string, string>> = {
  own: "Each model's own text",
  fixed: "One fixed text for all models",
  second: "A second fixed text, by the other of IN and RL",
};

/** What the columns of names may hold, and the place of a row. */
export const COLUMNS = {
  texts: { text: Object.keys(TEXTS), span: Object.keys(SPANS), target: Object.keys(TARGETS) },
  indices: { layer: 0 },
} as const;

/**
 * The rows that agree with a choice of span and target.
 *
 * @throws {TypeError} if a name is unknown.
 * @throws {RangeError} if there are none; says which values the rows have.
 */
export function selectRows<R extends Readonly<Record<"span" | "target", string>>>(
  rows: readonly R[],
  choice: Readonly<Partial<Record<"span" | "target", string>>>,
  figure: string,
): R[] {
  const entries = Object.entries(choice) as ["span" | "target", string][];
  for (const [column, value] of entries) {
    const known = Object.keys(column === "span" ? SPANS : TARGETS);
    if (known.includes(value)) continue;
    throw new TypeError(
      `Cannot draw ${figure}: option ${column} is ${JSON.stringify(value)}, ` +
        `but ${known.join(", ")} are known`,
    );
  }
  const chosen = rows.filter((row) => entries.every(([column, value]) => row[column] === value));
  if (chosen.length > 0) return chosen;
  const wanted = entries.map(([column, value]) => `${column} ${value}`).join(" and ");
  const has = entries.map(([column]) =>
    `${column} ${listText(new Set(rows.map((row) => row[column])))}`
  ).join("; ");
  throw new RangeError(`Cannot draw ${figure}: no row has ${wanted} (the frame has ${has})`);
}
