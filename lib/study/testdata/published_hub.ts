/**
 * A fake hub that has a published recipe's models, tiny, and the benchmarks in their published
 * layouts, a few rows each.
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pl from "nodejs-polars";
import { type FakeFile, type FakeFiles, FakeHub } from "../../checkpoint/hub/testdata/fake_server.ts";
import { withHeader } from "../../testing/safetensors_writer.ts";
import { readRecipe } from "../recipe.ts";

const file = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

/** Layers of the embedded models that are kept: one of each third, so that answers come fast. */
const LAYERS = [2, 6, 10];

interface Header {
  [name: string]: { data_offsets: [number, number] };
}

/** The checkpoint's weights with {@linkcode LAYERS} only. */
function fewLayers(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const { __metadata__: _, ...header }: Header = JSON.parse(
    new TextDecoder().decode(bytes.subarray(8, 8 + length)),
  );
  const kept: Header = {};
  const blocks: Uint8Array[] = [];
  let offset = 0;
  for (const [name, { data_offsets: [from, to], ...entry }] of Object.entries(header)) {
    const layer = /^model\.layers\.(\d+)\./.exec(name)?.[1];
    if (layer !== undefined && !LAYERS.includes(Number(layer))) continue;
    const renamed = layer === undefined
      ? name
      : name.replace(`layers.${layer}.`, `layers.${LAYERS.indexOf(Number(layer))}.`);
    kept[renamed] = { ...entry, data_offsets: [offset, offset + to - from] };
    offset += to - from;
    blocks.push(bytes.subarray(8 + length + from, 8 + length + to));
  }
  return withHeader(JSON.stringify(kept), blocks);
}

/** The files of an embedded checkpoint with few layers. */
function modelFiles(name: string): FakeFiles {
  const folder = file(`dataset/tiny/checkpoints/${name}`);
  return Object.fromEntries([...Deno.readDirSync(folder)].map(({ name }): [string, FakeFile] => {
    const bytes = Deno.readFileSync(join(folder, name));
    if (name === "model.safetensors") return [name, { bytes: fewLayers(bytes), lfs: true }];
    if (name !== "config.json") return [name, { bytes, lfs: false }];
    const config = JSON.parse(new TextDecoder().decode(bytes));
    const cut = { ...config, num_hidden_layers: LAYERS.length, max_window_layers: LAYERS.length };
    return [name, { bytes: new TextEncoder().encode(JSON.stringify(cut)), lfs: false }];
  }));
}

function parquet(frame: pl.DataFrame): FakeFile {
  return { bytes: Uint8Array.from(frame.writeParquet() as unknown as Uint8Array), lfs: true };
}

/** Four copies of the three rows that pyarrow wrote, each with a pid of its own. */
function mathvista(): FakeFile {
  const rows = pl.readParquet(file("lib/benchmarks/testdata/mathvista.parquet"));
  const copies = [0, 1, 2, 3].map((copy) =>
    rows.withColumns(pl.Series("pid", [1, 2, 3].map((row) => String(3 * copy + row)), pl.Utf8))
  );
  return parquet(pl.concat(copies));
}

const numbers = Array.from({ length: 6 }, (_, i) => i);

/** The published benchmarks, by dataset and path. */
function benchmarks(): Record<string, FakeFiles> {
  const problems = numbers.map((i) =>
    JSON.stringify({
      problem: `Compute $${i} + 4$.`,
      solution: `It is $\\boxed{${i + 4}}$.`,
      answer: String(i + 4),
      subject: "Prealgebra",
      level: 1 + i % 5,
      unique_id: `test/prealgebra/${i}.json`,
    }) + "\n"
  );
  const words = numbers.map((i) => ({
    question: `Ann has ${i} shells and finds 5 more. How many has she?`,
    answer: `She has ${i}+5=<<${i}+5=${i + 5}>>${i + 5} shells.\n#### ${i + 5}`,
  }));
  return {
    "AI4Math/MathVista": { "data/testmini-00000-of-00001-725687bf7a18d64b.parquet": mathvista() },
    "HuggingFaceH4/MATH-500": {
      "test.jsonl": { bytes: new TextEncoder().encode(problems.join("")), lfs: false },
    },
    "openai/gsm8k": { "main/test-00000-of-00001.parquet": parquet(pl.DataFrame(words)) },
  };
}

/** Starts a hub that has a built-in recipe's models and the benchmarks. */
export function publishedHub(recipeName: string): FakeHub {
  const { models, variants } = readRecipe(recipeName);
  const hub = new FakeHub();
  const embedded = { base: "base", sft: "in", rl: "rl" } as Record<string, string>;
  for (const [name, reference] of Object.entries({ ...models, ...variants })) {
    hub.add(reference, modelFiles(embedded[name] ?? name));
  }
  for (const [name, files] of Object.entries(benchmarks())) hub.add(`datasets/${name}`, files);
  return hub;
}
