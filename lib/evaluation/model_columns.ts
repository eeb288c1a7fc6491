/**
 * What a frame says of a model besides its label: which models stand together, in which order, and
 * whose layers each third has.
 *
 * @module
 */
import {
  isMergeExpression,
  PAPER_SPLICES,
  parseMergeExpression,
  REST_SPLICES,
} from "../merging/mod.ts";
import { THIRDS } from "../thirds.ts";

const TRIPLE = ["Base", "IN", "RL"];
const ROLES: Readonly<Record<string, string>> = { base: "Base", sft: "IN", rl: "RL" };
const FROZEN = /frozen[ -](early|mid|late)(?:dle)?$/i;
const GROUPS = ["triple", "splice", "frozen", "other"] as const;

/** The columns that frames of abilities have for {@linkcode modelColumns}. */
export const MODEL_COLUMNS = { group: "string", place: "int", thirds: "string" } as const;

/**
 * Columns of a model: `group` ("triple", "splice", "frozen" or "other"), `place` (its order: Base, IN,
 * RL, splices, frozen models, others), and `thirds`, the early, middle and late one:
 * "IN, RL, RL", "IN, IN + 0.25 RL, IN", "RL, RL, IN (frozen)"; null where layers are taken otherwise.
 *
 * @param label "RL", "IN:RL:RL", "frozen mid", or any name.
 * @param name A reference or a merge expression.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(modelColumns("IN:RL:RL"), { group: "splice", place: 100, thirds: "IN, RL, RL" });
 * assertEquals(modelColumns("gpt-4o-mini"), { group: "other", place: 300, thirds: null });
 * ```
 */
export function modelColumns(
  label: string,
  name: string = label,
): { group: typeof GROUPS[number]; place: number; thirds: string | null } {
  const triple = TRIPLE.indexOf(label);
  const splice = [...PAPER_SPLICES, ...REST_SPLICES].findIndex(({ name }) => name === label);
  const frozen = ["early", "mid", "late"].indexOf(FROZEN.exec(label)?.[1].toLowerCase() ?? "");
  const places = [triple, splice, frozen];
  const group = places.findIndex((place) => place >= 0);
  const at = group < 0 ? GROUPS.length - 1 : group;
  return {
    group: GROUPS[at],
    place: 100 * at + (places[at] ?? 0),
    thirds: (thirdsOf(label, frozen) ?? thirdsOf(name, frozen))?.join(", ") ?? null,
  };
}

function thirdsOf(label: string, frozen: number): string[] | undefined {
  const names = label.replace(/, rest (?:IN|RL)$/, "").split(":");
  if ([1, 3].includes(names.length) && names.every((name) => TRIPLE.includes(name))) {
    return names.length === 3 ? names : THIRDS.map(() => label);
  }
  if (frozen >= 0) return THIRDS.map((_, i) => i === frozen ? "IN (frozen)" : "RL");
  return isMergeExpression(label) ? mergedThirds(label) : undefined;
}

function mergedThirds(expression: string): string[] | undefined {
  let merge;
  try {
    merge = parseMergeExpression(expression);
  } catch {
    // A label may name what only its recipe knows; it is then shown in words alone.
    return undefined;
  }
  if (merge.kind === "splice") {
    const thirds = merge.parts.flatMap(({ model, thirds }) => Array(thirds).fill(ROLES[model]));
    return thirds.includes(undefined) ? undefined : thirds;
  }
  const { layers, change } = merge;
  const model = ROLES[merge.model];
  if (model === undefined || !("region" in layers) || change.kind === "noise") return undefined;
  const donor = ROLES[change.donor];
  if (donor === undefined) return undefined;
  const changed = change.kind === "replace" ? donor : `${model} + ${change.alpha} ${donor}`;
  return THIRDS.map((third) => [third, "all"].includes(layers.region) ? changed : model);
}
