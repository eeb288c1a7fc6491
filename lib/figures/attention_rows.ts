/**
 * Names in frames of attention measurements, and the choice of some of their rows.
 *
 * @module
 */
import { listText } from "../list_text.ts";
import { readChoice } from "./frame_rows.ts";
import { type AttentionText, TEXTS } from "./series_styles.ts";

/** Tokens that attention goes to, in the panels' order. */
export const ATTENTION_TARGETS = ["visual", "question", "system"] as const;
/** Tokens that attention goes to. */
export type AttentionTarget = typeof ATTENTION_TARGETS[number];

/** Generated tokens that attention comes from: all, those inside `<think>`, the answer's. */
const ATTENTION_SPANS = ["generated", "think", "answer"] as const;
/** Generated tokens that attention comes from. */
export type AttentionSpan = typeof ATTENTION_SPANS[number];

/** Targets as titles write them. */
export const TARGET_LABELS: Readonly<Record<AttentionTarget, string>> = {
  visual: "visual tokens",
  question: "question tokens",
  system: "system tokens",
};

/** Spans as subtitles write them. */
export const SPAN_LABELS: Readonly<Record<AttentionSpan, string>> = {
  generated: "all generated tokens",
  think: "the tokens inside <think>",
  answer: "the answer's tokens",
};

/** Headings of the panels of either text. */
export const TEXT_HEADINGS: Readonly<Record<AttentionText, string>> = {
  own: "Each model's own text",
  fixed: "One fixed text for all models",
};

/** The rows of a frame that a figure draws. */
export interface Selection {
  /**
   * The rows that agree.
   *
   * @throws {RangeError} if there are none; says which values the rows have.
   */
  of<R extends Readonly<Record<string, unknown>>>(rows: readonly R[]): R[];
}

/**
 * Checks a choice of target and span, which options give.
 *
 * @throws {TypeError} if a name is unknown.
 */
export function readSelection(
  choice: { target?: string; span?: string },
  figure: string,
): Selection {
  const known = { target: ATTENTION_TARGETS, span: ATTENTION_SPANS };
  const entries = (["target", "span"] as const).flatMap((column) => {
    const value = choice[column];
    if (value === undefined) return [];
    if (!(known[column] as readonly string[]).includes(value)) {
      throw new TypeError(
        `Cannot draw ${figure}: option ${column} is ${JSON.stringify(value)}, ` +
          `but ${known[column].join(", ")} are known`,
      );
    }
    return [[column, value] as const];
  });
  return {
    of(rows) {
      const chosen = rows.filter((row) =>
        entries.every(([column, value]) => row[column] === value)
      );
      if (chosen.length > 0) return chosen;
      const wanted = entries.map(([column, value]) => `${column} ${value}`).join(" and ");
      const has = entries.map(([column]) =>
        `${column} ${listText(new Set(rows.map((row) => String(row[column]))))}`
      ).join("; ");
      throw new RangeError(`Cannot draw ${figure}: no row has ${wanted} (the frame has ${has})`);
    },
  };
}

/** Checks the names that a row's cells hold; columns that the row lacks are skipped. */
export function checkNames(
  rows: readonly { readonly text: string; readonly span?: string; readonly target?: string }[],
  figure: string,
): void {
  for (const row of rows) {
    readChoice(row.text, { figure, column: "text", known: TEXTS });
    if (row.span !== undefined) {
      readChoice(row.span, { figure, column: "span", known: ATTENTION_SPANS });
    }
    if (row.target !== undefined) {
      readChoice(row.target, { figure, column: "target", known: ATTENTION_TARGETS });
    }
  }
}
