/**
 * Attention that is cut, as scores.
 *
 * @module
 */
import type { PlannedRow } from "../row_plan.ts";
import { account, type RowEdit } from "./row_edits.ts";

export function cutsOf({ edits }: PlannedRow, layer: number): RowEdit[] {
  return edits.at("heads", layer).filter(({ action }) => action.type === "cut");
}

/**
 * Cuts the attention of one query of a row, and enters it in the receipts.
 *
 * @param query `token` is its index in the sequence; `cut` is called for each head and key.
 * @returns Whether anything was cut.
 */
export function cutQuery(
  row: PlannedRow,
  { layer, token, heads, cut }: {
    layer: number;
    token: number;
    heads: number;
    cut: (head: number, key: number) => void;
  },
): boolean {
  let any = false;
  for (const edit of cutsOf(row, layer)) {
    const { tokens, action } = edit;
    if (action.type !== "cut" || !tokens.has(token)) continue;
    let keys = 0;
    for (let key = action.to.first; key <= token; key++) {
      if (!action.to.has(key)) continue;
      keys++;
      for (let head = 0; head < heads; head++) {
        if (action.heads?.has(head) ?? true) cut(head, key);
      }
    }
    if (keys > 0) account(edit, layer, { tokens: 1 });
    any ||= keys > 0;
  }
  return any;
}
