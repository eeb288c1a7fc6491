/**
 * Abilities of models against those of IN and RL: what the figures of splices and of frozen models
 * have in common.
 *
 * @module
 */
import type pl from "nodejs-polars";
import {
  dotLegend,
  dotMarks,
  modelStyle,
  OTHER_STYLE,
  placesOf,
  referenceMarks,
  SPAN_FILL,
} from "./ability_dots.ts";
import { abilityRowFigure } from "./ability_row_figure.ts";
import type { TextColumn } from "./ability_row_panel.ts";
import {
  type AbilityComparisonOptions,
  type AbilityPoints,
  type FindDifference,
  readAbilities,
  readDifferences,
} from "./ability_rows.ts";
import { ABILITY_TITLES, missingNotes, nameList } from "./ability_texts.ts";
import { type AxisScale, linearScale } from "./axes.ts";
import type { Figure } from "./figure.ts";
import { excludesZero, extentOf } from "./interval_points.ts";
import { type LegendItem, swatchLegend } from "./legend.ts";
import { decimalText, signedText } from "../number_format.ts";

/** What a comparison says and shows. */
export interface ComparisonSpec {
  /** The figure, as an error names it. */
  readonly figure: string;
  readonly title: string;
  /** What the models are; the number of samples follows. */
  readonly subtitle: string;
  /** The model that the others' differences are from. */
  readonly reference: "IN" | "RL";
  /** Legend of the thirds. */
  readonly blocks: (labels: readonly string[]) => readonly LegendItem[];
  /** Whether the share of RL's gain that a model keeps is shown. */
  readonly gains: boolean;
  readonly options: AbilityComparisonOptions;
}

/** RL's gain over IN, and how much of it each other model has. */
interface Gain {
  /** In percentage points; null without a value of both. */
  readonly total: number | null;
  /** Whether the gain's paired interval includes 0; undefined where it is not known. */
  readonly uncertain?: boolean;
  readonly kept: ReadonlyMap<string, number>;
}

/** Draws the comparison. */
export function abilityComparison(frame: pl.DataFrame, spec: ComparisonSpec): Figure {
  const { figure, reference, options } = spec;
  const table = readAbilities(frame, { figure, measure: "value" });
  const difference = readDifferences(options.differences, figure);
  const compared = options.differences !== undefined;
  const gains = table.abilities.map((own) => gainOf(own, difference));
  const interval = options.interval ?? "95 % bootstrap interval";
  const includes = `difference from ${reference} includes 0`;
  return abilityRowFigure({
    frame,
    title: spec.title,
    subtitle: `${spec.subtitle}${table.size === "" ? "" : `; ${table.size}`}.`,
    legend: [
      ...spec.blocks(table.labels),
      swatchLegend("between IN and RL", [SPAN_FILL]),
      dotLegend(interval, { color: OTHER_STYLE.color }),
      ...(compared ? [dotLegend(includes, { color: OTHER_STYLE.color, hollow: true })] : []),
    ],
    labels: table.labels,
    panels: table.abilities.map((own, i) => {
      const references = own.points.filter(({ label }) => label === "IN" || label === "RL")
        .map(({ label, value }) => ({ value, style: modelStyle(label) }));
      const dots = own.points.map((point) => {
        const found = difference({ label: point.label, reference, ability: own.ability });
        const hollow = compared && point.label !== reference &&
          !(found !== undefined && excludesZero(found));
        return { ...point, hollow };
      });
      return {
        ...own,
        scale: percentScale(own),
        xLabel: "Share of samples (%)",
        columns: [valueColumn(own), ...(spec.gains ? [gainColumn(gains[i])] : [])],
        places: placesOf(references),
        marks: (layout) => [...referenceMarks(references), ...dotMarks(dots, layout)],
      };
    }),
    notes: [
      ...missingNotes(table.abilities),
      ...(compared ? unpairedNotes(table.abilities, { reference, difference }) : []),
      ...(spec.gains ? table.abilities.flatMap((own, i) => gainNotes(own, gains[i])) : []),
    ],
    description: table.abilities.map((own, i) => describe(own, spec.gains ? gains[i] : undefined))
      .join(" "),
    options,
  });
}

/** A note for each ability where a value has no paired difference from the reference. */
function unpairedNotes(
  abilities: readonly AbilityPoints[],
  { reference, difference }: { reference: string; difference: FindDifference },
): string[] {
  return abilities.flatMap(({ ability, points }) => {
    const names = points.map(({ label }) => label).filter((label) =>
      label !== reference && difference({ label, reference, ability }) === undefined
    );
    if (names.length === 0) return [];
    const title = ABILITY_TITLES[ability];
    return [`${title}: no difference from ${reference} of ${nameList(names)}; drawn hollow.`];
  });
}

/** An axis around the values, at least 10 % long; shares are from 0 to 100 %. */
function percentScale({ points }: AbilityPoints): AxisScale {
  const values = extentOf(points);
  const lowest = values.reduce((a, b) => Math.min(a, b), 100);
  const from = Math.min(lowest, 90);
  const scale = linearScale([...values, from, from + 10], { zero: false, ticks: 5 });
  return { ...scale, ticks: scale.ticks.filter((tick) => tick >= 0 && tick <= 100) };
}

function valueColumn({ points }: AbilityPoints): TextColumn {
  return {
    heading: "%",
    cells: new Map(points.map(({ label, value }) => [label, decimalText(value, 1)])),
  };
}

function gainOf({ ability, points }: AbilityPoints, difference: FindDifference): Gain {
  const value = (label: string) => points.find((point) => point.label === label)?.value;
  const [sft, rl] = [value("IN"), value("RL")];
  if (sft === undefined || rl === undefined) return { total: null, kept: new Map() };
  const total = rl - sft;
  const found = difference({ label: "RL", reference: "IN", ability });
  const others = total > 0 ? points.filter(({ label }) => label !== "IN" && label !== "RL") : [];
  return {
    total,
    ...(found === undefined ? {} : { uncertain: !excludesZero(found) }),
    kept: new Map(others.map((point) => [point.label, 100 * (point.value - sft) / total])),
  };
}

function gainText(gain: Gain, label: string): string {
  const kept = gain.kept.get(label);
  if (kept === undefined) return "–";
  const text = `${decimalText(Math.round(kept), 0)} %`;
  return gain.uncertain ? `(${text})` : text;
}

function gainColumn(gain: Gain): TextColumn {
  return {
    heading: "gain kept",
    cells: new Map([...gain.kept.keys()].map((label) => [label, gainText(gain, label)])),
  };
}

function gainNotes({ ability }: AbilityPoints, { total, uncertain }: Gain): string[] {
  const title = ABILITY_TITLES[ability];
  if (total === null) return [`${title}: no gain of RL over IN, for want of a value of both.`];
  if (total <= 0) {
    return [
      `${title}: RL does not gain over IN (${signedText(total, 1)} points); none can be kept.`,
    ];
  }
  return uncertain
    ? [
      `${title}: shares in parentheses are of a gain (${
        signedText(total, 1)
      } points) whose own interval ` +
      "includes 0.",
    ]
    : [];
}

function describe({ ability, points }: AbilityPoints, gain?: Gain): string {
  if (points.length === 0) return `${ABILITY_TITLES[ability]}: no values to draw.`;
  const parts = points.map(({ label, value }) => {
    const certain = gain !== undefined && !gain.uncertain && gain.kept.has(label);
    const kept = certain ? ` (keeps ${gainText(gain, label)} of RL's gain)` : "";
    return `${label} ${decimalText(value, 1)} %${kept}`;
  });
  return `${ABILITY_TITLES[ability]}: ${parts.join(", ")}.`;
}
