/**
 * Attention shift: how much more attention RL's model gives than IN's, per layer.
 *
 * @module
 */
import type pl from "nodejs-polars";
import {
  ATTENTION_TARGETS,
  type AttentionSpan,
  type AttentionTarget,
  checkNames,
  readSelection,
  SPAN_LABELS,
  TARGET_LABELS,
} from "./attention_rows.ts";
import { linearScale } from "./axes.ts";
import { llmBands } from "./bands.ts";
import { composeFigure, contentWidth, panelWidth } from "./compose_figure.ts";
import type { Figure } from "./figure.ts";
import { intervalPanel } from "./interval_panel.ts";
import {
  excludesZero,
  extentOf,
  intervalPoints,
  type IntervalSeries,
  pointsText,
} from "./interval_points.ts";
import { intervalLegend, seriesLegend } from "./legend.ts";
import { seriesNotes } from "./notes.ts";
import { TEXT_STYLES, TEXTS } from "./series_styles.ts";
import { createDocument } from "./svg_document.ts";
import {
  llmLayersOf,
  readSweepRows,
  sampleSize,
  type SweepFigureOptions,
  type SweepRow,
} from "./sweep_rows.ts";

/** Options of {@linkcode attentionShiftFigure}. */
export interface AttentionShiftFigureOptions extends SweepFigureOptions {
  /** Which generated tokens attention comes from; "generated", all of them, by default. */
  span?: AttentionSpan;
}

const FIGURE = "the attention shift figure";
const DIFF = { value: "diff", low: "low", high: "high" } as const;
type ShiftRow = SweepRow<"text" | "span" | "target", "layer", "diff" | "low" | "high" | "n">;

/** The lines of both texts for one target, in percentage points. */
interface TargetLines {
  readonly target: AttentionTarget;
  readonly lines: readonly IntervalSeries[];
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
 * import pl from "nodejs-polars";
 *
 * const frame = pl.DataFrame([0.01, 0.05].map((diff, layer) => ({
 *   ...{ text: "own", span: "generated", target: "visual", layer, n: 20 },
 *   diff,
 *   low: diff - 0.02,
 *   high: diff + 0.02,
 * })));
 * console.log(attentionShiftFigure(frame).alt); // "... largest at layer 1 (+5.0 points) ..."
 * ```
 */
export function attentionShiftFigure(
  frame: pl.DataFrame,
  options: AttentionShiftFigureOptions = {},
): Figure {
  const { span = "generated" } = options;
  const selection = readSelection({ span }, FIGURE);
  const all: ShiftRow[] = readSweepRows(frame, {
    figure: FIGURE,
    source: "the frame of an attention shift",
    keys: ["text", "span", "target"],
    indices: ["layer"],
    measures: ["diff", "low", "high", "n"],
  });
  checkNames(all, FIGURE);
  const rows = selection.of(all);
  const bands = llmBands(llmLayersOf(rows, { ...options, figure: FIGURE }));
  const targets = ATTENTION_TARGETS.map((target) => ({ target, lines: linesOf(rows, target) }))
    .filter(({ lines }) => lines.length > 0);
  const texts = TEXTS.filter((text) => rows.some((row) => row.text === text));
  const scale = linearScale(
    targets.flatMap(({ lines }) => lines.flatMap(({ points }) => extentOf(points))),
    { zero: true },
  );
  const document = createDocument();
  const width = panelWidth(contentWidth(options), targets.length);
  const size = sampleSize(rows, "prompts");
  return composeFigure(document, {
    title: "Attention shift: RL less IN by layer",
    subtitle: `Share of attention from ${SPAN_LABELS[span]}, mean over heads and steps: RL's ` +
      `model less IN's, in percentage points${size === "" ? "" : `; ${size}`}.`,
    legend: [
      ...texts.map((text) => seriesLegend(TEXT_STYLES[text])),
      intervalLegend(
        options.interval ?? "95 % bootstrap interval",
        texts.map((text) => TEXT_STYLES[text].color),
      ),
    ],
    rows: [targets.map(({ target, lines }, i) =>
      intervalPanel(document, {
        series: lines,
        bands,
        scale,
        width,
        plotHeight: 230,
        heading: `To ${TARGET_LABELS[target]}`,
        zeroLine: true,
        xLabel: "LLM layer",
        ...(i === 0 ? { yLabel: "RL − IN (points)" } : {}),
      })
    )],
    notes: missingNotes(rows),
    description: targets.map(describeTarget).join(" "),
    options,
  });
}

function linesOf(rows: readonly ShiftRow[], target: AttentionTarget): IntervalSeries[] {
  return TEXTS.flatMap((text) => {
    const own = rows.filter((row) => row.text === text && row.target === target);
    if (own.length === 0) return [];
    return [{
      style: TEXT_STYLES[text],
      points: intervalPoints(own, { ...DIFF, factor: 100 }),
    }];
  });
}

function missingNotes(rows: readonly ShiftRow[]): string[] {
  const named = (some: readonly ShiftRow[]) =>
    some.map(({ text, target, layer }) => ({ series: `${target}, ${text} text`, layer }));
  return seriesNotes(named(rows.filter(({ diff }) => diff === null)), {
    all: named(rows),
    order: ATTENTION_TARGETS.flatMap((target) => TEXTS.map((text) => `${target}, ${text} text`)),
    reason: "no finite value",
  });
}

function describeTarget({ target, lines }: TargetLines): string {
  const parts = lines.map(({ style, points }) => {
    if (points.length === 0) return `no values on ${style.label}`;
    if (points.every(({ value }) => value === 0)) return `no difference on ${style.label}`;
    const largest = points.reduce((best, point) =>
      Math.abs(point.value) > Math.abs(best.value) ? point : best
    );
    const certain = points.filter(excludesZero).length;
    return `on ${style.label} the difference is largest at layer ${largest.layer} ` +
      `(${pointsText(largest.value)}), its interval excludes zero at ${certain} of ` +
      `${points.length} layers`;
  });
  return `To ${TARGET_LABELS[target]}: ${parts.join("; ")}.`;
}
