/**
 * Attention from some tokens to others, cut.
 *
 * @module
 */
import { checkEditLayers, checkHeads } from "./checks.ts";
import { tokenSet } from "./tokens.ts";
import type { EditKind, KnockoutAttention } from "./types.ts";

/**
 * Keeps the tokens `from` from seeing the tokens `to`: the scores between them become minus infinity
 * before the softmax, so what they would have got goes to the other tokens.
 *
 * @example From the question to the image, in two layers
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const cut = knockoutAttention({ layers: [4, 5], from: "question", to: "image" });
 * assertEquals(cut.kind, "knockoutAttention");
 * ```
 */
export function knockoutAttention(options: Omit<KnockoutAttention, "kind">): KnockoutAttention {
  return { kind: "knockoutAttention", ...options };
}

export const KNOCKOUT_ATTENTION: EditKind<KnockoutAttention> = {
  keys: { kind: true, layers: true, heads: true, from: true, to: true, allowNoChange: true },
  plan({ layers, heads, from, to }, place) {
    checkEditLayers(layers, place);
    const { what, input, newTokens } = place;
    const readers = tokenSet(from, input, { ...place, what: `${what} (from)` });
    const unseen = tokenSet(to, input, { ...place, what: `${what} (to)` });
    const end = input.ids.length + newTokens;
    let first = 0;
    while (first < end && unseen.has(first)) first++;
    if (readers.first < first) {
      throw new Error(
        `Cannot use ${what}: token ${readers.first} would see nothing, not even itself`,
      );
    }
    const chosen = heads === undefined ? null : checkHeads(heads, place);
    const action = { type: "cut", heads: chosen, to: unseen } as const;
    return { site: "heads", layers, tokens: readers, action };
  },
};
