/**
 * Trust before speed: a device computes one layer and the head as the host does, or is not used.
 *
 * @module
 */
import { Checkpoint } from "../checkpoint/mod.ts";
import { Decoder, type DecoderOptions } from "./decoder.ts";
import { type ModelPlan, planOf } from "./layer_list.ts";
import type { Precision } from "./linear.ts";
import { rotationsAt } from "./positions.ts";

/** What a device's first layer and head gave beside the host's. */
export interface DeviceCheck {
  /** The device and its driver. */
  device: string;
  /** Distance of its logits from the host's, over their norm. */
  difference: number;
}

/** Tokens that are compared. */
const TOKENS = 8;
/** Differences allowed. Measured at 7B size on an H100: 8e-3 in f16, 2e-6 in f32. */
const BOUNDS: Readonly<Partial<Record<Precision, number>>> = { f16: 0.02, f32: 1e-3 };

/** Logits [8, vocab] of the first layer alone. */
async function firstLayer(decoder: Decoder, plan: ModelPlan): Promise<Float32Array> {
  const { vocabSize, headDim, hiddenSize } = plan.config;
  const ids = Int32Array.from({ length: TOKENS }, (_, i) => (i * 7919 + 11) % vocabSize);
  const positions = Int32Array.from({ length: 3 * TOKENS }, (_, i) => i % TOKENS);
  const { cos, sin } = rotationsAt(positions, plan.config);
  using tensors = await decoder.backend.begin();
  const x = await tensors.upload(await decoder.embed(ids), hiddenSize);
  const projected = await decoder.project(plan.layers[0], x, {
    cos: await tensors.upload(cos, headDim / 2),
    sin: await tensors.upload(sin, headDim / 2),
  });
  const lengths = { rows: 1, queries: TOKENS, keys: TOKENS };
  const attention = await decoder.attention.attend({ ...projected, ...lengths }, tensors);
  return await decoder.logits(await decoder.finish(plan.layers[0], x, attention));
}

/**
 * Compares an opened model with the same on the host.
 *
 * @returns null where the host computes.
 * @throws {Error} with the device's name if they differ by more than rounding explains.
 */
export async function checkDevice(
  decoder: Decoder,
  plan: ModelPlan,
): Promise<DeviceCheck | null> {
  if (decoder.backend.isReference) return null;
  // The host leaves the weights in their files: there may be more of them than it has memory.
  await using host = await Decoder.open({ ...plan, layers: plan.layers.slice(0, 1) }, {
    precision: "bf16",
  });
  const want = await firstLayer(host, plan);
  const got = await firstLayer(decoder, plan);
  // After the first work: only now is it known which of several GPUs does it.
  const device = decoder.backend.description;
  let squares = 0;
  let norm = 0;
  for (const [i, value] of want.entries()) {
    squares += (got[i] - value) ** 2;
    norm += value ** 2;
  }
  const difference = Math.sqrt(squares / norm);
  const bound = BOUNDS[decoder.precision]!;
  if (difference <= bound) return { device, difference };
  throw new Error(
    `Cannot use ${device}: its logits of the first layer differ from the host's by ` +
      `${
        difference.toPrecision(2)
      } of their norm, more than ${bound}; update the driver, or use the cpu`,
  );
}

/**
 * {@linkcode checkDevice} with a checkpoint of which no more is opened than is compared.
 *
 * @throws {Error} if the device is not there, or computes something else than the host.
 */
export async function checkDeviceWith(
  folder: string,
  options: DecoderOptions,
): Promise<DeviceCheck | null> {
  if (options.device === "cpu") return null;
  using checkpoint = Checkpoint.open(folder);
  const whole = planOf(checkpoint);
  const plan = { ...whole, layers: whole.layers.slice(0, 1) };
  await using decoder = await Decoder.open(plan, options);
  return await checkDevice(decoder, plan);
}
