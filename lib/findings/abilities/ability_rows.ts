/**
 * Rows of frames of abilities: values of several models, their differences, and the rows of figures
 * that have a model in each.
 *
 * @module
 */
import type pl from "nodejs-polars";
import { ABILITIES, type Ability, ABILITY_METRICS } from "../../abilities.ts";
import {
  type Block,
  blockLegend,
  type FigureOptions,
  type Interval,
  type LegendItem,
  phrase,
  readRows,
  type Row,
  type RowSpec,
  sampleSize,
} from "../../figures/mod.ts";
import { type Model, MODEL_STYLES } from "../series_styles.ts";

/** Options of the figures of abilities. */
export interface AbilityFigureOptions extends FigureOptions {
  /** What the intervals are, for the legend, e.g. "95 % exact interval". */
  interval?: string;
}

/** Options of the figures that say which differences between models are certain. */
export interface AbilityComparisonOptions extends AbilityFigureOptions {
  /** Paired differences, from abilityDifferenceFrame: one frame, or one for each reference. */
  differences?: pl.DataFrame | readonly pl.DataFrame[];
}

/** A model's value with its interval, in percent or percentage points. */
export interface AbilityPoint extends Interval {
  readonly label: string;
}

/** One ability of all models. */
export interface AbilityPoints {
  readonly ability: Ability;
  /** By the models' order; those without a value are left out. */
  readonly points: readonly AbilityPoint[];
  /** Models that the frame has no value of. */
  readonly missing: readonly string[];
  /** "n = 100", or "". */
  readonly size: string;
}

/** Abilities as headings write them. */
export const ABILITY_TITLES: Readonly<Record<Ability, string>> = {
  perception: "Perception",
  alignment: "Alignment",
  reasoning: "Reasoning",
};

const COUNTED: Readonly<Record<Ability, string>> = {
  perception: "right with the image and wrong with a black one",
  alignment: "right with the image and with its description instead",
  reasoning: "right on the question alone",
};

/** Heading of an ability's panel: its name and measure, how many samples, what counts. */
export function abilityHeading(
  { ability, size }: Pick<AbilityPoints, "ability" | "size">,
  counted = COUNTED[ability],
): { heading: string[]; text: string } {
  const metric = ABILITY_METRICS[ability];
  return {
    heading: [`${ABILITY_TITLES[ability]} (${metric})`, metric],
    text: phrase(size, counted),
  };
}

/** Columns that say where a model stands, and which layers it has; a frame may lack them. */
export const MODEL_TEXTS = { label: null, group: null, thirds: null } as const;
/** Those of {@linkcode MODEL_TEXTS} and `place` that a frame may lack. */
export const OPTIONAL = ["group", "thirds", "place"] as const;

/** The models of some rows, in the order of their place, each as a row of a figure. */
export function modelRows(
  rows: readonly Row<"label" | "group" | "thirds", never, "place">[],
): RowSpec[] {
  const all = new Map(
    rows.toSorted((a, b) => (a.place ?? 0) - (b.place ?? 0))
      .map((row) => [row.label, row]),
  );
  // Where all thirds are alike in every model there is nothing that its name does not say.
  const differ = [...all.values()].some(({ thirds }) => new Set(thirds?.split(", ")).size > 1);
  return [...all.values()].map(({ label, group, thirds }) => ({
    key: label,
    label,
    ...(group === null ? {} : { group }),
    ...(differ && thirds !== null ? { blocks: thirds.split(", ").map(blockOf) } : {}),
  }));
}

/** Names over the blocks. */
export const BLOCK_HEADINGS = ["early", "mid", "late"];

/** A third as the column writes it: "IN", "IN + 0.25 RL", "IN (frozen)". */
function blockOf(third: string): Block {
  const [, model, share, donor, frozen] =
    /^(\w+)(?: \+ ([\d.]+) (\w+))?( \(frozen\))?$/.exec(third) ?? [];
  const part = (text: string, of: number) => (
    { text, color: MODEL_STYLES[text as Model]?.color ?? "#000000", share: of }
  );
  const parts = donor === undefined
    ? [part(model, 1)]
    : [part(model, 1 - Number(share)), part(donor, Number(share))];
  return { parts, framed: frozen !== undefined };
}

/** Legend of the blocks that some rows have, the frozen ones last. */
export function blocksLegend(
  rows: readonly RowSpec[],
  words: (model: string, frozen: boolean) => string,
): LegendItem[] {
  const kinds = new Map(
    rows.flatMap(({ blocks = [] }) => blocks).map(({ parts: [part], framed = false }) =>
      [words(part.text, framed), { parts: [{ ...part, share: 1 }], framed }] as const
    ),
  );
  const rank = ({ parts, framed }: Block) =>
    (framed ? 10 : 0) + Object.keys(MODEL_STYLES).indexOf(parts[0].text);
  return [...kinds].sort(([, a], [, b]) => rank(a) - rank(b))
    .map(([label, block]) => blockLegend(label, block));
}

/** Names in a sentence; of many the first few. */
export function nameList(names: readonly string[]): string {
  const shown = names.length > 5 ? names.slice(0, 4) : names;
  const rest = names.length - shown.length;
  return shown.join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}

/** A note for each ability that lacks a model's value. */
export function missingNotes(
  abilities: readonly Pick<AbilityPoints, "ability" | "missing">[],
): string[] {
  return abilities.filter(({ missing }) => missing.length > 0).map(({ ability, missing }) =>
    `${ABILITY_TITLES[ability]}: no value of ${nameList(missing)}; not drawn.`
  );
}

/** Percent of a share. */
const percent = (share: number | null) => share === null ? null : 100 * share;

/**
 * Reads a frame with a row for each model and ability: `measure` is "value" of abilityFrame, or
 * "diff" of abilityDifferenceFrame against one reference.
 *
 * @throws {TypeError} if a column is missing or of a wrong type, or an ability is unknown.
 * @throws {RangeError} if the frame is empty or has two rows for one model and ability.
 */
export function readAbilities(
  frame: pl.DataFrame,
  { figure, measure }: { figure: string; measure: "value" | "diff" },
): { models: RowSpec[]; size: string; abilities: AbilityPoints[] } {
  const rows = readRows(frame, {
    figure,
    source: measure === "value" ? "abilityFrame(report)" : "abilityDifferenceFrame(report)",
    texts: { ...MODEL_TEXTS, ability: ABILITIES },
    indices: {},
    measures: ["n", measure, "low", "high", "place"],
    optional: OPTIONAL,
  });
  const models = modelRows(rows);
  return {
    models,
    size: sampleSize(rows, "samples an ability"),
    abilities: ABILITIES.flatMap((ability) => {
      const own = rows.filter((row) => row.ability === ability);
      if (own.length === 0) return [];
      const points = models.flatMap(({ key }): AbilityPoint[] => {
        const row = own.find(({ label }) => label === key);
        const value = percent(row?.[measure] ?? null);
        if (row === undefined || value === null) return [];
        return [{ label: key, value, low: percent(row.low), high: percent(row.high) }];
      });
      const missing = models.map(({ key }) => key)
        .filter((key) => !points.some(({ label }) => label === key));
      return [{ ability, points, missing, size: sampleSize(own) }];
    }),
  };
}

/** A difference between two models, in percentage points. */
export type FindDifference = (
  pair: { label: string; reference: string; ability: Ability },
) => Interval | undefined;

/**
 * Reads paired differences; a pair that is there the other way round is turned.
 *
 * @throws {TypeError} if a column is missing or of a wrong type, or an ability is unknown.
 */
export function readDifferences(
  differences: AbilityComparisonOptions["differences"],
  figure: string,
): FindDifference {
  const frames = [differences ?? []].flat() as pl.DataFrame[];
  const rows = frames.filter((frame) => frame.height !== 0).flatMap((frame) =>
    readRows(frame, {
      figure,
      source: "abilityDifferenceFrame(report) as differences",
      texts: { reference: null, label: null, ability: ABILITIES },
      indices: {},
      measures: ["diff", "low", "high"],
    })
  );
  return ({ label, reference, ability }) => {
    const find = (a: string, b: string) =>
      rows.find((row) => row.label === a && row.reference === b && row.ability === ability);
    const row = find(label, reference);
    const turned = row === undefined ? find(reference, label) : undefined;
    const { diff, low, high } = row ?? turned ?? { diff: null, low: null, high: null };
    if (diff === null) return undefined;
    const minus = (value: number | null) => value === null ? null : -100 * value;
    return turned === undefined
      ? { value: 100 * diff, low: percent(low), high: percent(high) }
      : { value: -100 * diff, low: minus(high), high: minus(low) };
  };
}
