import { assert, assertEquals } from "@std/assert";
import type { EditReceipt } from "../edits/mod.ts";

/** Receipts are the same, but for rounding in the norms. */
export function compareReceipts(got: readonly EditReceipt[], want: readonly EditReceipt[]): void {
  const counts = (receipts: readonly EditReceipt[]) =>
    receipts.map((receipt) => ({ ...receipt, norm: null }));
  assertEquals(counts(got), counts(want));
  for (const [i, { norm }] of got.entries()) {
    const wanted = want[i].norm;
    assertEquals(norm === null, wanted === null);
    assert(Math.abs(norm! - wanted!) <= 1e-4 * wanted! + 1e-5, `${norm} ${wanted}`);
  }
}
