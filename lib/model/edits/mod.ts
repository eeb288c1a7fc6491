/**
 * Edits of rows: constructors and types.
 *
 * @module
 */
export { ablateHeads } from "./ablate_heads.ts";
export { addVector } from "./add_vector.ts";
export { editWith } from "./edit_with.ts";
export { knockoutAttention } from "./knockout_attention.ts";
export { patch } from "./patch.ts";
export { scale } from "./scale.ts";
export { swapVisualTokens, visualTokensOf } from "./swap_visual_tokens.ts";
export { type TokenChoice, visualTokenIndices } from "./tokens.ts";
export type { Edit, EditEvent, EditReceipt, Site, VisualTokens } from "./types.ts";
export { zeroLayer } from "./zero_layer.ts";
