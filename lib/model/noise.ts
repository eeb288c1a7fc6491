/**
 * Seeded noise on the weights of chosen layers.
 *
 * @module
 */
import { checkKeys, type KeysOf } from "../check_keys.ts";
import { readWeightRows } from "./int8_weight.ts";
import { type LayerPart, mapLayers, type ModelPlan } from "./layer_list.ts";
import { uniform } from "./sampler.ts";
import { weightShape } from "./weight_source.ts";

/** Options of {@linkcode addNoise}. */
export interface NoiseOptions {
  layers: readonly number[];
  /** R in w' = (1 - R) w + R n std(w), n standard normal; 0 to 1. */
  amount: number;
  /** Default 0. A tensor's noise depends on the seed, its layer and its name alone. */
  seed?: number;
  /** Default "all". */
  part?: LayerPart;
}

const OPTIONS: KeysOf<NoiseOptions> = { layers: true, amount: true, seed: true, part: true };

function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const character of text) {
    value = Math.imul(value ^ character.codePointAt(0)!, 0x01000193) >>> 0;
  }
  return value;
}

/** Sample standard deviation (divided by n - 1), as torch's std. */
function deviation(values: Float32Array): number {
  let mean = 0;
  for (const value of values) mean += value;
  mean /= values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return Math.sqrt(squares / Math.max(1, values.length - 1));
}

/** Adds noise to values, in place; pairs of Box-Muller draws. */
function disturb(values: Float32Array, amount: number, next: () => number) {
  const scale = amount * deviation(values);
  for (let i = 0; i < values.length; i += 2) {
    const radius = scale * Math.sqrt(-2 * Math.log(1 - next()));
    const angle = 2 * Math.PI * next();
    values[i] = (1 - amount) * values[i] + radius * Math.cos(angle);
    if (i + 1 < values.length) {
      values[i + 1] = (1 - amount) * values[i + 1] + radius * Math.sin(angle);
    }
  }
}

/**
 * Replaces tensors of the chosen layers by w' = (1 - R) w + R n std(w). The results are held in
 * memory as f32, in the graphs: nothing is written. (Ablation by noise of the original's merge
 * expressions.)
 *
 * @throws {Error} if an option is unknown, a layer is out of range or R is not within 0 and 1.
 */
export function addNoise(
  plan: ModelPlan,
  options: NoiseOptions,
): ModelPlan {
  checkKeys(options, OPTIONS, "the options of noise");
  const { layers, amount, seed = 0, part } = options;
  if (!(amount >= 0 && amount <= 1)) {
    throw new RangeError(`Cannot add noise: the amount is ${amount}, it must be within 0 and 1`);
  }
  return mapLayers(plan, { layers, part }, (weight, key, layer) => {
    const shape = weightShape(weight);
    // Read values are fresh, but values in memory are someone's.
    const values = readWeightRows(weight, 0, shape[0]).slice();
    disturb(values, amount, uniform(seed, hash(`${layer} ${key}`)));
    return { name: `layer ${layer} ${key} with noise`, shape, values };
  });
}
