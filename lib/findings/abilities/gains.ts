/**
 * How much of RL's gain over IN other models keep.
 *
 * @module
 */
import { excludesZero } from "../../figures/mod.ts";
import { decimalText, signedText } from "../../number_format.ts";
import { ABILITY_TITLES, type AbilityPoints, type FindDifference } from "./ability_rows.ts";

/** RL's gain over IN, and how much of it each other model has. */
export interface Gain {
  /** In percentage points; null without a value of both. */
  readonly total: number | null;
  /** Whether the gain's paired interval includes 0. */
  readonly uncertain: boolean;
  /** Share of the gain by model, as the figure writes it. */
  readonly kept: ReadonlyMap<string, string>;
}

/** The gain, and each other model's share of it: (value - IN) / (RL - IN), where RL gains at all. */
export function gainOf({ ability, points }: AbilityPoints, difference: FindDifference): Gain {
  const value = (label: string) => points.find((point) => point.label === label)?.value;
  const [sft, rl] = [value("IN"), value("RL")];
  if (sft === undefined || rl === undefined) {
    return { total: null, uncertain: false, kept: new Map() };
  }
  const total = rl - sft;
  const found = difference({ label: "RL", reference: "IN", ability });
  const uncertain = found !== undefined && !excludesZero(found);
  const others = total > 0 ? points.filter(({ label }) => label !== "IN" && label !== "RL") : [];
  const kept = others.map(({ label, value }) => {
    const text = `${decimalText(Math.round(100 * (value - sft) / total), 0)} %`;
    return [label, uncertain ? `(${text})` : text] as const;
  });
  return { total, uncertain, kept: new Map(kept) };
}

/** What a reader must know of the shares. */
export function gainNotes({ ability }: AbilityPoints, { total, uncertain }: Gain): string[] {
  const title = ABILITY_TITLES[ability];
  if (total === null) return [`${title}: no gain of RL over IN, for want of a value of both.`];
  const points = `${signedText(total, 1)} points`;
  if (total <= 0) return [`${title}: RL does not gain over IN (${points}); none can be kept.`];
  return uncertain
    ? [`${title}: shares in parentheses are of a gain (${points}) whose own interval includes 0.`]
    : [];
}
