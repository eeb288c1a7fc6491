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
import { findGpu } from "../model/gpu_adapter.ts";
import { planOf } from "../model/layer_list.ts";
import { qwenConfigOf } from "../model/qwen_config.ts";
import type { RowRequest } from "../model/row_plan.ts";
import { VisionTower } from "../model/vision_tower.ts";
import type { BenchResult } from "./bench_result.ts";
import {
  imagePatches,
  imagePrompt,
  NEW_TOKENS,
  reasoningSweep,
  SIDE,
  textPrompt,
  time,
  visionSweep,
} from "./gpu_work.ts";
import { findTorch } from "./torch_baseline.ts";

const SCRIPT = fileURLToPath(new URL("gpu_baseline.py", import.meta.url));

const ROWS = [1, 8, 29, 116];
const TEXT_ROWS = [29, 116];
/** Generations of one row that are timed, as the original's way does all of them. */
const ALONE = { image: 15, text: 5 };
/** Prompts by which the model is compared with itself in f32. */
const PROBE = [0, 1, 2, 3].map((seed) => [...textPrompt(seed + 50, 96).ids]);

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

/** What is measured, and what it is compared with. */
interface Subject {
  checkpoint: Checkpoint;
  decoder: Decoder;
  baseline: Baseline | null;
  /** Of the baseline. */
  versions: string;
  add: (result: BenchResult) => void;
}

const milliseconds = (seconds: number) => `${(seconds * 1000).toFixed(0)} ms`;

/** Adds a speed beside the baseline's seconds for so many tokens. */
function addSpeed({ versions, add }: Subject, what: string, { value, tokens, seconds, ...rest }: {
  /** Tokens a second. */
  value: number;
  tokens: number;
  seconds: number | undefined;
  target?: string;
  note: string;
}) {
  add({
    what,
    ours: `${value.toFixed(0)} tokens/s`,
    reference: seconds ? `${versions} ${(tokens / seconds).toFixed(0)}` : "-",
    ratio: seconds ? value * seconds / tokens : null,
    target: "",
    ...rest,
  });
}

const targetOf = (rows: number) => rows === 29 ? ">= 0.7" : rows === 116 ? ">= 0.4" : "";

async function measureDecode(subject: Subject) {
  const { decoder, baseline } = subject;
  const prompt = (seed: number) => imagePrompt(seed, decoder.config.hiddenSize);
  await time(decoder, [{ input: prompt(0) }], 3);
  // As in a sweep, 29 rows a prompt; and no prompt twice.
  for (const [rows, share] of [...ROWS.map((rows) => [rows, 29]), [29, 1]]) {
    const prompts = Array.from({ length: Math.ceil(rows / share) }, (_, i) => prompt(i));
    const requests = Array.from({ length: rows }, (_, i) => ({
      input: prompts[i % prompts.length],
    }));
    const { first, step } = await time(decoder, requests, NEW_TOKENS.image);
    addSpeed(subject, `tokens after a prompt of 482, ${rows} rows of ${prompts.length} prompts`, {
      value: rows / step,
      tokens: rows,
      seconds: baseline?.imageStep[rows],
      target: targetOf(rows),
      note: `${milliseconds(step)} a step; first tokens after ${first.toFixed(2)} s`,
    });
  }
  const prompts = Array.from({ length: 8 }, (_, i) => ({ input: prompt(20 + i) }));
  await time(decoder, prompts, 1);
  const { seconds } = await time(decoder, prompts, 1);
  addSpeed(subject, "prefill of 8 prompts of 482 tokens", {
    value: 8 * 482 / seconds,
    tokens: 8 * 482,
    seconds: baseline?.imageFirst[8],
    note: "products in f16 without tensor cores; theirs with the vision encoder",
  });
  for (const rows of TEXT_ROWS) {
    const prompts = [0, 1, 2, 3].map((seed) => textPrompt(seed, 150));
    const requests = Array.from({ length: rows }, (_, i) => ({
      input: prompts[rows === 116 ? i % 4 : 0],
    }));
    const { seconds, tokens, step } = await time(decoder, requests, NEW_TOKENS.text);
    addSpeed(subject, `prompt of 150 and 256 new tokens, ${rows} rows`, {
      value: tokens / seconds,
      tokens,
      seconds: baseline?.text[rows],
      target: targetOf(rows),
      note: `${milliseconds(step)} a step`,
    });
  }
}

/** Adds a sweep's seconds beside those of the original's way, one generation at a time. */
function addSweep({ versions, add }: Subject, what: string, { count, seconds, alone, note }: {
  count: number;
  seconds: number;
  alone: number[] | undefined;
  note: string;
}) {
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
}

function openTower(checkpoint: Checkpoint): Promise<VisionTower> {
  const config = qwenConfigOf(checkpoint).vision;
  return VisionTower.open({ checkpoint, config }, { device: "webgpu", precision: "f16" });
}

async function measureVision(subject: Subject) {
  const { checkpoint, decoder, baseline } = subject;
  await using tower = await openTower(checkpoint);
  await visionSweep({ decoder, tower }, 1);
  for (const pairs of [1, 8]) {
    const parts: string[] = [];
    let last = performance.now();
    const { seconds, step } = await visionSweep({ decoder, tower }, pairs, (part) => {
      const now = performance.now();
      if (part !== "pictures") parts.push(`${part} ${((now - last) / 1000).toFixed(1)} s`);
      last = now;
    });
    addSweep(subject, `vision sweep of ${pairs} pairs`, {
      count: pairs * (decoder.config.numLayers + 1),
      seconds,
      alone: baseline?.imageAlone,
      note: `${parts.join(", ")}, ${milliseconds(step)} a step; ${usedMemory()}`,
    });
  }
}

async function measureReasoning(subject: Subject) {
  const { decoder, baseline } = subject;
  const { seconds, first, step } = await reasoningSweep(decoder, 4);
  addSweep(subject, "reasoning sweep of 4 problems", {
    count: 4 * (decoder.config.numLayers + 1),
    seconds,
    alone: baseline?.textAlone,
    note: `prefill ${first.toFixed(1)} s, then ${milliseconds(step)} a step`,
  });
}

async function measureTower({ checkpoint, baseline, versions, add }: Subject) {
  let start = performance.now();
  await using tower = await openTower(checkpoint);
  const opened = (performance.now() - start) / 1000;
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
    note: `opened in ${opened.toFixed(1)} s`,
  });
}

/** Compares a decoder with the baseline's f32, as the baseline's bf16 is. */
async function measureFidelity(
  { versions, add }: Subject,
  decoder: Decoder,
  { probe, file, target }: { probe: Baseline["probe"]; file: string; target: string },
) {
  const inputs = PROBE.map((ids) => ({
    input: { ...textPrompt(0, ids.length), ids: Int32Array.from(ids) },
  }));
  const { tokens, narrowTokens, narrowError } = probe;
  const agreeing = (answers: readonly ArrayLike<number>[]) =>
    answers.reduce((sum, own, row) => {
      const first = tokens[row].findIndex((token, i) => token !== own[i]);
      return sum + (first < 0 ? tokens[row].length : first);
    }, 0);
  const { distance, largest, scale } = await distanceOf(decoder, inputs, file);
  const answers = await generate(decoder, inputs, { maxNewTokens: 64 });
  const same = agreeing(answers.map(({ tokens }) => tokens));
  add({
    what: `logits of ${decoder.precision}: distance from f32, of their norm`,
    ours: distance.toExponential(2),
    reference: `${versions} ${narrowError.toExponential(2)}`,
    ratio: distance / narrowError,
    target,
    note: `at most ${largest.toExponential(1)} at a scale of ${scale.toFixed(1)}; greedy tokens ` +
      `equal to f32's until the first other: ${same} of 256, bf16 ${agreeing(narrowTokens)}`,
  });
}

const PARTS = {
  decode: measureDecode,
  vision: measureVision,
  reasoning: measureReasoning,
  tower: measureTower,
};

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
  const { layers = 28, parts = [...Object.keys(PARTS), "baseline"] } = options;
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
  const logits = join(folder, "logits.f32");
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
      probe: PROBE,
      alone: ALONE,
      probeTokens: 64,
      logits,
    };
    baseline = await runPython(python, ["run", folder, JSON.stringify(work)]) as Baseline;
  }
  const versions = baseline ? `transformers ${baseline.transformers}, bf16, sdpa` : "not measured";
  using checkpoint = Checkpoint.open(folder);
  const start = performance.now();
  const device = "webgpu";
  await using decoder = await Decoder.open(planOf(checkpoint), { device, precision: "f16" });
  const opened = (performance.now() - start) / 1000;
  add({
    what: `${layers} layers of 7B shape opened, f16, ${gpu.name}`,
    ours: `${opened.toFixed(1)} s, ${usedMemory()}`,
    reference: "-",
    ratio: null,
    target: "<= 30 s, 18 GB",
    note: "reading files and bringing them up",
  });
  const subject: Subject = { checkpoint, decoder, baseline, versions, add };
  for (const [part, measure] of Object.entries(PARTS)) {
    if (parts.includes(part)) await measure(subject);
  }
  if (baseline) {
    const { probe } = baseline;
    await measureFidelity(subject, decoder, { probe, file: logits, target: "<= 1" });
    await using wide = await Decoder.open(planOf(checkpoint), { device });
    await measureFidelity(subject, wide, { probe, file: logits, target: "2e-4, all tokens" });
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
