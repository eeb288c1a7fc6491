/**
 * How a model was trained to be asked.
 *
 * @module
 */

/**
 * Kind of a model: served by OpenAI (`gpt`) or Anthropic (`claude`), trained to think and answer
 * in tags (`reasoner`), to think in tags and box its answer (`revisual`), or neither (`base`).
 */
export type ModelKind = "gpt" | "claude" | "revisual" | "reasoner" | "base";

export const MODEL_KINDS: readonly ModelKind[] = ["gpt", "claude", "revisual", "reasoner", "base"];

/** Kinds of models that run on this machine. */
export const LOCAL_KINDS = ["base", "reasoner", "revisual"] as const satisfies ModelKind[];

/** Names of hosted models start with these, after a provider's name if there is one. */
const OPENAI = /^(?:openai\/)?(?:(?:chat)?gpt-\d|o\d+(?:-|$))/;
const ANTHROPIC = /^(?:anthropic\/)?claude-/;
/** `rl` as a word of its own: "MMR1-7B-RL", not "/home/carl/qwen" or "world". */
const REASONER = /openmmreasoner|coldstart|mmr1|(?:^|[^a-z0-9])rl(?![a-z0-9])/;
const REPLACED = "replaced by";
const BASE = /qwen2\.5-vl-\d+b-instruct|qwen\/qwen2\.5-vl/;

/**
 * The kind of a model: the one its recipe states, else read off its name.
 *
 * Names are tried in the paper's order: OpenAI, Claude, Revisual-R1, then the reasoners (unless the
 * name is of a merge that says "replaced by", which was evaluated as a base model), then Qwen's
 * instruct models; any other model is a reasoner.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(modelKind("MMR1/MMR1-7B-RL"), "reasoner");
 * assertEquals(modelKind("Qwen/Qwen2.5-VL-7B-Instruct"), "base");
 * assertEquals(modelKind("my-finetune", "base"), "base");
 * ```
 *
 * @param name Repository id, path, merge expression, or name of a hosted model.
 * @param kind What the recipe says.
 * @throws {Error} if `kind` is no {@linkcode ModelKind}, as when it comes from a file.
 */
export function modelKind(name: string, kind?: string): ModelKind {
  if (kind !== undefined) {
    const known = MODEL_KINDS.find((known) => known === kind);
    if (known) return known;
    throw new Error(
      `Cannot ask model ${JSON.stringify(name)}: its kind is stated as ${JSON.stringify(kind)}, ` +
        `which is not one of ${MODEL_KINDS.join(", ")}`,
    );
  }
  const lower = name.toLowerCase().trim();
  if (OPENAI.test(lower)) return "gpt";
  if (ANTHROPIC.test(lower)) return "claude";
  if (/revisual[-_]r1/.test(lower)) return "revisual";
  if (REASONER.test(lower)) return lower.includes(REPLACED) ? "base" : "reasoner";
  if (BASE.test(lower) || lower.includes(REPLACED)) return "base";
  return "reasoner";
}
