/**
 * Where a row's numbers left their range.
 *
 * @module
 */
import type { Decoder } from "./decoder.ts";
import { extendInput } from "./model_input.ts";
import { forward } from "./forward.ts";
import type { PlannedRow } from "./row_plan.ts";

/**
 * Runs a row's prompt and answer once more and looks at every layer.
 *
 * @param error What was found, and the answer so far.
 * @returns An error that names row and layer.
 */
export async function nonFiniteLayer(
  decoder: Decoder,
  { index, request }: PlannedRow,
  error: Error & { tokens: readonly number[] },
): Promise<Error> {
  const { numLayers } = decoder.config;
  const input = extendInput(request.input, error.tokens);
  const capture = { residual: { layers: [0], tokens: "all" }, layer: { tokens: "all" } } as const;
  const [{ captured: { residual, layer } }] = await forward(
    decoder,
    [{ ...request, input, capture }],
    { logits: "none" },
  );
  const first = [residual.get(0)!, ...Array.from({ length: numLayers }, (_, l) => layer.get(l)!)]
    .findIndex(({ data }) => data.some((value) => !Number.isFinite(value)));
  const where = first < 0
    ? "in the head"
    : first === 0
    ? "in the embeddings"
    : `in layer ${first - 1}`;
  const advice = decoder.precision === "f32"
    ? "Precision f32 has the widest range, so look for damaged weights, or for an edit or " +
      "merge that makes such numbers"
    : "Try the precision f32, and look for damaged weights";
  return new Error(
    `Row ${index}, token ${error.tokens.length}: ${error.message}; they do so ${where}. ` +
      advice,
    { cause: error },
  );
}
