/**
 * Rows of frames of abilities: values of several models, their differences, and which models stand
 * together.
 *
 * @module
 */
import { ABILITIES, type Ability } from "../abilities.ts";
import type pl from "nodejs-polars";
import { PAPER_SPLICES } from "../merging/mod.ts";
import type { FigureOptions } from "./compose_figure.ts";
import { readChoice } from "./frame_rows.ts";
import { MODELS } from "./series_styles.ts";
import { readSweepRows, sampleSize } from "./sweep_rows.ts";

/** Options of the figures of abilities. */
export interface AbilityFigureOptions extends FigureOptions {
  /** What the intervals are, for the legend; "95 % bootstrap interval" by default. */
  interval?: string;
}

/** Options of the figures that say which differences between models are certain. */
export interface AbilityComparisonOptions extends AbilityFigureOptions {
  /** Paired differences, from abilityDifferenceFrame: one frame, or one for each reference. */
  differences?: pl.DataFrame | readonly pl.DataFrame[];
}

/** A model's value with its interval, in percent or percentage points. */
export interface AbilityPoint {
  readonly label: string;
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
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

/** What a frame holds: models in drawing order, abilities in the paper's. */
export interface AbilityTable {
  readonly labels: readonly string[];
  /** "n = 100 samples an ability", or "". */
  readonly size: string;
  readonly abilities: readonly AbilityPoints[];
}

/** Models that stand together: a triple's, splices, RL with a part frozen, others. */
export type ModelGroup = "triple" | "splice" | "frozen" | "other";

const GROUPS: readonly ModelGroup[] = ["triple", "splice", "frozen", "other"];
const FROZEN = /frozen[ -](early|mid|late)(?:dle)?$/i;

/** Where a model stands: its group, and its place there; `other` ones stay as they come. */
function placeOf(label: string): readonly [ModelGroup, number] {
  const model = MODELS.findIndex((name) => name === label);
  if (model >= 0) return ["triple", model];
  const splice = PAPER_SPLICES.findIndex(({ name }) => name === label);
  if (splice >= 0) return ["splice", splice];
  const frozen = frozenBlock(label);
  return frozen === undefined ? ["other", 0] : ["frozen", frozen];
}

/** The block (0 early, 1 middle, 2 late) that RL left frozen, by a label as "frozen mid". */
export function frozenBlock(label: string): number | undefined {
  const block = FROZEN.exec(label)?.[1].toLowerCase();
  return block === undefined ? undefined : ["early", "mid", "late"].indexOf(block);
}

/** The group of a model. */
export function modelGroup(label: string): ModelGroup {
  return placeOf(label)[0];
}

/** Base, IN, RL, the paper's splices, frozen models, and others in the order given. */
export function orderModels(labels: readonly string[]): string[] {
  const rank = (label: string) => {
    const [group, place] = placeOf(label);
    return GROUPS.indexOf(group) * 100 + place;
  };
  return [...new Set(labels)].sort((a, b) => rank(a) - rank(b));
}

/** What a frame's values are called there. */
export interface AbilityFrameSpec {
  /** The figure, as an error names it. */
  readonly figure: string;
  /** "value" of abilityFrame, or "diff" of abilityDifferenceFrame against one reference. */
  readonly measure: "value" | "diff";
}

/** Percent of a share. */
function percent(share: number | null): number | null {
  return share === null ? null : 100 * share;
}

/**
 * Reads a frame with a row for each model and ability.
 *
 * @throws {TypeError} if a column is missing or of a wrong type, or an ability is unknown.
 * @throws {RangeError} if the frame is empty or has two rows for one model and ability.
 */
export function readAbilities(
  frame: pl.DataFrame,
  { figure, measure }: AbilityFrameSpec,
): AbilityTable {
  const rows = readSweepRows(frame, {
    figure,
    source: measure === "value" ? "abilityFrame(report)" : "abilityDifferenceFrame(report)",
    keys: ["label", "ability"],
    indices: [],
    measures: ["n", measure, "low", "high"],
  });
  for (const { ability } of rows) {
    readChoice(ability, { figure, column: "ability", known: ABILITIES });
  }
  const labels = orderModels(rows.map(({ label }) => label));
  return {
    labels,
    size: sampleSize(rows, "samples an ability"),
    abilities: ABILITIES.flatMap((ability) => {
      const own = rows.filter((row) => row.ability === ability);
      if (own.length === 0) return [];
      const points = labels.flatMap((label): AbilityPoint[] => {
        const row = own.find((known) => known.label === label);
        const value = percent(row?.[measure] ?? null);
        if (row === undefined || value === null) return [];
        return [{ label, value, low: percent(row.low), high: percent(row.high) }];
      });
      const missing = labels.filter((label) => !points.some((point) => point.label === label));
      return [{ ability, points, missing, size: sampleSize(own) }];
    }),
  };
}

/** A difference between two models, in percentage points. */
export type FindDifference = (
  pair: { label: string; reference: string; ability: Ability },
) => AbilityPoint | undefined;

/**
 * Reads paired differences; a pair that is there the other way round is turned.
 *
 * @throws {TypeError} if a column is missing or of a wrong type, or an ability is unknown.
 */
export function readDifferences(
  differences: AbilityComparisonOptions["differences"],
  figure: string,
): FindDifference {
  const frames = Array.isArray(differences)
    ? differences as readonly pl.DataFrame[]
    : differences === undefined
    ? []
    : [differences as pl.DataFrame];
  const rows = frames.filter((frame) => frame.height !== 0).flatMap((frame) =>
    readSweepRows(frame, {
      figure,
      source: "abilityDifferenceFrame(report) as differences",
      keys: ["label", "reference", "ability"],
      indices: [],
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
      ? { label, value: 100 * diff, low: percent(low), high: percent(high) }
      : { label, value: -100 * diff, low: minus(high), high: minus(low) };
  };
}
