/**
 * Mean ablation: what a layer adds is not left out, but replaced by what it adds on average.
 *
 * @module
 */
import { addVector } from "./edits/add_vector.ts";
import type { Edit } from "./edits/types.ts";
import { zeroLayer } from "./edits/zero_layer.ts";
import type { VisionLanguageModel } from "./model.ts";
import type { ModelInput } from "./model_input.ts";

/** Prompts that are run together: as many streams are held in every layer. */
const PROMPTS_TOGETHER = 4;

/**
 * What each layer adds to the residual stream (its output less its input: attention and MLP), mean
 * over all tokens of all prompts, each token counting once.
 *
 * @param model Open; each prompt runs through it once, unedited.
 * @returns [hidden] a layer.
 * @throws {RangeError} without a prompt.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { VisionLanguageModel } from "./mod.ts";
 *
 * await using model = await VisionLanguageModel.open("lib/model/testdata/random-qwen");
 * const [input] = await model.prepare([[{ role: "user", content: "Compute 3 + 4." }]]);
 * const means = await layerMeans(model, [input]);
 * const rows = [{ input, edits: meanAblation(3, means[3]) }];
 * const [{ receipts }] = await model.generate(rows, { maxNewTokens: 8 });
 * assertEquals(receipts.map(({ kind, layers }) => [kind, layers[0]]), [
 *   ["zeroLayer", 3],
 *   ["addVector", 3],
 * ]);
 * ```
 */
export async function layerMeans(
  model: Pick<VisionLanguageModel, "forward" | "numLayers" | "config">,
  inputs: readonly ModelInput[],
  { signal }: { signal?: AbortSignal } = {},
): Promise<Float32Array[]> {
  if (inputs.length === 0) throw new RangeError("Cannot take the mean of layers over no prompts");
  const { numLayers, config: { text: { hiddenSize } } } = model;
  // The streams between layers: a layer's output is the next one's input.
  const sums = Array.from({ length: numLayers + 1 }, () => new Float64Array(hiddenSize));
  const add = (sum: Float64Array, values: ArrayLike<number>) => {
    for (let i = 0; i < values.length; i++) sum[i % hiddenSize] += values[i];
  };
  for (let first = 0; first < inputs.length; first += PROMPTS_TOGETHER) {
    const rows = inputs.slice(first, first + PROMPTS_TOGETHER).map((input) => ({
      input,
      capture: { residual: {}, layer: { layers: [numLayers - 1] } },
    }));
    for (const { captured } of await model.forward(rows, { logits: "none", signal })) {
      for (const [layer, values] of captured.residual) add(sums[layer], values.data);
      add(sums[numLayers], captured.layer.get(numLayers - 1)!.data);
    }
  }
  const tokens = inputs.reduce((sum, { ids }) => sum + ids.length, 0);
  return Array.from(
    { length: numLayers },
    (_, layer) => Float32Array.from(sums[layer], (sum, i) => (sums[layer + 1][i] - sum) / tokens),
  );
}

/**
 * The edits of a mean ablation: the layer's output is its input and the mean, for prompt and answer.
 *
 * @param mean What the layer adds on average, of {@linkcode layerMeans}.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const kinds = meanAblation(3, new Float32Array([0.5, -1])).map(({ kind }) => kind);
 * assertEquals(kinds, ["zeroLayer", "addVector"]);
 * ```
 */
export function meanAblation(layer: number, mean: Float32Array): Edit[] {
  return [zeroLayer(layer), addVector(mean, { site: "layer", layers: [layer] })];
}
