/**
 * Whose layers a model has in its early, middle and late third, as far as its label says.
 *
 * @module
 */
import { isMergeExpression, parseMergeExpression } from "../merging/mod.ts";
import { frozenBlock } from "./ability_rows.ts";
import { type Model, MODELS } from "./series_styles.ts";
import { THIRDS } from "../thirds.ts";

/** A third of a model's layers. */
export interface Block {
  /** Whose weights these are. */
  readonly model: Model;
  /** What is blended into them, and its share. */
  readonly blend?: { readonly model: Model; readonly share: number };
  /** Kept as IN left them while RL trained the others. */
  readonly frozen?: boolean;
}

/** The early, middle and late third. */
export type Blocks = readonly [Block, Block, Block];

const ROLES: Readonly<Record<string, Model>> = { base: "Base", sft: "IN", rl: "RL" };

/**
 * The thirds of a model called "IN", "IN:RL:RL", "frozen mid" or by a merge expression over thirds
 * of Base, IN and RL; undefined for any other, as one whose layers are taken by number.
 *
 * @example
 * ```ts
 * const [early, middle] = blocksOf("IN:RL:RL")!;
 * console.log(early.model, middle.model); // IN RL
 * ```
 */
export function blocksOf(label: string): Blocks | undefined {
  const names = label.split(":");
  const models = (names.length === 1 ? Array(3).fill(label) : names)
    .flatMap((name) => MODELS.filter((model) => model === name));
  if (models.length === 3 && (names.length === 3 || names.length === 1)) {
    return asBlocks(models.map((model) => ({ model })));
  }
  const frozen = frozenBlock(label);
  if (frozen !== undefined) {
    return asBlocks(
      THIRDS.map((_, i) => i === frozen ? { model: "IN", frozen: true } : { model: "RL" }),
    );
  }
  return isMergeExpression(label) ? mergedBlocks(label) : undefined;
}

function asBlocks(blocks: readonly Block[]): Blocks {
  return [blocks[0], blocks[1], blocks[2]];
}

function mergedBlocks(expression: string): Blocks | undefined {
  let merge;
  try {
    merge = parseMergeExpression(expression);
  } catch {
    // A label may name what only its recipe knows; it is then shown in words alone.
    return undefined;
  }
  if (merge.kind === "splice") {
    const models = merge.parts.flatMap(({ model, thirds }) => Array(thirds).fill(ROLES[model]));
    return models.includes(undefined) ? undefined : asBlocks(models.map((model) => ({ model })));
  }
  const { layers, change } = merge;
  const model = ROLES[merge.model];
  if (model === undefined || !("region" in layers) || change.kind === "noise") return undefined;
  const donor = ROLES[change.donor];
  if (donor === undefined) return undefined;
  const changed: Block = change.kind === "replace"
    ? { model: donor }
    : { model, blend: { model: donor, share: change.alpha } };
  return asBlocks(THIRDS.map((region) => region === layers.region ? changed : { model }));
}
