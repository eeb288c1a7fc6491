/**
 * The noise of a merge, by the function that adds it to a running model.
 *
 * @module
 */
import type { TensorInfo } from "../checkpoint/mod.ts";
import { LAYER_TENSORS, type LayerWeights } from "../model/decoder_layer.ts";
import type { ModelPlan } from "../model/layer_list.ts";
import { addNoise } from "../model/noise.ts";
import type { ValuesTensor } from "../model/weight_source.ts";

/** Which tensor gets noise, and how much. */
export interface NoisyTensor {
  tensor: TensorInfo;
  /** Decoder layer. */
  layer: number;
  /** Name after `model.layers.N.`. */
  suffix: string;
  ratio: number;
  seed: number;
}

/**
 * (1 - ratio) w + ratio n std(w), n standard normal; std is the sample standard deviation (divided
 * by count - 1, as torch's). n depends on the seed, the layer and the suffix alone.
 *
 * @returns Row-major f32, whole: the deviation needs all values.
 */
export function noisyValues(
  { tensor, layer, suffix, ratio, seed }: NoisyTensor,
): Float32Array {
  // A list of layers with one tensor in it, so that writing and running draw the same numbers.
  const entry = Object.entries(LAYER_TENSORS).find(([, name]) => name === suffix);
  const key = (entry?.[0] ?? suffix) as keyof LayerWeights;
  const layers: LayerWeights[] = [];
  layers[layer] = { [key]: tensor } as unknown as LayerWeights;
  const noisy = addNoise({ layers } as unknown as ModelPlan, {
    layers: [layer],
    amount: ratio,
    seed,
  });
  return (noisy.layers[layer][key] as ValuesTensor).values;
}
