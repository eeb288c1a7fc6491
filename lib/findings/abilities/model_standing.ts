/**
 * Where a model stands among others: which stand together, in which order, and whose layers each
 * third has.
 *
 * @module
 */
import { z } from "zod";
import {
  formatMergeExpression,
  type MergeExpression,
  type ModelRole,
  PAPER_SPLICES,
  REST_SPLICES,
  ROLE_LABELS,
} from "../../merging/mod.ts";
import { type Third, THIRDS } from "../../thirds.ts";

const GROUPS = ["triple", "splice", "frozen", "other"] as const;

/** Where a model stands. A report of an older suite does not say. */
export const standingShape = {
  group: z.enum(GROUPS).default("other"),
  /** By its order: Base, IN, RL, splices, frozen models, others. */
  place: z.int().default(300),
  /**
   * The early, middle and late one: "IN, RL, RL", "IN, IN + 0.25 RL, IN", "RL, RL, IN (frozen)"; null
   * where layers are taken otherwise.
   */
  thirds: z.string().nullable().default(null),
} as const;

/** The columns of {@linkcode ModelStanding}. */
export const STANDING_COLUMNS = { group: "string", place: "int", thirds: "string" } as const;

/** Where a model stands. */
export interface ModelStanding {
  group: typeof GROUPS[number];
  place: number;
  thirds: string | null;
}

function standing(
  group: typeof GROUPS[number],
  at: number,
  thirds: readonly string[] | null,
): ModelStanding {
  return { group, place: 100 * GROUPS.indexOf(group) + at, thirds: thirds?.join(", ") ?? null };
}

/** Any model of which nothing is known. */
export const OTHER_STANDING = standing("other", 0, null);

/** One of a triple. */
export function roleStanding(role: ModelRole): ModelStanding {
  const roles = Object.keys(ROLE_LABELS);
  return standing("triple", roles.indexOf(role), THIRDS.map(() => ROLE_LABELS[role]));
}

/** RL that was trained with a third frozen as IN has it. */
export function frozenStanding(frozen: Third): ModelStanding {
  const thirds = THIRDS.map((third) => third === frozen ? "IN (frozen)" : "RL");
  return standing("frozen", THIRDS.indexOf(frozen), thirds);
}

/**
 * A merge, by its parsed expression.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseMergeExpression } from "../../merging/mod.ts";
 *
 * const splice = parseMergeExpression("sft early 1/3 + rl middle 1/3 + rl late 1/3 layers");
 * assertEquals(mergeStanding(splice), { group: "splice", place: 100, thirds: "IN, RL, RL" });
 * ```
 */
export function mergeStanding(merge: MergeExpression): ModelStanding {
  const text = formatMergeExpression(merge);
  const at = [...PAPER_SPLICES, ...REST_SPLICES].findIndex(({ expression }) => expression === text);
  return standing(at < 0 ? "other" : "splice", Math.max(0, at), thirdsOf(merge));
}

function thirdsOf(merge: MergeExpression): string[] | null {
  const label = (model: string): string | undefined => ROLE_LABELS[model as ModelRole];
  if (merge.kind === "splice") {
    const thirds = merge.parts.flatMap(({ model, thirds }) => Array(thirds).fill(label(model)));
    return thirds.includes(undefined) ? null : thirds;
  }
  const { layers, change } = merge;
  const model = label(merge.model);
  if (model === undefined || !("region" in layers) || change.kind === "noise") return null;
  const donor = label(change.donor);
  if (donor === undefined) return null;
  const changed = change.kind === "replace" ? donor : `${model} + ${change.alpha} ${donor}`;
  return THIRDS.map((third) => [third, "all"].includes(layers.region) ? changed : model);
}
