/**
 * Speed of the localization sweeps on the embedded base model: all of a sweep in batches, against
 * the same engine one layer of one sample at a time, with identical answers.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { findBenchmark } from "../benchmarks/benchmark_files.ts";
import { loadMaths } from "../benchmarks/maths_dataset.ts";
import { questionMessages } from "../benchmarks/prompts.ts";
import { sampleIndices } from "../statistics/mod.ts";
import { loadVisionPairs, VISION_TASKS, type VisionPair } from "../benchmarks/vision_dataset.ts";
import {
  type RowRequest,
  swapVisualTokens,
  tokenSwapSweep,
  VisionLanguageModel,
  zeroAblationSweep,
} from "../model/mod.ts";
import { reasoningPass } from "../findings/reasoning/rows.ts";
import { AblationSweep, type ReasoningProblem } from "../findings/reasoning/sweep.ts";
import type { Sink } from "../experiments/pass.ts";
import { visionPass } from "../findings/vision/rows.ts";
import type { BenchResult } from "./bench_result.ts";

/** Options of {@linkcode benchSweeps}. */
export interface BenchSweepsOptions {
  /** Pairs of each vision task; default 50. */
  pairs?: number;
  /** Maths problems; default 100. */
  problems?: number;
  /**
   * Pairs of each task that are done one generation at a time, and twice as many problems of each
   * half; default 2.
   */
  sequential?: number;
  /** Most rows of a batch; default the suite's. */
  maxRows?: number;
}

const DATASET = fileURLToPath(new URL("../../dataset", import.meta.url));
const MODEL = `${DATASET}/tiny/checkpoints/base`;
const MAX_NEW_TOKENS = { vision: 64, reasoning: 128 } as const;

/** Answers by what they are the answer to. */
type Answers = Map<string, string>;

interface Timed {
  seconds: number;
  /** Generations that the seconds were spent on. */
  generations: number;
  answers: Answers;
}

async function time(work: (answers: Answers) => Promise<number>): Promise<Timed> {
  const answers: Answers = new Map();
  const start = performance.now();
  const generations = await work(answers);
  return { seconds: (performance.now() - start) / 1000, generations, answers };
}

/** Throws unless the answers that both have are the same, and there are some. */
function checkIdentical(what: string, batched: Answers, single: Answers) {
  for (const [key, answer] of single) {
    if (batched.get(key) === answer) continue;
    throw new Error(
      `${what}: ${key} is ${JSON.stringify(batched.get(key))} in a batch, ` +
        `${JSON.stringify(answer)} alone`,
    );
  }
  if (single.size === 0) throw new Error(`${what}: nothing was compared`);
}

function resultOf(what: string, batched: Timed, single: Timed): BenchResult {
  checkIdentical(what, batched.answers, single.answers);
  const rate = ({ generations, seconds }: Timed) => generations / seconds;
  return {
    what: `${what}, ${batched.generations} generations in ${batched.seconds.toFixed(1)} s`,
    ours: `${rate(batched).toFixed(0)} generations/s`,
    reference: `one layer at a time ${rate(single).toFixed(1)}`,
    ratio: rate(batched) / rate(single),
    target: ">= 5",
    note: `arithmetic; ${single.answers.size} answers compared, identical`,
  };
}

async function loadPairs(count: number): Promise<VisionPair[]> {
  const pairs: VisionPair[] = [];
  for (const task of VISION_TASKS) {
    const all = await loadVisionPairs((await findBenchmark(task, "embedded")).path, task);
    pairs.push(...all.slice(0, count));
  }
  return pairs;
}

/** Records that are not kept. */
const sinkOf = <R>(append: (record: R) => void): Sink<R> => ({ records: new Map(), append });

const everyLayer = ({ numLayers }: VisionLanguageModel) => ({
  numLayers,
  layers: Array.from({ length: numLayers }, (_, layer) => layer),
});

function batchedVision(
  model: VisionLanguageModel,
  pairs: VisionPair[],
  maxRows?: number,
): Promise<Timed> {
  return time(async (answers) => {
    const pass = visionPass({
      ...everyLayer(model),
      maxNewTokens: MAX_NEW_TOKENS.vision,
      records: sinkOf(({ sample_id, layer, swapped_answer }) =>
        answers.set(`${sample_id} ${layer}`, swapped_answer)
      ),
      controls: sinkOf(({ sample_id, original_answer, control_answer }) => {
        answers.set(`${sample_id} -1`, original_answer);
        answers.set(`${sample_id} control`, control_answer);
      }),
    });
    await pass.run(model, pairs, { maxRows });
    return answers.size;
  });
}

function singleVision(model: VisionLanguageModel, pairs: VisionPair[]): Promise<Timed> {
  const layers = Array.from({ length: model.numLayers }, (_, layer) => layer);
  return time(async (answers) => {
    for (const { id, targetImage, sourceImage, prompt } of pairs) {
      const [input, sourceInput] = await model.prepare([targetImage, sourceImage].map((image) => [{
        role: "user" as const,
        content: [{ type: "image" as const, image }, { type: "text" as const, text: prompt }],
      }]));
      const source = await model.captureVisualTokens(sourceInput);
      const own = await model.captureVisualTokens(input);
      const rows: [string, RowRequest][] = [
        ...tokenSwapSweep(input, source, { layers })
          .map((row): [string, RowRequest] => [`${row.layer}`, row]),
        ["control", { input, edits: [swapVisualTokens(own, { allowNoChange: true })] }],
      ];
      for (const [name, row] of rows) {
        const [{ tokens }] = await model.generate([row], { maxNewTokens: MAX_NEW_TOKENS.vision });
        answers.set(`${id} ${name}`, model.decode(tokens).trim());
      }
    }
    return answers.size;
  });
}

function batchedReasoning(
  model: VisionLanguageModel,
  problems: ReasoningProblem[],
  maxRows?: number,
): Promise<Timed> {
  return time(async (answers) => {
    const kind = "base";
    const pass = reasoningPass({
      sweep: new AblationSweep({ ...everyLayer(model), kind }),
      kind,
      modelName: "base",
      maxNewTokens: MAX_NEW_TOKENS.reasoning,
      records: sinkOf(({ id, ablated_layer, full_response }) =>
        answers.set(`${id} ${ablated_layer}`, full_response)
      ),
    });
    await pass.run(model, problems, { maxRows });
    return answers.size;
  });
}

function singleReasoning(
  model: VisionLanguageModel,
  problems: ReasoningProblem[],
): Promise<Timed> {
  const layers = Array.from({ length: model.numLayers }, (_, layer) => layer);
  return time(async (answers) => {
    for (const { id, question } of problems) {
      const [input] = await model.prepare([
        questionMessages({ question }, { kind: "base", inputType: "question_only" }),
      ]);
      for (const row of zeroAblationSweep(input, { layers })) {
        const [{ tokens }] = await model.generate([row], {
          maxNewTokens: MAX_NEW_TOKENS.reasoning,
        });
        answers.set(`${id} ${row.layer}`, model.decode(tokens));
      }
    }
    return answers.size;
  });
}

/** Adds up parts of one measurement. */
function together(parts: readonly Timed[]): Timed {
  return {
    seconds: parts.reduce((sum, { seconds }) => sum + seconds, 0),
    generations: parts.reduce((sum, { generations }) => sum + generations, 0),
    answers: new Map(parts.flatMap(({ answers }) => [...answers])),
  };
}

/** Measures both ways part by part, so that a machine that is busy for a while slows down both. */
async function compare<T>(
  what: string,
  parts: readonly { all: T[]; some: T[] }[],
  { batched, single }: {
    batched: (items: T[]) => Promise<Timed>;
    single: (items: T[]) => Promise<Timed>;
  },
): Promise<BenchResult> {
  const fast: Timed[] = [];
  const slow: Timed[] = [];
  for (const { all, some } of parts) {
    fast.push(await batched(all));
    slow.push(await single(some));
  }
  return resultOf(what, together(fast), together(slow));
}

/**
 * Times a full vision sweep and a full reasoning sweep (every layer and the baseline) in batches,
 * and a part of each one generation at a time.
 *
 * @throws {Error} if an answer differs between the two.
 */
export async function benchSweeps(
  { pairs = 50, problems = 100, sequential = 2, maxRows }: BenchSweepsOptions = {},
): Promise<BenchResult[]> {
  await using model = await VisionLanguageModel.open(MODEL);
  const all = await loadPairs(pairs);
  const maths = await loadMaths("math500", (await findBenchmark("math500", "embedded")).path);
  const chosen = sampleIndices(maths.length, { size: problems, seed: 123 }).map((i) => maths[i]);
  const tasks = VISION_TASKS.map((task) => {
    const own = all.filter((pair) => pair.task === task);
    return { all: own, some: own.slice(0, sequential) };
  });
  const half = Math.ceil(problems / 2);
  const halves = Array.from({ length: 2 }, (_, i) => {
    const own = chosen.slice(i * half, (i + 1) * half);
    return { all: own, some: own.slice(0, 2 * sequential) };
  }).filter((part) => part.all.length > 0);
  // The first calls of a session are slower.
  await batchedVision(model, tasks[0].some);
  return [
    await compare("vision sweep, tiny", tasks, {
      batched: (items) => batchedVision(model, items, maxRows),
      single: (items) => singleVision(model, items),
    }),
    await compare("reasoning sweep, tiny", halves, {
      batched: (items) => batchedReasoning(model, items, maxRows),
      single: (items) => singleReasoning(model, items),
    }),
  ];
}

if (import.meta.main) {
  const [pairs, problems, maxRows] = Deno.args.map(Number);
  for (const result of await benchSweeps({ pairs, problems, maxRows })) console.log(result);
  Deno.exit(0);
}
