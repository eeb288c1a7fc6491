/**
 * Attention mass per layer of Base, IN and RL, and how RL's differs from IN's.
 *
 * @module
 */
import type pl from "nodejs-polars";
import {
  drawChart,
  excludesZero,
  extentOf,
  type Figure,
  linearScale,
  peakLayers,
  peakOf,
  type Point,
  pointsOf,
  readRows,
  sampleSize,
  seriesNotes,
  type SeriesStyle,
} from "../../figures/mod.ts";
import { listText } from "../../list_text.ts";
import { shortPercentText, shortPointsText } from "../../number_format.ts";
import { type LayerFigureOptions, llmBands } from "../layer_bands.ts";
import { MODEL_STYLES, MODELS } from "../series_styles.ts";

/** Tokens that attention goes to, in the panels' order, as titles write them. */
const TARGETS = {
  visual: "visual tokens",
  question: "question tokens",
  system: "system tokens",
} as const;

/** Generated tokens that attention comes from, as subtitles write them. */
const SPANS = {
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

/** The style of each text. */
export const TEXT_STYLES: Readonly<Record<string, SeriesStyle>> = {
  own: { label: "each model's own text", color: "#117733", marker: "circle" },
  fixed: { label: "one fixed text", color: "#aa4499", marker: "square", dash: "5,2.5" },
  second: { label: "a second fixed text", color: "#dd7700", marker: "triangle", dash: "2,2" },
};

/** Options of {@linkcode attentionShiftFigure}. */
export interface AttentionShiftFigureOptions extends LayerFigureOptions {
  /** Which generated tokens attention comes from; "generated", all of them, by default. */
  span?: keyof typeof SPANS;
}

/** Options of {@linkcode attentionFigure}. */
export interface AttentionFigureOptions extends AttentionShiftFigureOptions {
  /** Which tokens attention goes to; "visual" by default. */
  target?: keyof typeof TARGETS;
}

const COLUMNS = {
  texts: { text: Object.keys(TEXTS), span: Object.keys(SPANS), target: Object.keys(TARGETS) },
  indices: { layer: 0 },
} as const;

/** A row of either frame, its difference or mass as `value`. */
interface LineRow {
  readonly panel: string;
  readonly line: string;
  readonly layer: number;
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly n: number | null;
}

/**
 * Share of attention that generated tokens give to visual (or question, or system) tokens, per LLM
 * layer, mean over heads, steps and prompts, of Base, IN and RL (paper, attention shift). One panel
 * for each model's own text and one for each fixed text, on which a difference is not one of the
 * text.
 *
 * @param frame One row per model ("Base", "IN", "RL"), text ("own", "fixed"), span ("generated",
 * "think", "answer"), target ("visual", "question", "system") and layer (LLM layer from 0) with n,
 * mass (0 to 1), low, high. Missing values are left out and named in a note.
 * @throws {TypeError} if a column is missing or of a wrong type, or holds an unknown name.
 * @throws {RangeError} if the frame is empty, has no row of the span and target, repeats a row, or
 * an option is out of range.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import pl from "nodejs-polars";
 *
 * const frame = pl.DataFrame([0.2, 0.1].map((mass, layer) => ({
 *   ...{ model: "Base", text: "own", span: "generated", target: "visual", layer, n: 20 },
 *   ...{ mass, low: mass - 0.05, high: mass + 0.05 },
 * })));
 * assertStringIncludes(attentionFigure(frame).alt, "Base is highest at layer 0 (20 %");
 * ```
 */
export function attentionFigure(frame: pl.DataFrame, options: AttentionFigureOptions = {}): Figure {
  const { target = "visual", span = "generated" } = options;
  const figure = "the attention figure";
  const all = readRows(frame, {
    ...{ figure, ...COLUMNS, texts: { model: MODELS, ...COLUMNS.texts } },
    source: "the frame of an attention measurement",
    measures: ["mass", "low", "high", "n"],
  });
  const rows = selectRows(all, { target, span }, figure).map((row): LineRow => (
    { ...row, panel: row.text, line: row.model, value: row.mass }
  ));
  const size = sampleSize(rows, "prompts");
  return lineFigure(rows, {
    ...{ frame, figure, options, headings: TEXTS, styles: MODEL_STYLES },
    title: `Attention to ${TARGETS[target]} by layer`,
    subtitle: `Share of attention from ${SPANS[span]} to ${TARGETS[target]}, mean ` +
      `over heads and steps${size === "" ? "" : `; ${size}`}.`,
    yLabel: "Share of attention (%)",
    name: (text, model) => `${model}, ${text} text`,
    describe: ({ label }, points) => {
      if (points.length === 0) return `${label} has no values`;
      const peak = peakOf(points);
      if (peak === undefined) return `${label} is zero in every layer`;
      const mean = points.reduce((sum, { value }) => sum + value, 0) / points.length;
      return `${label} is highest at ${peakLayers(points)} (${shortPercentText(peak.value)}; ` +
        `mean over layers ${shortPercentText(mean)})`;
    },
    separator: ", ",
  });
}

/**
 * Attention that RL's model gives to visual, question and system tokens less what IN's gives, per
 * LLM layer, on each model's own text and on one fixed text (paper, attention shift).
 *
 * @param frame One row per text ("own", "fixed"), span ("generated", "think", "answer"), target
 * ("visual", "question", "system") and layer (LLM layer from 0) with n, diff (RL - IN, -1 to 1), low,
 * high. Missing values are left out and named in a note.
 * @throws {TypeError} if a column is missing or of a wrong type, or holds an unknown name.
 * @throws {RangeError} if the frame is empty, has no row of the span, repeats a row, or an option is
 * out of range.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import pl from "nodejs-polars";
 *
 * const frame = pl.DataFrame([0.01, 0.05].map((diff, layer) => ({
 *   ...{ text: "own", span: "generated", target: "visual", layer, n: 20 },
 *   ...{ diff, low: diff - 0.02, high: diff + 0.02 },
 * })));
 * assertStringIncludes(attentionShiftFigure(frame).alt, "largest at layer 1 (+5.0 points)");
 * ```
 */
export function attentionShiftFigure(
  frame: pl.DataFrame,
  options: AttentionShiftFigureOptions = {},
): Figure {
  const { span = "generated" } = options;
  const figure = "the attention shift figure";
  const all = readRows(frame, {
    ...{ figure, ...COLUMNS },
    source: "the frame of an attention shift",
    measures: ["diff", "low", "high", "n"],
  });
  const rows = selectRows(all, { span }, figure).map((row): LineRow => (
    { ...row, panel: row.target, line: row.text, value: row.diff }
  ));
  const size = sampleSize(rows, "prompts");
  const headings = Object.entries(TARGETS).map(([target, label]) => [target, `To ${label}`]);
  return lineFigure(rows, {
    ...{ frame, figure, options, headings: Object.fromEntries(headings), styles: TEXT_STYLES },
    title: "Attention shift: RL less IN by layer",
    subtitle: `Share of attention from ${SPANS[span]}, mean over heads and steps: RL's ` +
      `model less IN's, in percentage points${size === "" ? "" : `; ${size}`}.`,
    yLabel: "RL − IN (points)",
    zeroLine: true,
    name: (target, text) => `${target}, ${text} text`,
    describe: ({ label }, points) => {
      if (points.length === 0) return `no values on ${label}`;
      const largest = points.reduce((best, point) =>
        Math.abs(point.value) > Math.abs(best.value) ? point : best
      );
      if (largest.value === 0) return `no difference on ${label}`;
      const certain = points.filter(excludesZero).length;
      return `on ${label} the difference is largest at layer ${largest.x} ` +
        `(${shortPointsText(largest.value)}), its interval excludes zero at ${certain} of ` +
        `${points.length} layers`;
    },
    separator: "; ",
  });
}

/** The rows that agree with a choice of span and target; checked. */
function selectRows<R extends Readonly<Record<"span" | "target", string>>>(
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

/** What a figure of lines over layers says and shows. */
interface LineFigureSpec {
  readonly frame: pl.DataFrame;
  readonly figure: string;
  readonly title: string;
  readonly subtitle: string;
  /** Headings of panels and styles of lines, in drawing order. */
  readonly headings: Readonly<Record<string, string>>;
  readonly styles: Readonly<Record<string, SeriesStyle>>;
  readonly yLabel: string;
  readonly zeroLine?: boolean;
  /** A panel's line, as a note names it. */
  readonly name: (panel: string, line: string) => string;
  /** What is seen of a line, and what stands between two of these. */
  readonly describe: (style: SeriesStyle, points: readonly Point[]) => string;
  readonly separator: string;
  readonly options: LayerFigureOptions;
}

function lineFigure(rows: readonly LineRow[], spec: LineFigureSpec): Figure {
  const { headings, styles, name, describe, options } = spec;
  const bands = llmBands(rows, { ...options, figure: spec.figure });
  const columns = { x: "layer", value: "value", low: "low", high: "high" };
  const panels = Object.entries(headings).map(([panel, heading]) => ({
    heading,
    series: Object.entries(styles).flatMap(([line, style]) => {
      const own = rows.filter((row) => row.panel === panel && row.line === line);
      return own.length === 0 ? [] : [{ style, points: pointsOf(own, columns, 100) }];
    }),
  })).filter(({ series }) => series.length > 0);
  const extent = panels.flatMap(({ series }) => series.flatMap(({ points }) => extentOf(points)));
  const named = (some: readonly LineRow[]) =>
    some.map(({ panel, line, layer }) => ({ series: name(panel, line), layer }));
  return drawChart({
    ...spec,
    interval: options.interval ?? "95 % bootstrap interval",
    panels: panels.map(({ heading, series }) => ({
      ...{ heading: [heading], bands, series, height: 240, zeroLine: spec.zeroLine },
      x: { domain: bands.domain, label: "LLM layer" },
      y: { ...linearScale(extent, { zero: true }), label: spec.yLabel },
    })),
    notes: seriesNotes(named(rows.filter(({ value }) => value === null)), {
      all: named(rows),
      order: Object.keys(headings).flatMap((panel) =>
        Object.keys(styles).map((line) => name(panel, line))
      ),
      reason: "no finite value",
    }),
    description: panels.map(({ heading, series }) => {
      const parts = series.map(({ style, points }) => describe(style, points));
      return `${heading}: ${parts.join(spec.separator)}.`;
    }).join(" "),
  });
}
