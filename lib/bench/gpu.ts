/**
 * A model of 7B shape on a GPU: generation at several batch sizes, prefill, whole sweeps, and how far
 * f16 is from f32; transformers on the same card and checkpoint beside it.
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Checkpoint } from "../checkpoint/mod.ts";
import { concatenate } from "../model/tensors.ts";
import { Decoder } from "../model/decoder.ts";
import { forward } from "../model/forward.ts";
import { generate } from "../model/generate.ts";
import type { ImagePatches } from "../model/image_processor.ts";
import { findGpu } from "../model/gpu_adapter.ts";
import { type VisualTokens, visualTokensOf } from "../model/edits/mod.ts";
import { planOf } from "../model/layer_list.ts";
import type { ModelInput } from "../model/model_input.ts";
import { promptPositions } from "../model/positions.ts";
import { qwenConfigOf } from "../model/qwen_config.ts";
import type { RowRequest } from "../model/row_plan.ts";
import { tokenSwapSweep, zeroAblationSweep } from "../model/sweep.ts";
import { VisionTower } from "../model/vision_tower.ts";
import { findTorch } from "./torch_baseline.ts";
import type { BenchResult } from "./bench_result.ts";

const SCRIPT = fileURLToPath(new URL("gpu_baseline.py", import.meta.url));

/** Patches a side of the image: 400 visual tokens. */
const SIDE = 40;
const VISUAL = SIDE * SIDE / 4;
const NEW_TOKENS = { image: 64, text: 256 } as const;
const ROWS = [1, 8, 29, 116];
const TEXT_ROWS = [29, 116];
/** Generations of one row that are timed, as the original's way does all of them. */
const ALONE = { image: 15, text: 5 };
const IMAGE_TOKEN = 151655;

/** What gpu_baseline.py gives. */
interface Baseline {
  torch: string;
  transformers: string;
  /** Seconds to one new token, by rows. */
  imageFirst: Record<string, number>;
  /** Median seconds of a step of the second half, by rows. */
  imageStep: Record<string, number>;
  /** Seconds by rows. */
  text: Record<string, number>;
  /** Seconds of generations of one row, one after the other. */
  imageAlone: number[];
  textAlone: number[];
  /** Images a second of the vision encoder. */
  encoder: number;
  probe: { tokens: number[][]; narrowTokens: number[][]; narrowError: number };
}

async function runPython(python: string, args: string[]): Promise<unknown> {
  const { success, stdout, stderr } = await new Deno.Command(python, { args: [SCRIPT, ...args] })
    .output();
  const text = new TextDecoder();
  if (!success) throw new Error(`${SCRIPT} failed: ${text.decode(stderr).slice(-2000)}`);
  return JSON.parse(text.decode(stdout).trim().split("\n").at(-1)!);
}

/** 20 text tokens, an image of 400, and 60 text tokens. */
function imagePrompt(seed: number, hiddenSize: number): ModelInput {
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

function textPrompt(seed: number, length: number): ModelInput {
  const ids = Int32Array.from({ length }, (_, i) => (i * 53 + seed * 997) % 150_000);
  return {
    ids,
    ...promptPositions(length, { images: [], mergeSize: 2 }),
    imageTokens: [],
    imageEmbeddings: null,
  };
}

interface Timing {
  /** Seconds to the first tokens. */
  first: number;
  seconds: number;
  tokens: number;
  /** Median seconds of a step of the second half. */
  step: number;
}

async function time(decoder: Decoder, rows: RowRequest[], maxNewTokens: number): Promise<Timing> {
  const start = performance.now();
  const ends: number[] = [];
  await generate(decoder, rows, {
    maxNewTokens,
    onToken: ({ step }) => ends[step] = performance.now() - start,
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

async function visualTokens(decoder: Decoder, input: ModelInput): Promise<VisualTokens> {
  const [{ captured }] = await forward(decoder, [{
    input,
    capture: { keysValues: { tokens: "image" } },
  }], {
    logits: "none",
  });
  return visualTokensOf(captured);
}

/** An image of 400 visual tokens. */
function imagePatches(seed: number): ImagePatches {
  const pixels = Float32Array.from(
    { length: SIDE * SIDE * 1176 },
    (_, i) => Math.sin(i * 0.37 + seed),
  );
  return { pixels, grid: [1, SIDE, SIDE] };
}

/**
 * Seconds of a vision sweep of so many pairs: images, captures, baseline and every layer, 64 new
 * tokens.
 */
async function visionSweep(decoder: Decoder, tower: VisionTower, pairs: number) {
  const { hiddenSize, numLayers } = decoder.config;
  const images = Array.from({ length: 2 * pairs }, (_, i) => imagePatches(i));
  const layers = Array.from({ length: numLayers }, (_, layer) => layer);
  const start = performance.now();
  const encoded = await tower.encode(images);
  const shown = (performance.now() - start) / 1000;
  const inputs = encoded.map((imageEmbeddings, i) => ({
    ...imagePrompt(i >> 1, hiddenSize),
    imageEmbeddings,
  }));
  const rows: RowRequest[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const source = await visualTokens(decoder, inputs[2 * pair + 1]);
    rows.push(...tokenSwapSweep(inputs[2 * pair], source, { layers }));
  }
  const captured = (performance.now() - start) / 1000;
  const timing = await time(decoder, rows, NEW_TOKENS.image);
  return { ...timing, seconds: (performance.now() - start) / 1000, captured, shown };
}

async function reasoningSweep(decoder: Decoder, problems: number): Promise<Timing> {
  const layers = Array.from({ length: decoder.config.numLayers }, (_, layer) => layer);
  const rows = Array.from({ length: problems }, (_, i) => textPrompt(i, 150)).flatMap((input) =>
    zeroAblationSweep(input, { layers })
  );
  return await time(decoder, rows, NEW_TOKENS.text);
}

function usedMemory(): string {
  try {
    const { stdout } = new Deno.Command("nvidia-smi", {
      args: ["--query-gpu=memory.used", "--format=csv,noheader"],
    }).outputSync();
    return new TextDecoder().decode(stdout).trim();
  } catch {
    return "unknown";
  }
}

/** Options of {@linkcode benchGpu}. */
export interface BenchGpuOptions {
  /** Where the checkpoint is written, and left for the next run; default a temporary folder. */
  folder?: string;
  /** Decoder layers, default 28. */
  layers?: number;
  /** What to measure, default all. */
  parts?: readonly string[];
  onResult?: (result: BenchResult) => void;
}

/**
 * Runs all measurements. Takes 17 GB of disk and of GPU memory.
 *
 * @throws {Error} if there is no GPU, or no Python with torch and transformers to write the checkpoint.
 */
export async function benchGpu(options: BenchGpuOptions = {}): Promise<BenchResult[]> {
  const gpu = findGpu();
  const python = await findTorch();
  if (!gpu || !python) {
    throw new Error("Cannot measure the GPU: it needs an NVIDIA GPU, and python3 with torch");
  }
  const { layers = 28, parts = ["decode", "vision", "reasoning", "baseline", "tower"] } = options;
  const results: BenchResult[] = [];
  const add = (result: BenchResult) => {
    results.push(result);
    options.onResult?.(result);
  };
  const folder = options.folder ?? await Deno.makeTempDir({ prefix: "gpu-bench-" });
  try {
    await Deno.stat(join(folder, "config.json"));
  } catch {
    await runPython(python, ["make", folder, String(layers)]);
  }
  const probe = [0, 1, 2, 3].map((seed) => [...textPrompt(seed + 50, 96).ids]);
  const logitsFile = join(folder, "logits.f32");
  let baseline: Baseline | null = null;
  if (parts.includes("baseline")) {
    const work = {
      grid: SIDE,
      ids: [...imagePrompt(0, 1).ids],
      text: [...textPrompt(0, 150).ids],
      rows: ROWS,
      textRows: TEXT_ROWS,
      imageTokens: NEW_TOKENS.image,
      textTokens: NEW_TOKENS.text,
      probe,
      alone: ALONE,
      probeTokens: 64,
      logits: logitsFile,
    };
    baseline = await runPython(python, ["run", folder, JSON.stringify(work)]) as Baseline;
  }
  const versions = baseline ? `transformers ${baseline.transformers}, bf16, sdpa` : "not measured";
  using checkpoint = Checkpoint.open(folder);
  let start = performance.now();
  await using decoder = await Decoder.open(planOf(checkpoint), {
    device: "webgpu",
    precision: "f16",
  });
  const opened = (performance.now() - start) / 1000;
  add({
    what: `${layers} layers of 7B shape opened, f16, ${gpu.name}`,
    ours: `${opened.toFixed(1)} s, ${usedMemory()}`,
    reference: "-",
    ratio: null,
    target: "<= 30 s, 18 GB",
    note: "reading files and bringing them up",
  });
  const { hiddenSize } = decoder.config;
  const rate = (seconds: number, tokens: number) => tokens / seconds;
  const beside = (what: string, { value, seconds, rows, tokens, target, note }: {
    value: number;
    seconds: number | undefined;
    rows: number;
    tokens: number;
    target: string;
    note: string;
  }) =>
    add({
      what,
      ours: `${value.toFixed(0)} tokens/s`,
      reference: seconds ? `${versions} ${(rows * tokens / seconds).toFixed(0)}` : "-",
      ratio: seconds ? value / (rows * tokens / seconds) : null,
      target,
      note,
    });
  if (parts.includes("decode")) {
    await time(decoder, [{ input: imagePrompt(0, hiddenSize) }], 3);
    // As in a sweep, 29 rows a prompt; and no prompt twice.
    for (const [rows, share] of [...ROWS.map((rows) => [rows, 29]), [29, 1]]) {
      const prompts = Array.from(
        { length: Math.ceil(rows / share) },
        (_, i) => imagePrompt(i, hiddenSize),
      );
      const requests = Array.from({ length: rows }, (_, i) => ({
        input: prompts[i % prompts.length],
      }));
      const { first, step } = await time(decoder, requests, NEW_TOKENS.image);
      beside(`tokens after a prompt of 482, ${rows} rows of ${prompts.length} prompts`, {
        value: rows / step,
        seconds: baseline?.imageStep[rows],
        rows,
        tokens: 1,
        target: rows === 29 ? ">= 0.7" : rows === 116 ? ">= 0.4" : "",
        note: `${(step * 1000).toFixed(0)} ms a step; first tokens after ${first.toFixed(2)} s`,
      });
    }
    const prompts = Array.from({ length: 8 }, (_, i) => ({
      input: imagePrompt(20 + i, hiddenSize),
    }));
    await time(decoder, prompts, 1);
    const { seconds } = await time(decoder, prompts, 1);
    beside("prefill of 8 prompts of 482 tokens", {
      value: 8 * 482 / seconds,
      seconds: baseline?.imageFirst[8],
      rows: 8,
      tokens: 482,
      target: "",
      note: "products in f16 without tensor cores; theirs with the vision encoder",
    });
    for (const rows of TEXT_ROWS) {
      const prompts = [0, 1, 2, 3].map((seed) => textPrompt(seed, 150));
      const requests = Array.from({ length: rows }, (_, i) => ({
        input: prompts[rows === 116 ? i % 4 : 0],
      }));
      const timing = await time(decoder, requests, NEW_TOKENS.text);
      beside(`prompt of 150 and 256 new tokens, ${rows} rows`, {
        value: rate(timing.seconds, timing.tokens),
        seconds: baseline?.text[rows],
        rows,
        tokens: NEW_TOKENS.text,
        target: rows === 29 ? ">= 0.7" : rows === 116 ? ">= 0.4" : "",
        note: `${(timing.step * 1000).toFixed(0)} ms a step`,
      });
    }
  }
  const sweep = (what: string, { seconds, note }: { seconds: number; note: string }, generations: {
    count: number;
    alone: number[] | undefined;
  }) => {
    const { count, alone } = generations;
    const original = alone?.toSorted((a, b) => a - b)[alone.length >> 1];
    add({
      what: `${what}, ${count} generations`,
      ours: `${seconds.toFixed(1)} s`,
      reference: original
        ? `one at a time, ${versions}: ${(count * original).toFixed(0)} s (median of ` +
          `${alone!.length}: ${original.toFixed(2)} s)`
        : "-",
      ratio: original ? count * original / seconds : null,
      target: ">= 10",
      note,
    });
  };
  const configurations = layers + 1;
  if (parts.includes("vision")) {
    const config = qwenConfigOf(checkpoint).vision;
    await using tower = await VisionTower.open({ checkpoint, config }, {
      device: "webgpu",
      precision: "f16",
    });
    await visionSweep(decoder, tower, 1);
    for (const pairs of [1, 8]) {
      const { seconds, shown, captured, first, step } = await visionSweep(decoder, tower, pairs);
      const note = `images ${shown.toFixed(1)} s, captures until ${
        captured.toFixed(1)
      } s, prefill ${first.toFixed(1)} s, then ${
        (step * 1000).toFixed(0)
      } ms a step; ${usedMemory()}`;
      sweep(`vision sweep of ${pairs} pairs`, { seconds, note }, {
        count: pairs * configurations,
        alone: baseline?.imageAlone,
      });
    }
  }
  if (parts.includes("reasoning")) {
    const { seconds, first, step } = await reasoningSweep(decoder, 4);
    const note = `prefill ${first.toFixed(1)} s, then ${(step * 1000).toFixed(0)} ms a step`;
    sweep("reasoning sweep of 4 problems", { seconds, note }, {
      count: 4 * configurations,
      alone: baseline?.textAlone,
    });
  }
  if (parts.includes("tower")) {
    const config = qwenConfigOf(checkpoint).vision;
    start = performance.now();
    await using tower = await VisionTower.open({ checkpoint, config }, {
      device: "webgpu",
      precision: "f16",
    });
    const openedTower = (performance.now() - start) / 1000;
    const images = [0, 1, 2, 3].map(imagePatches);
    await tower.encode(images);
    start = performance.now();
    await tower.encode(images);
    const speed = 4000 / (performance.now() - start);
    add({
      what: "vision encoder, 4 images of 1,600 patches",
      ours: `${speed.toFixed(1)} images/s`,
      reference: baseline ? `${versions} ${baseline.encoder.toFixed(1)}` : "-",
      ratio: baseline && speed / baseline.encoder,
      target: ">= 5 images/s",
      note: `opened in ${openedTower.toFixed(1)} s`,
    });
  }
  if (baseline) {
    const inputs = probe.map((ids) => {
      const prompt = textPrompt(0, ids.length);
      return { input: { ...prompt, ids: Int32Array.from(ids) } };
    });
    const { tokens, narrowTokens, narrowError } = baseline.probe;
    const agreeing = (answers: readonly ArrayLike<number>[]) =>
      answers.reduce((sum, own, row) => {
        const first = tokens[row].findIndex((token, i) => token !== own[i]);
        return sum + (first < 0 ? tokens[row].length : first);
      }, 0);
    const fidelity = async (decoder: Decoder, target: string) => {
      const { distance, largest, scale } = await distanceOf(decoder, inputs, logitsFile);
      const answers = await generate(decoder, inputs, { maxNewTokens: 64 });
      const same = agreeing(answers.map(({ tokens }) => tokens));
      add({
        what: `logits of ${decoder.precision}: distance from f32, of their norm`,
        ours: distance.toExponential(2),
        reference: `${versions} ${narrowError.toExponential(2)}`,
        ratio: distance / narrowError,
        target,
        note:
          `at most ${largest.toExponential(1)} at a scale of ${scale.toFixed(1)}; greedy tokens ` +
          `equal to f32's until the first other: ${same} of 256, bf16 ${agreeing(narrowTokens)}`,
      });
    };
    await fidelity(decoder, "<= 1");
    await using wide = await Decoder.open(planOf(checkpoint), { device: "webgpu" });
    await fidelity(wide, "2e-4, all tokens");
  }
  if (!options.folder) await Deno.remove(folder, { recursive: true });
  return results;
}

/** How far the last tokens' logits are from those in a file: over their norm, and at most. */
async function distanceOf(decoder: Decoder, rows: RowRequest[], file: string) {
  const want = new Float32Array((await Deno.readFile(file)).buffer);
  const got = concatenate((await forward(decoder, rows)).map(({ logits }) => logits.data));
  let [squares, norm, largest, scale] = [0, 0, 0, 0];
  for (const [i, value] of want.entries()) {
    const difference = Math.abs(got[i] - value);
    squares += difference ** 2;
    norm += value ** 2;
    largest = Math.max(largest, difference);
    scale = Math.max(scale, Math.abs(value));
  }
  return { distance: Math.sqrt(squares / norm), largest, scale };
}

if (import.meta.main) {
  const [folder, parts] = Deno.args;
  await benchGpu({
    folder,
    parts: parts?.split(","),
    onResult: (result) => console.log(JSON.stringify(result)),
  });
  Deno.exit(0);
}
