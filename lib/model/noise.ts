/**
 * Seeded noise on the weights of chosen layers.
 *
 * @module
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { checkKeys, type KeysOf } from "../check_keys.ts";
import {
  readWeightRows,
  type ValuesTensor,
  weightShape,
  type WeightSource,
} from "./weight_source.ts";
import { type LayerPart, mapLayers, type ModelPlan } from "./layer_list.ts";
import { uniform } from "./sampler.ts";

export interface NoiseOptions {
  layers: readonly number[];
  /** R in w' = (1 - R) w + R n std(w), n standard normal; 0 to 1. */
  amount: number;
  /** Default 0. A tensor's noise depends on the seed, its layer and its name alone. */
  seed?: number;
  /** Default "all". */
  part?: LayerPart;
  signal?: AbortSignal;
}

/** Elements at a time; even, since draws come in pairs. */
const PART = 1 << 16;

const OPTIONS: KeysOf<NoiseOptions> = {
  layers: true,
  amount: true,
  seed: true,
  part: true,
  signal: true,
};

function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const character of text) {
    value = Math.imul(value ^ character.codePointAt(0)!, 0x01000193) >>> 0;
  }
  return value;
}

/** The parts of an array, one after the other; between them others have their turn. */
async function* parts(values: Float32Array, signal?: AbortSignal): AsyncGenerator<Float32Array> {
  for (let from = 0; from < values.length; from += PART) {
    await nextTurn();
    signal?.throwIfAborted();
    yield values.subarray(from, from + PART);
  }
}

/** Sample standard deviation (divided by n - 1), as torch's std. */
async function deviation(values: Float32Array, signal?: AbortSignal): Promise<number> {
  let mean = 0;
  for await (const part of parts(values, signal)) for (const value of part) mean += value;
  mean /= values.length;
  let squares = 0;
  for await (const part of parts(values, signal)) {
    for (const value of part) squares += (value - mean) ** 2;
  }
  return Math.sqrt(squares / Math.max(1, values.length - 1));
}

/** Which noise a tensor gets. */
export interface TensorNoise extends Pick<NoiseOptions, "amount" | "seed" | "signal"> {
  layer: number;
  /** What the tensor is in its layer, e.g. "up". */
  key: string;
}

/**
 * (1 - R) w + R n std(w) for one tensor w; n is standard normal, by pairs of Box-Muller draws, and
 * depends on the seed, the layer and the key alone.
 *
 * @returns Row-major f32, whole: the deviation needs all values. Made in parts, between which
 * others have their turn.
 * @throws The signal's reason, if aborted.
 */
export async function noisyValues(
  weight: WeightSource,
  { layer, key, amount, seed = 0, signal }: TensorNoise,
): Promise<Float32Array> {
  const shape = weightShape(weight);
  const values = new Float32Array(shape.reduce((product, dimension) => product * dimension, 1));
  const width = values.length / shape[0];
  const rows = Math.max(1, Math.floor(PART / width));
  for (let row = 0; row < shape[0]; row += rows) {
    await nextTurn();
    values.set(readWeightRows(weight, row, Math.min(shape[0], row + rows)), row * width);
  }
  const scale = amount * await deviation(values, signal);
  const next = uniform(seed, hash(`${layer} ${key}`));
  for await (const part of parts(values, signal)) {
    for (let i = 0; i < part.length; i += 2) {
      const radius = scale * Math.sqrt(-2 * Math.log(1 - next()));
      const angle = 2 * Math.PI * next();
      part[i] = (1 - amount) * part[i] + radius * Math.cos(angle);
      if (i + 1 < part.length) {
        part[i + 1] = (1 - amount) * part[i + 1] + radius * Math.sin(angle);
      }
    }
  }
  return values;
}

/**
 * Replaces tensors of the chosen layers by w' = (1 - R) w + R n std(w). The results are held in
 * memory as f32, in the graphs: nothing is written. (Ablation by noise of the original's merge
 * expressions.)
 *
 * @throws {Error} if an option is unknown, a layer is out of range or R is not within 0 and 1; the
 * signal's reason.
 */
export async function addNoise(
  plan: ModelPlan,
  options: NoiseOptions,
): Promise<ModelPlan> {
  checkKeys(options, OPTIONS, "the options of noise");
  const { layers, part, ...noise } = options;
  const { amount } = noise;
  if (!(amount >= 0 && amount <= 1)) {
    throw new RangeError(`Cannot add noise: the amount is ${amount}, it must be within 0 and 1`);
  }
  const made: (() => Promise<void>)[] = [];
  const noisy = mapLayers(plan, { layers, part }, (weight, key, layer) => {
    const name = `layer ${layer} ${key} with noise`;
    const tensor: ValuesTensor = { name, shape: weightShape(weight), values: new Float32Array() };
    made.push(async () => {
      tensor.values = await noisyValues(weight, { ...noise, layer, key });
    });
    return tensor;
  });
  for (const make of made) await make();
  return noisy;
}
