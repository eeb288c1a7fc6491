/**
 * The doors by which files and texts of others come in, each with whole inputs to damage.
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { loadMaths } from "../../benchmarks/maths_dataset.ts";
import { loadImageQuestions } from "../../benchmarks/mathvista_dataset.ts";
import { loadVisionPairs } from "../../benchmarks/vision_dataset.ts";
import { Checkpoint, findTensors, readSafetensorsHeader } from "../../checkpoint/mod.ts";
import { PAPER_SPLICES, parseMergeExpression, planMerge } from "../../merging/mod.ts";
import { planOf, qwenConfigOf } from "../../model/mod.ts";
import { readImageProcessor } from "../../model/image_processor.ts";
import {
  declaredParameters,
  injectParameters,
  parseNotebook,
  readNotebook,
  serializeNotebook,
} from "../../notebook/mod.ts";
import { generationKey, generationRecordSchema } from "../../findings/attention/records.ts";
import { visionKey, visionRecordSchema } from "../../findings/vision/records.ts";
import { readSplit } from "../../findings/abilities/folder.ts";
import { readRecipe } from "../../study/recipe.ts";
import { RecordLog } from "../../experiments/record_log.ts";
import {
  type Draw,
  mutateBytes,
  mutateExpression,
  mutateJson,
  mutateJsonFile,
  mutateLines,
  pick,
} from "./mutate.ts";

/** A damaged input and the door that it is sent through. */
export interface FuzzCase {
  /** What is sent: a file's bytes, or a text. */
  input: Uint8Array | string;
  /** The file, if it is one; errors must name it. */
  path?: string;
  /** Sends it; resolves for a clean result, rejects with an error. */
  send: () => unknown;
  /** Whether an accepted file may lose its torn end, as a log of records does. */
  cuts?: boolean;
}

/** Makes a case in a folder that is its own. */
export type MakeCase = (folder: string, draw: Draw) => FuzzCase;

const PROJECT = fileURLToPath(new URL("../../../", import.meta.url));
const RANDOM = join(PROJECT, "lib", "model", "testdata", "random-qwen");
const BENCHMARKS = join(PROJECT, "dataset", "tiny", "benchmarks");
const PAIRS = join(PROJECT, "dataset", "vision_functionality");

const texts = new Map<string, string>();
/** A file's text, read once; the first lines of a long one. */
function textOf(path: string, lines = Infinity): string {
  const text = texts.get(path) ?? Deno.readTextFileSync(path);
  texts.set(path, text);
  return lines === Infinity ? text : text.split("\n").slice(0, lines).join("\n") + "\n";
}

function fileCase(
  path: string,
  input: Uint8Array,
  rest: Pick<FuzzCase, "send" | "cuts">,
): FuzzCase {
  Deno.writeFileSync(path, input);
  return { path, input, ...rest };
}

/** A checkpoint folder of links, but for the files that a case writes itself. */
function linkCheckpoint(folder: string, except: string) {
  for (const { name } of Deno.readDirSync(RANDOM)) {
    if (name !== except) Deno.symlinkSync(join(RANDOM, name), join(folder, name));
  }
}

/** A safetensors file's bytes with a given header. */
function withHeader(header: Uint8Array, data: Uint8Array, length = BigInt(header.length)) {
  const bytes = new Uint8Array(8 + header.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, length, true);
  bytes.set(header, 8);
  bytes.set(data, 8 + header.length);
  return bytes;
}

const HEADER = {
  __metadata__: { format: "pt" },
  "model.norm.weight": { dtype: "BF16", shape: [4], data_offsets: [0, 8] },
  "lm_head.weight": { dtype: "F32", shape: [2, 3], data_offsets: [8, 32] },
  "visual.merger.ln_q.weight": { dtype: "F16", shape: [], data_offsets: [32, 34] },
};

const headers: MakeCase = (folder, draw) => {
  const header = mutateJsonFile(JSON.stringify(HEADER), draw);
  const lengths = [0n, 1n, 2n ** 63n, 2n ** 64n - 1n, BigInt(header.length + draw(50))];
  const file = draw(6) > 0
    ? withHeader(header, new Uint8Array(34))
    : withHeader(header, new Uint8Array(34), pick(draw, lengths));
  const input = draw(5) > 0 ? file : mutateBytes(file, draw);
  const path = join(folder, "model.safetensors");
  return fileCase(path, input, { send: () => readSafetensorsHeader(path) });
};

const configs: MakeCase = (folder, draw) => {
  const name = pick(draw, [
    ...Array(4).fill("config.json"),
    "generation_config.json",
    "preprocessor_config.json",
  ]);
  linkCheckpoint(folder, name);
  const path = join(folder, name);
  const send = () => {
    using checkpoint = Checkpoint.open(folder);
    planOf(checkpoint);
    readImageProcessor(folder, qwenConfigOf(checkpoint).vision);
  };
  return fileCase(path, mutateJsonFile(textOf(join(RANDOM, name)), draw), { send });
};

const indexes: MakeCase = (folder, draw) => {
  const name = "model.safetensors.index.json";
  linkCheckpoint(folder, name);
  const path = join(folder, name);
  const input = mutateJsonFile(textOf(join(RANDOM, name)), draw);
  return fileCase(path, input, { send: () => findTensors(folder) });
};

/** A data set's file, its folder's images beside it, and its loader. */
const DATA: readonly [string, (path: string) => Promise<unknown>][] = [
  [join(BENCHMARKS, "math500", "test.jsonl"), (path) => loadMaths("math500", path)],
  [join(BENCHMARKS, "gsm8k", "test.jsonl"), (path) => loadMaths("gsm8k", path)],
  [
    join(BENCHMARKS, "mathvista", "testmini.jsonl"),
    async (path) => {
      for (const { readImage } of await loadImageQuestions(path)) await readImage();
    },
  ],
  [join(PAIRS, "counting", "data.jsonl"), (path) => loadVisionPairs(path, "counting")],
  [join(PAIRS, "grounding", "data.jsonl"), (path) => loadVisionPairs(path, "grounding")],
];

const dataLines: MakeCase = (folder, draw) => {
  const [source, load] = pick(draw, DATA);
  for (const { name, isDirectory } of Deno.readDirSync(join(source, ".."))) {
    if (!isDirectory) continue;
    Deno.mkdirSync(join(folder, name));
    for (const image of Deno.readDirSync(join(source, "..", name))) {
      // A link would lead out of the data set's folder.
      if (image.isFile) {
        Deno.linkSync(join(source, "..", name, image.name), join(folder, name, image.name));
      }
    }
  }
  const path = join(folder, "data.jsonl");
  return fileCase(path, mutateLines(textOf(source, 6), draw), { send: () => load(path) });
};

const VISION_RECORD = {
  task: "counting",
  sample_id: "c1",
  layer: 0,
  original_answer: "3",
  swapped_answer: "4",
  answer_changed: true,
  target_answer: "3",
  source_answer: "4",
  is_source_answer: true,
  layers_swapped: 12,
  tokens_swapped: 4,
  swap_norm: 0.5,
};
const GENERATION = {
  model: "IN",
  id: "q1",
  question: "?",
  tokens: [1, 2],
  full_response: "a",
  finished: true,
};

function opensLog<R>(schema: z.ZodType<R>, id: (record: R) => string) {
  return (path: string) => RecordLog.open(path, { schema, id })[Symbol.dispose]();
}

/** Lines of records, some of which fit their schema and some of which lack fields, and who reads. */
const RECORDS: readonly [(i: number) => unknown, (path: string) => unknown][] = [
  [(i) => ({ ...VISION_RECORD, layer: i }), opensLog(visionRecordSchema, visionKey)],
  [(i) => ({ ...GENERATION, id: `q${i}` }), opensLog(generationRecordSchema, generationKey)],
  [
    (i) => ({ id: String(i), value: i }),
    opensLog(z.strictObject({ id: z.string(), value: z.number() }), ({ id }) => id),
  ],
  [(i) => ({ id: i }), (path) => readSplit(path)],
];

const records: MakeCase = (folder, draw) => {
  const [make, send] = pick(draw, RECORDS);
  const lines = Array.from({ length: 4 }, (_, i) => JSON.stringify(make(i)) + "\n").join("");
  const path = join(folder, "records.jsonl");
  return fileCase(path, mutateLines(lines, draw), { send: () => send(path), cuts: true });
};

const EXPRESSIONS = [
  ...PAPER_SPLICES.map(({ expression }) => expression),
  "sft early 1/3 layers + rl late 2/3 layers",
  "sft layers 2-5 interpolate rl alpha=0.5 component=mlp",
  "rl layers 0-3 ablate noise=0.1",
  "base late 1/3 layers replaced by rl",
];

const expressions: MakeCase = (_folder, draw) => {
  const input = mutateExpression(pick(draw, EXPRESSIONS), draw);
  const send = () => {
    const expression = parseMergeExpression(input, { names: ["base", "sft", "rl"] });
    return planMerge(expression, { numLayers: 12 });
  };
  return { input, send };
};

const RECIPE = JSON.stringify({
  name: "mine",
  description: "Three models",
  data: "embedded",
  models: { base: "./base", sft: "org/in", rl: "org/rl@main" },
  variants: { "rl-frozen-early": "./early" },
  kinds: { base: "base", rl: "reasoner" },
});

const recipes: MakeCase = (folder, draw) => {
  const path = join(folder, "recipe.json");
  return fileCase(path, mutateJsonFile(RECIPE, draw), { send: () => readRecipe(path) });
};

const NOTEBOOK = {
  cells: [
    { cell_type: "markdown", id: "a", metadata: {}, source: ["# Title\n", "text"] },
    {
      cell_type: "code",
      execution_count: null,
      id: "b",
      metadata: { tags: ["parameters"] },
      outputs: [],
      source: 'let recipe = "tiny";\nlet n = 3;',
    },
    {
      cell_type: "code",
      execution_count: 1,
      id: "c",
      metadata: {},
      outputs: [
        { output_type: "stream", name: "stdout", text: ["1\n"] },
        { output_type: "display_data", metadata: {}, data: { "application/json": { a: [1] } } },
        { output_type: "error", ename: "E", evalue: "x", traceback: ["t"] },
      ],
      source: "n + 1",
    },
  ],
  metadata: { kernelspec: { name: "deno", display_name: "Deno" } },
  nbformat: 4,
  nbformat_minor: 5,
};

const notebooks: MakeCase = (folder, draw) => {
  const path = join(folder, "x.ipynb");
  const send = async () => {
    const notebook = await readNotebook(path);
    serializeNotebook(notebook, path);
    if (declaredParameters(notebook).some(({ name }) => name === "n")) {
      injectParameters(notebook, { n: 4 }, { name: path });
    }
    if (draw(2)) parseNotebook(mutateJson(NOTEBOOK, draw), path);
  };
  return fileCase(path, mutateJsonFile(JSON.stringify(NOTEBOOK), draw), { send });
};

/** The doors, by what comes in by them. */
export const DOORS: Readonly<Record<string, MakeCase>> = {
  headers,
  configs,
  indexes,
  "data-lines": dataLines,
  records,
  expressions,
  recipes,
  notebooks,
};
