/**
 * Layer sweeps as rows of one batch: a baseline and one row a layer, over one prompt.
 *
 * @module
 */
import { checkKeys, type KeysOf } from "../check_keys.ts";
import { swapVisualTokens } from "./edits/swap_visual_tokens.ts";
import type { Edit, VisualTokens } from "./edits/types.ts";
import { zeroLayer } from "./edits/zero_layer.ts";
import type { ModelInput } from "./model_input.ts";
import type { RowRequest } from "./row_plan.ts";

export interface SweepRow extends RowRequest {
  /** The layer that the edit is about; -1 for the baseline. */
  layer: number;
}

/** Which rows a sweep has. */
export interface SweepOptions {
  layers: readonly number[];
  /** Whether the unmodified model is a row too, first; default true. */
  baseline?: boolean;
}

const OPTIONS: KeysOf<SweepOptions> = { layers: true, baseline: true };

function sweep(
  input: ModelInput,
  options: SweepOptions,
  edit: (layer: number) => Edit,
): SweepRow[] {
  checkKeys(options, OPTIONS, "the options of a sweep");
  const { layers, baseline = true } = options;
  return [
    ...(baseline ? [{ input, layer: -1 }] : []),
    ...layers.map((layer) => ({ input, layer, edits: [edit(layer)] })),
  ];
}

/**
 * The unmodified model and, for each layer, the model without it. Give the rows of several prompts
 * to one `generate`: all share one batch, and rows of one prompt share every layer before theirs.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const input = {
 *   ids: new Int32Array([1]), positions: new Int32Array(3), ropeDelta: 0, imageTokens: [],
 *   imageEmbeddings: null,
 * };
 * assertEquals(zeroAblationSweep(input, { layers: [0, 1] }).map((row) => row.layer), [-1, 0, 1]);
 * ```
 */
export function zeroAblationSweep(input: ModelInput, options: SweepOptions): SweepRow[] {
  return sweep(input, options, zeroLayer);
}

/** The unmodified model and, for each layer, the model with visual tokens swapped from it on. */
export function tokenSwapSweep(
  input: ModelInput,
  source: VisualTokens,
  options: SweepOptions,
): SweepRow[] {
  return sweep(input, options, (fromLayer) => swapVisualTokens(source, { fromLayer }));
}
