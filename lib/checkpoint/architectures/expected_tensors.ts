/**
 * The tensors that a checkpoint must have, by its config, and their order.
 *
 * @module
 */
import { listText } from "../../list_text.ts";
import type { Architecture, Dimension, TensorTable } from "./architecture.ts";
import type { Checkpoint } from "../checkpoint.ts";
import { type CheckpointConfig, describeField } from "../config.ts";
import { BLOCKS, LAYERS, VISION } from "../tensor_place.ts";

/** Dimensions by canonical tensor name. */
export type ExpectedTensors = ReadonlyMap<string, readonly Dimension[]>;

/**
 * All tensors of a checkpoint, vision encoder and language model.
 *
 * @param config With fields that the family's schemas take.
 * @param options.hasHead Whether there is a head of its own, default unless the config ties it.
 */
export function expectedTensors(
  { tensors, dimensions }: Architecture,
  config: CheckpointConfig,
  { hasHead = !config.text.tie_word_embeddings } = {},
): ExpectedTensors {
  const sizes = dimensions(config);
  const expected = new Map<string, readonly Dimension[]>();
  const add = (prefix: string, table: TensorTable) => {
    for (const [name, ...names] of Object.values(table)) {
      expected.set(prefix + name, names.map((name) => sizes[name]));
    }
  };
  const { patches, block, merger, embedding, layer, finalNorm, head } = tensors;
  add(VISION, patches);
  for (let i = 0; i < config.visionDepth; i++) add(`${BLOCKS}${i}.`, block);
  add(`${VISION}merger.`, merger);
  add("", { embedding });
  for (let i = 0; i < config.numLlmLayers; i++) add(`${LAYERS}${i}.`, layer);
  add("", hasHead ? { finalNorm, head } : { finalNorm });
  return expected;
}

/** Fields and tensors that disagree, one line for all tensors that disagree in the same way. */
function disagreements(checkpoint: Checkpoint, expected: ExpectedTensors): string[] {
  const wrong = new Map<string, { count: number; words: string }>();
  for (const [name, dimensions] of expected) {
    const shape = checkpoint.tensors.get(name)?.shape;
    if (!shape) continue;
    const at = dimensions.findIndex(({ size }, i) => shape[i] !== size);
    if (at < 0 && shape.length === dimensions.length) continue;
    const { size, fields } = dimensions[Math.max(at, 0)];
    const stated = fields.map((field) => describeField(checkpoint.config, field)).join(", ");
    const known = wrong.get(stated);
    if (known) known.count++;
    else {
      const needed = dimensions.map(({ size }) => size).join(", ");
      wrong.set(stated, {
        count: 1,
        words: at < 0
          ? `${name} is [${shape.join(", ")}], not [${needed}]`
          : `${stated} means ${size} for dimension ${at} of ${name}, which is ` +
            `[${shape.join(", ")}], not [${needed}]`,
      });
    }
  }
  return [...wrong.values()].map(({ count, words }) =>
    count === 1 ? words : `${words} (and so for ${count - 1} more)`
  );
}

/**
 * Checks that a checkpoint has tensors of the shapes that its config says. Further tensors do no
 * harm.
 *
 * @throws {Error} naming the tensors that are missing, and the fields of config.json that disagree
 * with tensors.
 */
export function checkTensors(checkpoint: Checkpoint, expected: ExpectedTensors): void {
  const missing = [...expected.keys()].filter((name) => !checkpoint.tensors.has(name));
  const wrong = disagreements(checkpoint, expected);
  const problems: string[] = [];
  if (missing.length > 0) problems.push(`${missing.length} missing: ${listText(missing)}`);
  if (wrong.length > 0) problems.push(`config.json disagrees with them: ${listText(wrong, "; ")}`);
  if (problems.length > 0) {
    throw new Error(
      `Cannot use the checkpoint ${checkpoint.folder}: of its tensors, ${problems.join(". ")}`,
    );
  }
}

/**
 * Where a tensor stands within its layer, block or projector, in the family's order; Infinity if its
 * family is not known or has no such tensor.
 */
export function rankInPlace(architecture: Architecture | undefined, name: string): number {
  if (!architecture) return Infinity;
  const { layer, block, merger } = architecture.tensors;
  const rest = name.replace(/^(?:model\.layers\.\d+|visual\.blocks\.\d+|visual\.merger)\./, "");
  const table = name.startsWith(LAYERS) ? layer : name.startsWith(BLOCKS) ? block : merger;
  const rank = Object.values(table).findIndex(([own]) => own === rest);
  return rank < 0 ? Infinity : rank;
}
