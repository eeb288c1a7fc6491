/**
 * The kinds of edits. A new one is a file beside these, its type among `Edit`, and a line here.
 *
 * @module
 */
import { ABLATE_HEADS } from "./ablate_heads.ts";
import { ADD_VECTOR } from "./add_vector.ts";
import { FUNCTION } from "./edit_with.ts";
import { KNOCKOUT_ATTENTION } from "./knockout_attention.ts";
import { PATCH } from "./patch.ts";
import { SCALE } from "./scale.ts";
import { SWAP_VISUAL_TOKENS } from "./swap_visual_tokens.ts";
import type { Edit, EditKind } from "./types.ts";
import { ZERO_LAYER } from "./zero_layer.ts";

/** By the `kind` of an edit. */
export const EDIT_KINDS: { [Kind in Edit["kind"]]: EditKind<Extract<Edit, { kind: Kind }>> } = {
  zeroLayer: ZERO_LAYER,
  swapVisualTokens: SWAP_VISUAL_TOKENS,
  addVector: ADD_VECTOR,
  scale: SCALE,
  patch: PATCH,
  ablateHeads: ABLATE_HEADS,
  knockoutAttention: KNOCKOUT_ATTENTION,
  function: FUNCTION,
};
