/**
 * Reads the reference numbers that training/reference/make_model_fixtures.py wrote, for tests.
 *
 * @module
 */
import { Values } from "../values.ts";
import { fileURLToPath } from "node:url";
import type { Edit } from "../edits/mod.ts";
import type { ImageTokens, ModelInput } from "../model_input.ts";
import { decodeFloats } from "../../checkpoint/dtype.ts";
import { readSafetensorsHeader } from "../../checkpoint/safetensors.ts";

/** An image or text of a user's turn. */
export type ReferencePart = { image: string } | { text: string };

/** A prompt. */
export interface ReferencePrompt {
  system: string | null;
  parts: ReferencePart[];
}

/** The JSON file; see the script for what each array is. */
export interface ReferenceMeta {
  /** Paths relative to the repository: checkpoint, folder of tokenizer and image processor, donor. */
  model: string;
  processor: string;
  donor: string | null;
  image_token_id: number;
  /** Greedy tokens of each run; no token stops them. */
  steps: number;
  images: {
    file: string;
    grid: [number, number, number];
    sum: number;
    processed: string;
  }[];
  prompts: (ReferencePrompt & { text: string })[];
  tokenizer: { text: string; ids: number[] }[];
  cases: (ReferencePrompt & {
    name: string;
    rope_delta: number;
    grids?: [number, number, number][];
    margin: number;
    all_logits: boolean;
  })[];
  /** Grids of which the window order is given. */
  windows: [number, number, number][];
  batch: { cases: string[]; rope_deltas: number[]; margin: number };
  ablate: { case: string; layers: number[]; margins: number[] };
  swap: { name: string; target: string; source_image: string; text: string; margins: number[] }[];
  attention: { case: string; queries: string }[];
  merge?: {
    case: string;
    runs: {
      name: string;
      margin: number;
      rest?: "model" | "donor";
      layers: (string | number)[];
      alpha?: number;
      component?: "all" | "mlp";
    }[];
  };
  library_generate: number[];
}

/** Reference numbers of one architecture. */
export interface Reference {
  meta: ReferenceMeta;
  /** Reads an array; throws if there is none of that name. */
  floats(name: string): { shape: number[]; data: Float32Array };
  ints(name: string): { shape: number[]; data: Int32Array };
}

/** A file of lib/model/testdata. */
export function testdata(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}

/** A file of the repository. */
export function repositoryFile(path: string): string {
  return fileURLToPath(new URL(`../../../${path}`, import.meta.url));
}

/** Reads the numbers of "tiny" (a trained checkpoint), "random" or "qwen2_vl". */
export function readReference(name: "tiny" | "random" | "qwen2_vl"): Reference {
  return { ...readArrays(name), meta: readMeta(name) };
}

/** The edits that training/reference/make_edit_fixtures.py made as hooks, and what came of each. */
export function readEditReference(name: "tiny" | "random") {
  const meta: { rows: Edit[][] } = readMeta(`edits_${name}`);
  const { floats, ints } = readArrays(`edits_${name}`);
  return { rows: meta.rows, logits: floats("logits"), tokens: ints("tokens") };
}

function readMeta(name: string) {
  return JSON.parse(Deno.readTextFileSync(testdata(`reference/${name}.json`)));
}

function readArrays(name: string): Omit<Reference, "meta"> {
  const file = testdata(`reference/${name}.safetensors`);
  const tensors = new Map(readSafetensorsHeader(file).map((tensor) => [tensor.name, tensor]));
  const bytes = Deno.readFileSync(file);
  const find = (key: string, dtype: string) => {
    const tensor = tensors.get(key);
    if (tensor?.dtype !== dtype) throw new Error(`${file} has no ${dtype} array ${key}`);
    return {
      shape: tensor.shape,
      bytes: bytes.slice(tensor.offset, tensor.offset + tensor.byteLength),
    };
  };
  return {
    floats(key) {
      const { shape, bytes } = find(key, "F32");
      return { shape, data: decodeFloats(bytes, "F32") as Float32Array };
    },
    ints(key) {
      const { shape, bytes } = find(key, "I32");
      return { shape, data: new Int32Array(bytes.buffer) };
    },
  };
}

/**
 * The input of a case as the reference made it, vision embeddings included: what tests of the
 * decoder side start from.
 */
export function caseInput({ meta, ints, floats }: Reference, name: string): ModelInput {
  const found = meta.cases.find((entry) => entry.name === name);
  if (!found) throw new Error(`There is no case ${name}`);
  const { data: ids } = ints(`case.${name}.ids`);
  const imageTokens: ImageTokens[] = [];
  let at = 0;
  for (const grid of found.grids ?? []) {
    const start = ids.indexOf(meta.image_token_id, at);
    const count = grid[1] * grid[2] / 4;
    imageTokens.push({ start, count, grid });
    at = start + count;
  }
  return {
    ids,
    positions: ints(`case.${name}.positions`).data,
    ropeDelta: found.rope_delta,
    imageTokens,
    imageEmbeddings: found.grids ? floats(`case.${name}.vision`).data : null,
  };
}

/** Largest absolute difference of two arrays of one length. */
export function maxDifference(
  first: ArrayLike<number> | Values,
  second: ArrayLike<number> | Values,
): number {
  const [a, b] = [first, second].map((values) => values instanceof Values ? values.data : values);
  if (a.length !== b.length) throw new Error(`${a.length} values against ${b.length}`);
  let max = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i] - b[i]);
    if (!(difference <= max)) max = difference;
  }
  return max;
}
