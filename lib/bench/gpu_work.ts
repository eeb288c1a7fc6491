/**
 * The work that is measured on a GPU: prompts, generations and sweeps of the sizes of the paper's.
 *
 * @module
 */
import type { Decoder } from "../model/decoder.ts";
import { swapVisualTokens, visualTokensOf } from "../model/edits/mod.ts";
import { visualPrefix } from "../findings/vision/visual_prefix.ts";
import { forward } from "../model/forward.ts";
import { generate } from "../model/generate.ts";
import type { ImagePatches } from "../model/image_processor.ts";
import type { ModelInput } from "../model/model_input.ts";
import { promptPositions } from "../model/positions.ts";
import type { RowRequest } from "../model/row_plan.ts";
import { zeroAblationSweep } from "../model/sweep.ts";
import type { VisionTower } from "../model/vision_tower.ts";

/** Patches a side of the image: 400 visual tokens. */
export const SIDE = 40;
const VISUAL = SIDE * SIDE / 4;
/** Tokens that are generated after an image and after a text. */
export const NEW_TOKENS = { image: 64, text: 256 } as const;
/** The token that stands for an image's. */
export const IMAGE_TOKEN = 151655;

/** 20 text tokens, an image of 400, and 60 text tokens. */
export function imagePrompt(seed: number, hiddenSize: number): ModelInput {
  const text = (count: number, shift: number) =>
    Array.from({ length: count }, (_, i) => (i * 37 + shift + seed * 101) % 150_000);
  const ids = Int32Array.from([
    ...text(20, 5),
    151652,
    ...Array.from({ length: VISUAL }, () => IMAGE_TOKEN),
    151653,
    ...text(60, 7),
  ]);
  const images = [{ start: 21, count: VISUAL, grid: [1, SIDE, SIDE] as [number, number, number] }];
  return {
    ids,
    ...promptPositions(ids.length, { images, mergeSize: 2 }),
    imageTokens: images,
    imageEmbeddings: Float32Array.from(
      { length: VISUAL * hiddenSize },
      (_, i) => 0.02 * Math.sin(i * 0.61 + seed),
    ),
  };
}

/** A prompt of text. */
export function textPrompt(seed: number, length: number): ModelInput {
  const ids = Int32Array.from({ length }, (_, i) => (i * 53 + seed * 997) % 150_000);
  return {
    ids,
    ...promptPositions(length, { images: [], mergeSize: 2 }),
    imageTokens: [],
    imageEmbeddings: null,
  };
}

/** An image of 400 visual tokens. */
export function imagePatches(seed: number): ImagePatches {
  const pixels = Float32Array.from(
    { length: SIDE * SIDE * 1176 },
    (_, i) => Math.sin(i * 0.37 + seed),
  );
  return { pixels, grid: [1, SIDE, SIDE] };
}

/** How long a generation took. */
export interface Timing {
  /** Seconds to the first tokens. */
  first: number;
  seconds: number;
  tokens: number;
  /** Median seconds of a step of the second half. */
  step: number;
}

/** Generates, and times it. */
export async function time(
  decoder: Decoder,
  rows: RowRequest[],
  maxNewTokens: number,
  onFirst: () => void = () => {},
): Promise<Timing> {
  const start = performance.now();
  const ends: number[] = [];
  await generate(decoder, rows, {
    maxNewTokens,
    onToken: ({ step }) => {
      if (ends.length === 0) onFirst();
      ends[step] = performance.now() - start;
    },
  });
  const steps = ends.slice(1).map((end, i) => end - ends[i]).slice(ends.length >> 1)
    .toSorted((a, b) => a - b);
  return {
    first: ends[0] / 1000,
    seconds: ends.at(-1)! / 1000,
    tokens: rows.length * maxNewTokens,
    step: steps[steps.length >> 1] / 1000,
  };
}

/** The parts of a vision sweep, in order; pictures are made up, which is no part of a sweep. */
export type SweepPart = "pictures" | "images" | "captures" | "prefill" | "steps";

/**
 * A vision sweep of so many pairs as the product does it: images, captures of all sources in one pass,
 * baseline and every layer in one batch, 64 new tokens.
 *
 * @param onPart Called at the end of each part.
 */
export async function visionSweep(
  { decoder, tower }: { decoder: Decoder; tower: VisionTower },
  pairs: number,
  onPart: (part: SweepPart) => void = () => {},
): Promise<Timing> {
  const { hiddenSize, numLayers } = decoder.config;
  const images = Array.from({ length: 2 * pairs }, (_, i) => imagePatches(i));
  onPart("pictures");
  const layers = Array.from({ length: numLayers }, (_, layer) => layer);
  const start = performance.now();
  const encoded = await tower.encode(images);
  onPart("images");
  const inputs = encoded.map((imageEmbeddings, i) => ({
    ...imagePrompt(i >> 1, hiddenSize),
    imageEmbeddings,
  }));
  const captured = await forward(
    decoder,
    inputs.filter((_, i) => i % 2 === 1).map((input) => ({
      input: visualPrefix(input),
      capture: { keysValues: { tokens: "image" as const } },
    })),
    { logits: "none" },
  );
  onPart("captures");
  const rows = captured.flatMap(({ captured }, pair) => {
    const input = inputs[2 * pair];
    const source = visualTokensOf(captured);
    return [
      { input },
      ...layers.map((fromLayer) => ({
        input,
        edits: [swapVisualTokens(source, { fromLayer, allowNoChange: true })],
      })),
    ];
  });
  const timing = await time(decoder, rows, NEW_TOKENS.image, () => onPart("prefill"));
  onPart("steps");
  return { ...timing, seconds: (performance.now() - start) / 1000 };
}

/** A reasoning sweep: each problem unmodified and without every layer, 256 new tokens. */
export async function reasoningSweep(
  decoder: Decoder,
  problems: number,
  onFirst?: () => void,
): Promise<Timing> {
  const layers = Array.from({ length: decoder.config.numLayers }, (_, layer) => layer);
  const rows = Array.from({ length: problems }, (_, i) => textPrompt(i, 150)).flatMap((input) =>
    zeroAblationSweep(input, { layers })
  );
  return await time(decoder, rows, NEW_TOKENS.text, onFirst);
}
