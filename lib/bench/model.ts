/**
 * Speed of the model runtime: prefill and decode at several batch sizes for a tiny model and for
 * slices of the published shapes, and a whole layer sweep in one batch against one generation at a
 * time; eager PyTorch beside it where there is one.
 *
 * @module
 */
import { join } from "node:path";
import { Checkpoint } from "../checkpoint/mod.ts";
import { Decoder } from "../model/decoder.ts";
import { generate } from "../model/generate.ts";
import { planOf } from "../model/layer_list.ts";
import { headGraph } from "../model/lm_head.ts";
import type { Precision } from "../model/linear.ts";
import { logitEditInputs } from "../model/logit_edits.ts";
import type { ModelInput } from "../model/mod.ts";
import type { RowRequest } from "../model/row_plan.ts";
import { GraphSession } from "../model/session.ts";
import { hostTensor } from "../model/tensors.ts";
import { zeroAblationSweep } from "../model/sweep.ts";
import {
  PUBLISHED_VOCABULARY,
  SHAPE_3B,
  SHAPE_7B,
  type SyntheticShape,
  writeSparseHead,
  writeSyntheticCheckpoint,
} from "../model/testdata/synthetic_checkpoint.ts";
import { findTorch, timeTorch } from "./torch_baseline.ts";

/** One measured number. */
export interface BenchRow {
  name: string;
  /** Ours, higher is better. */
  value: number;
  unit: string;
  /** The same work in eager PyTorch, f32, or done one at a time; null if there is nothing beside. */
  baseline: number | null;
  /** What the baseline is. */
  against: string;
  /** What the number is bound by. */
  bound: string;
}

/** Options of {@linkcode benchModel}. */
export interface BenchModelOptions {
  /** Leaves the slices of large models out. */
  quick?: boolean;
  onRow?: (row: BenchRow) => void;
}

interface Subject {
  name: string;
  shape: SyntheticShape;
  precisions: Precision[];
  prompt: number;
  steps: number;
  repeats: number;
}

const TINY: SyntheticShape = {
  hiddenSize: 128,
  intermediateSize: 256,
  numLayers: 12,
  numHeads: 4,
  numKvHeads: 2,
  vocabSize: 512,
};

const SUBJECTS: Subject[] = [
  { name: "tiny", shape: TINY, precisions: ["f32"], prompt: 128, steps: 33, repeats: 3 },
  {
    name: "3B shape, 2 layers and head",
    shape: { ...SHAPE_3B, numLayers: 2, vocabSize: 151_936 },
    precisions: ["f32", "bf16", "int8"],
    prompt: 32,
    steps: 9,
    repeats: 2,
  },
  {
    name: "7B shape, 2 layers and head",
    shape: {
      ...SHAPE_7B,
      numLayers: 2,
      vocabSize: PUBLISHED_VOCABULARY,
      tieWordEmbeddings: false,
    },
    precisions: ["f32", "bf16", "int8"],
    prompt: 32,
    steps: 9,
    repeats: 2,
  },
];

const ROWS = [1, 8, 32];

/** Tokens with a meaning come first in the vocabulary of synthetic checkpoints. */
const SPECIAL_TOKENS = 6;

function promptOf(tokens: number, seed: number, vocabulary: number): ModelInput {
  const plain = vocabulary - SPECIAL_TOKENS;
  return {
    ids: Int32Array.from(
      { length: tokens },
      (_, i) => SPECIAL_TOKENS + (i * 7 + seed * 13 + 1) % plain,
    ),
    positions: Int32Array.from({ length: 3 * tokens }, (_, i) => i % tokens),
    ropeDelta: 0,
    imageTokens: [],
    imageEmbeddings: null,
  };
}

/** Seconds until every row has its first token, and from then on. */
async function time(
  decoder: Decoder,
  rows: RowRequest[],
  maxNewTokens: number,
): Promise<{ prefill: number; decode: number }> {
  const start = performance.now();
  let first = start;
  await generate(decoder, rows, {
    maxNewTokens,
    onToken: ({ step }) => {
      if (step === 0) first = performance.now();
    },
  });
  return { prefill: (first - start) / 1000, decode: (performance.now() - first) / 1000 };
}

function boundOf(
  { shape }: Subject,
  { rows, phase, precision }: { rows: number; phase: "prefill" | "decode"; precision: Precision },
): string {
  if (shape.hiddenSize <= 256) {
    if (phase === "prefill") return "products and softmax of small matrices";
    return rows === 1 ? "fixed cost of 38 runtime calls a token" : "runtime calls and K/V reads";
  }
  const arithmetic = phase === "prefill" || rows >= 32;
  if (precision === "bf16") {
    return arithmetic
      ? "widening and packing weights, arithmetic"
      : "widening weights block by block";
  }
  return arithmetic ? "arithmetic of the matrix products" : "reading the weights from memory";
}

async function benchSubject(
  subject: Subject,
  { folder, python, onRow }: {
    folder: string;
    python: string | null;
    onRow: (row: BenchRow) => void;
  },
) {
  const { name, shape, precisions, prompt, steps, repeats } = subject;
  writeSyntheticCheckpoint(folder, shape);
  using checkpoint = Checkpoint.open(folder);
  const plan = planOf(checkpoint);
  const results: { precision: Precision; rows: number; prefill: number; decode: number }[] = [];
  for (const precision of precisions) {
    await using decoder = await Decoder.open(plan, { precision });
    for (const rows of ROWS) {
      const requests = Array.from({ length: rows }, (_, i) => ({
        input: promptOf(prompt, i, shape.vocabSize),
      }));
      await time(decoder, requests, 2);
      const runs = [];
      for (let i = 0; i < repeats; i++) runs.push(await time(decoder, requests, steps));
      results.push({
        precision,
        rows,
        prefill: rows * prompt / Math.min(...runs.map((run) => run.prefill)),
        decode: rows * (steps - 1) / Math.min(...runs.map((run) => run.decode)),
      });
    }
  }
  for (const rows of ROWS) {
    const torch = python && await timeTorch(python, {
      hidden: shape.hiddenSize,
      inter: shape.intermediateSize,
      layers: shape.numLayers,
      heads: shape.numHeads,
      kv: shape.numKvHeads,
      vocab: shape.vocabSize,
      rows,
      prompt,
      steps,
      threads: navigator.hardwareConcurrency,
      repeats,
    });
    for (const phase of ["prefill", "decode"] as const) {
      for (const result of results.filter((entry) => entry.rows === rows)) {
        const tokens = phase === "prefill" ? rows * prompt : rows * (steps - 1);
        onRow({
          name: `${name}, ${result.precision}, ${phase}, ${rows} row${rows === 1 ? "" : "s"}`,
          value: result[phase],
          unit: "tokens/s",
          baseline: torch ? tokens / torch[phase] : null,
          against: torch ? `torch ${torch.torch}, f32, eager` : "",
          bound: boundOf(subject, { rows, phase, precision: result.precision }),
        });
      }
    }
  }
}

/** The best of so many runs counts, for each way of doing the work alike. */
const SWEEP = { prompts: 32, tokens: 128, steps: 48, repeats: 2 };

/** Seconds of the whole sweep in one batch, configuration by configuration, and row by row. */
async function benchSweep(
  folder: string,
  { python, onRow }: { python: string | null; onRow: (row: BenchRow) => void },
) {
  using checkpoint = Checkpoint.open(folder);
  await using decoder = await Decoder.open(planOf(checkpoint));
  const layers = Array.from({ length: TINY.numLayers }, (_, layer) => layer);
  const prompts = Array.from(
    { length: SWEEP.prompts },
    (_, i) => promptOf(SWEEP.tokens, i, TINY.vocabSize),
  );
  const rows = prompts.flatMap((input) => zeroAblationSweep(input, { layers }));
  const total = async (requests: RowRequest[]) => {
    const runs = [];
    for (let i = 0; i < SWEEP.repeats; i++) {
      const { prefill, decode } = await time(decoder, requests, SWEEP.steps);
      runs.push(prefill + decode);
    }
    return Math.min(...runs);
  };
  await total(rows.slice(0, 26));
  const batched = await total(rows);
  let byConfiguration = 0;
  for (const layer of [-1, ...layers]) {
    byConfiguration += await total(rows.filter((row) => row.layer === layer));
  }
  // One generation at a time takes minutes: every 13th row and one more, so that all layers occur.
  const sample = rows.filter((_, i) => i % 14 === 0);
  let oneByOne = 0;
  for (const row of sample) oneByOne += await total([row]);
  oneByOne *= rows.length / sample.length;
  const generations = rows.length;
  const name = `tiny, zero-ablation sweep, ${
    layers.length + 1
  } x ${SWEEP.prompts} x ${SWEEP.steps}`;
  const value = generations / batched;
  const bound = "attention's small products over K/V that do not fit the caches, then the MLP";
  const row = { name, value, unit: "generations/s", bound };
  onRow({ ...row, baseline: generations / oneByOne, against: "ours, one generation at a time" });
  onRow({
    ...row,
    baseline: generations / byConfiguration,
    against: "ours, one layer at a time, its 32 prompts batched",
  });
  if (!python) return;
  const { prefill, decode, torch } = await timeTorch(python, {
    hidden: TINY.hiddenSize,
    inter: TINY.intermediateSize,
    layers: TINY.numLayers,
    heads: TINY.numHeads,
    kv: TINY.numKvHeads,
    vocab: TINY.vocabSize,
    rows: 1,
    prompt: SWEEP.tokens,
    steps: SWEEP.steps,
    threads: navigator.hardwareConcurrency,
    repeats: 5,
  });
  onRow({
    ...row,
    baseline: 1 / (prefill + decode),
    against: `torch ${torch}, f32, eager, one generation at a time`,
  });
}

/** The head of the 7B model alone: final norm, 152,064 logits a row, the largest of them. */
async function benchHead(
  folder: string,
  { python, onRow }: { python: string | null; onRow: (row: BenchRow) => void },
) {
  Deno.mkdirSync(folder);
  const { vocabSize, hiddenSize } = writeSparseHead(folder);
  using checkpoint = Checkpoint.open(folder);
  const plan = {
    config: { hiddenSize, vocabSize, rmsNormEps: 1e-6 },
    finalNorm: checkpoint.tensor("model.norm.weight"),
    head: checkpoint.tensor("lm_head.weight"),
  };
  const steps = 8;
  for (const precision of ["f32", "bf16"] as const) {
    await using head = await GraphSession.open(headGraph(plan, { precision, bound: false }), {
      foldWeights: precision === "f32",
    });
    for (const rows of [1, 32]) {
      const inputs = {
        x: hostTensor(new Float32Array(rows * hiddenSize).fill(1), [rows, hiddenSize]),
        ...logitEditInputs(),
      };
      const times: number[] = [];
      for (let i = 0; i <= steps; i++) {
        const start = performance.now();
        await head.compute(inputs, ["tokens"]);
        times.push((performance.now() - start) / 1000);
      }
      const torch = python && await timeTorch(python, {
        hidden: hiddenSize,
        inter: 1,
        layers: 0,
        heads: 28,
        kv: 4,
        vocab: vocabSize,
        rows,
        prompt: 1,
        steps,
        threads: navigator.hardwareConcurrency,
        repeats: 2,
      });
      onRow({
        name: `7B head, ${precision}, ${rows} row${rows === 1 ? "" : "s"}`,
        value: rows / Math.min(...times),
        unit: "tokens/s",
        baseline: torch ? rows * (steps - 1) / torch.decode : null,
        against: torch ? `torch ${torch.torch}, f32, eager` : "",
        bound: rows === 1 ? "reading 2.2 GB of weights" : "arithmetic of the matrix product",
      });
    }
  }
}

/** How long a prompt holds up the timers of its thread: progress, aborts, a notebook's kernel. */
async function benchTimers(folder: string, { onRow }: { onRow: (row: BenchRow) => void }) {
  using checkpoint = Checkpoint.open(folder);
  await using decoder = await Decoder.open(planOf(checkpoint));
  let last = performance.now();
  let longest = 0;
  const timer = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 10);
  const prompts = Array.from({ length: 6 }, (_, i) => promptOf(1800, i, TINY.vocabSize));
  await time(decoder, prompts.map((input) => ({ input })), 3);
  clearInterval(timer);
  onRow({
    name: "tiny, f32, 6 prompts of 1,800 tokens, longest time without a timer (less is better)",
    value: longest,
    unit: "ms",
    baseline: null,
    against: "",
    bound: "the longest call of the runtime",
  });
}

/** Runs all measurements; synthetic weights go to a temporary folder that is removed again. */
export async function benchModel(options: BenchModelOptions = {}): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  const onRow = (row: BenchRow) => {
    rows.push(row);
    options.onRow?.(row);
  };
  const python = await findTorch();
  const folder = await Deno.makeTempDir({ prefix: "model-bench-" });
  try {
    const subjects = options.quick ? SUBJECTS.slice(0, 1) : SUBJECTS;
    for (const [i, subject] of subjects.entries()) {
      const place = join(folder, String(i));
      await benchSubject(subject, { folder: place, python, onRow });
      if (i === 0) {
        await benchSweep(place, { python, onRow });
        await benchTimers(place, { onRow });
      }
      await Deno.remove(place, { recursive: true });
    }
    await benchHead(join(folder, "head"), { python, onRow });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  return rows;
}

/** A row as one line of text. */
export function benchLine({ name, value, unit, baseline, against, bound }: BenchRow): string {
  const figure = (number: number) => number.toLocaleString("en", { maximumSignificantDigits: 3 });
  const beside = baseline === null
    ? ""
    : `, ${figure(baseline)} ${against}: ${(value / baseline).toFixed(2)}x`;
  return `${name}: ${figure(value)} ${unit}${beside} (bound by ${bound})`;
}

if (import.meta.main) {
  await benchModel({
    quick: Deno.args.includes("--quick"),
    onRow: (row) => console.log(benchLine(row)),
  });
}
