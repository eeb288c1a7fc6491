/**
 * What sweeps on a GPU cost the host, measured without one: the real code over models with the layers
 * of 7B and very narrow matrices, on a driver that computes nothing. Counts are those of the real
 * model; kernels are counted in its graphs.
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { Checkpoint } from "../checkpoint/mod.ts";
import { modelArchitectureOf } from "../model/architectures/known.ts";
import { decodeImage } from "../model/decode_image.ts";
import { Decoder } from "../model/decoder.ts";
import { GpuBackend } from "../model/gpu_backend.ts";
import type { GraphBuilder } from "../model/graph_builder.ts";
import { planOf } from "../model/layer_list.ts";
import { productBytes } from "../model/linear.ts";
import { headGraph } from "../model/lm_head.ts";
import { PromptEncoder } from "../model/prompt.ts";
import { qwenConfigOf } from "../model/qwen_config.ts";
import {
  PUBLISHED_VOCABULARY,
  SHAPE_7B,
  type SyntheticShape,
  writeSyntheticCheckpoint,
} from "../model/testdata/synthetic_checkpoint.ts";
import { VisionTower } from "../model/vision_tower.ts";
import {
  mergerGraph,
  patchEmbedGraph,
  visionAttentionGraph,
  visionMlpGraph,
  visionProjectionGraph,
} from "../model/vision_block.ts";
import type { BenchResult } from "./bench_result.ts";
import { IMAGE_TOKEN, reasoningSweep, SIDE, visionSweep } from "./gpu_work.ts";
import { useNullDriver } from "./null_driver.ts";
import {
  countKernels,
  noCounts,
  RuntimeCounter,
  type RuntimeCounts,
  sumCounts,
  threadMilliseconds,
} from "./runtime_counts.ts";

const TINY = fileURLToPath(new URL("../../dataset/tiny/checkpoints/base", import.meta.url));

const VISION = {
  depth: 32,
  hidden_act: "silu",
  patch_size: 14,
  spatial_merge_size: 2,
  window_size: 112,
  fullatt_block_indexes: [7, 15, 23, 31],
};

/** The layers of 7B, with narrow matrices or, in a file that takes no room, with its own. */
function shapeOf(width: "narrow" | "7B", layers: number): SyntheticShape {
  const narrow = width === "narrow";
  const shape = narrow
    ? { hiddenSize: 64, intermediateSize: 64, numHeads: 4, numKvHeads: 2 }
    : SHAPE_7B;
  const vision = narrow
    ? { hidden_size: 64, num_heads: 4, intermediate_size: 64 }
    : { hidden_size: 1280, num_heads: 16, intermediate_size: 3420 };
  return {
    ...shape,
    numLayers: layers,
    vocabSize: PUBLISHED_VOCABULARY,
    tieWordEmbeddings: false,
    sparse: !narrow,
    config: {
      image_token_id: IMAGE_TOKEN,
      vision_config: { ...VISION, ...vision, out_hidden_size: shape.hiddenSize },
    },
  };
}

/** What calls of 7B in f16 take: kernels, by the graph's name, and tokens. */
async function realSizes(folder: string) {
  writeSyntheticCheckpoint(folder, shapeOf("7B", 1));
  using checkpoint = Checkpoint.open(folder);
  const plan = planOf(checkpoint);
  const { graphs, config, layers: [weights] } = plan;
  const form = { precision: "f16", bound: true } as const;
  const { vision: parts } = modelArchitectureOf(checkpoint.config, checkpoint.config.path);
  const find = (name: string) => checkpoint.tensor(name);
  const vision = { find, parts, config: qwenConfigOf(checkpoint).vision, form };
  const all: GraphBuilder[] = [
    graphs.project(weights, config, form),
    graphs.mlp(weights, config, form),
    headGraph(plan, form),
    patchEmbedGraph(vision),
    visionProjectionGraph(vision, 0),
    visionAttentionGraph(vision),
    visionMlpGraph(vision, 0),
    mergerGraph(vision),
  ];
  const kernels = new Map<string, number>();
  for (const graph of all) kernels.set(...await countKernels(graph));
  await using backend = new GpuBackend("f16");
  const cost = {
    operations: 0,
    bytes: productBytes([2 * config.intermediateSize, config.hiddenSize], "f16"),
  };
  return { kernels, tokensPerCall: backend.rowsPerCall(cost) };
}

/** Milliseconds of the host to make patches of pictures, and tokens of prompts. */
async function benchInputs(repeats: number) {
  using checkpoint = Checkpoint.open(TINY);
  const config = qwenConfigOf(checkpoint);
  const { images } = modelArchitectureOf(checkpoint.config, checkpoint.config.path);
  const processor = { ...images.read(TINY, config.vision), patchSize: 14, temporalPatchSize: 2 };
  const bytes = new Uint8Array(
    await sharp({
      create: {
        width: 1280,
        height: 960,
        channels: 3,
        background: "white",
        noise: { type: "gaussian", mean: 128, sigma: 40 },
      },
    }).jpeg().toBuffer(),
  );
  const limits = { minPixels: 3136, maxPixels: 28 * 28 * SIDE * SIDE / 4 };
  const timed = async (work: () => unknown) => {
    await work();
    const start = threadMilliseconds() ?? performance.now();
    for (let i = 0; i < repeats; i++) await work();
    return ((threadMilliseconds() ?? performance.now()) - start) / repeats;
  };
  const picture = await decodeImage(bytes);
  const prompts = await PromptEncoder.open(TINY, config);
  const content = [
    { type: "image" as const, image: bytes },
    { type: "text" as const, text: "How many of the shapes in this picture are red? ".repeat(4) },
  ];
  return {
    decode: await timed(() => decodeImage(bytes)),
    patches: await timed(() => images.process(picture, { ...processor, ...limits })),
    tokens: await timed(() => prompts.encode([{ role: "user", content }], [SIDE * SIDE / 4])),
  };
}

const thousands = (value: number) => Math.round(value).toLocaleString("en");
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;

function resultOf(what: string, counts: RuntimeCounts, milliseconds: number): BenchResult {
  return {
    what,
    ours: `${thousands(milliseconds)} ms of the host`,
    reference: "-",
    ratio: null,
    target: "",
    note: `${thousands(counts.calls)} calls, ${thousands(counts.kernels)} kernels; up ` +
      `${thousands(counts.uploads)}, ${megabytes(counts.bytesUp)}; down ${
        thousands(counts.reads)
      }, ` +
      `${megabytes(counts.bytesDown)}; ${thousands(counts.milliseconds)} ms in calls`,
  };
}

/** Options of {@linkcode benchGpuHost}. */
export interface BenchGpuHostOptions {
  /** Decoder layers, default 28. */
  layers?: number;
  /** Pairs of the vision sweep; default 1. */
  pairs?: number;
  /** Problems of the reasoning sweep; default 1. */
  problems?: number;
  /** Whether each graph is a line too. */
  byGraph?: boolean;
  onResult?: (result: BenchResult) => void;
}

/**
 * Runs both sweeps and the making of inputs.
 *
 * @throws {Error} if there is no C compiler or no SwiftShader, which the driver is made of.
 */
export async function benchGpuHost(
  { layers = 28, pairs = 1, problems = 1, byGraph = false, onResult }: BenchGpuHostOptions = {},
): Promise<BenchResult[]> {
  using driver = useNullDriver();
  const results: BenchResult[] = [];
  const add = (result: BenchResult) => {
    results.push(result);
    onResult?.(result);
  };
  const inputs = await benchInputs(5);
  for (const [what, milliseconds] of Object.entries(inputs)) {
    const names: Record<string, string> = {
      decode: "a JPEG of 1,280 x 960 decoded",
      patches: "400 visual tokens' patches cut from it",
      tokens: "a prompt of 80 tokens and an image encoded",
    };
    add({ ...resultOf(names[what], noCounts(), milliseconds), note: "the host alone" });
  }
  const folder = await Deno.makeTempDir({ prefix: "gpu-host-" });
  try {
    const { kernels, tokensPerCall } = await realSizes(join(folder, "7b"));
    using counter = new RuntimeCounter(kernels);
    writeSyntheticCheckpoint(join(folder, "narrow"), shapeOf("narrow", layers));
    using checkpoint = Checkpoint.open(join(folder, "narrow"));
    const device = { device: "webgpu", precision: "f32" } as const;
    await using decoder = await Decoder.open(planOf(checkpoint), { ...device, tokensPerCall });
    const config = qwenConfigOf(checkpoint).vision;
    await using tower = await VisionTower.open({ checkpoint, config }, device);
    let start = 0;
    let sent = [0, 0];
    const begin = () => {
      counter.take();
      sent = [driver.submits, driver.buffers];
      start = threadMilliseconds() ?? performance.now();
    };
    const end = (what: string) => {
      const now = threadMilliseconds() ?? performance.now();
      const counts = counter.take();
      const result = resultOf(what, sumCounts(counts.values()), now - start);
      const [submits, buffers] = [driver.submits - sent[0], driver.buffers - sent[1]];
      add({
        ...result,
        note: `${result.note}; sent ${thousands(submits)} times, ${thousands(buffers)} new buffers`,
      });
      if (byGraph) {
        const sorted = [...counts].sort(([, a], [, b]) => b.milliseconds - a.milliseconds);
        for (const [name, own] of sorted) add(resultOf(`  ${name}`, own, own.milliseconds));
      }
      sent = [driver.submits, driver.buffers];
      start = now;
    };
    // Graphs are compiled at their first calls.
    await visionSweep({ decoder, tower }, 1);
    begin();
    await visionSweep(
      { decoder, tower },
      pairs,
      (part) => end(`vision sweep of ${pairs} pairs, ${part}`),
    );
    await reasoningSweep(decoder, 1);
    begin();
    await reasoningSweep(
      decoder,
      problems,
      () => end(`reasoning sweep of ${problems} problems, prefill`),
    );
    end(`reasoning sweep of ${problems} problems, steps`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  return results;
}

if (import.meta.main) {
  const [layers, pairs, problems] = Deno.args.map(Number);
  await benchGpuHost({
    layers,
    pairs,
    problems,
    byGraph: true,
    onResult: ({ what, ours, note }) => console.log(`${what} | ${ours} | ${note}`),
  });
  Deno.exit(0);
}
