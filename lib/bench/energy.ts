/**
 * Energy of a three-checkpoint triple against reading its files once.
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { mapInWorkers } from "../worker_pool.ts";
import type { BenchResult } from "./bench_result.ts";

/** Shapes of one 7B decoder layer's matrices. */
const LAYER: Record<string, [number, number]> = {
  "self_attn.q_proj": [3584, 3584],
  "self_attn.k_proj": [512, 3584],
  "self_attn.v_proj": [512, 3584],
  "self_attn.o_proj": [3584, 3584],
  "mlp.gate_proj": [18944, 3584],
  "mlp.up_proj": [18944, 3584],
  "mlp.down_proj": [3584, 18944],
};
const SHARDS = 5;
const BLOCK = 16 << 20;

/** Random BF16 of weight-like size: the exponent varies a little, sign and fraction are random. */
function randomBlock(): Uint8Array {
  const words = new Uint16Array(BLOCK / 2);
  for (let i = 0; i < words.length; i++) {
    const bits = (Math.random() * 4294967296) >>> 0;
    words[i] = (bits & 0x8000) | ((118 + (bits >>> 28) % 6) << 7) | (bits & 0x7f);
  }
  return new Uint8Array(words.buffer);
}

/** Writes a checkpoint of `SHARDS` layers, one a shard, about 2.3 GB. */
function writeLayers(folder: string): string[] {
  Deno.mkdirSync(folder, { recursive: true });
  Deno.writeTextFileSync(
    join(folder, "config.json"),
    JSON.stringify({ model_type: "qwen2", num_hidden_layers: SHARDS }),
  );
  const block = randomBlock();
  const weight_map: Record<string, string> = {};
  const files: string[] = [];
  for (let layer = 0; layer < SHARDS; layer++) {
    const name = `model-0000${layer + 1}-of-0000${SHARDS}.safetensors`;
    const header: Record<string, unknown> = {};
    let offset = 0;
    for (const [module, shape] of Object.entries(LAYER)) {
      const bytes = 2 * shape[0] * shape[1];
      const tensor = `model.layers.${layer}.${module}.weight`;
      header[tensor] = { dtype: "BF16", shape, data_offsets: [offset, offset + bytes] };
      weight_map[tensor] = name;
      offset += bytes;
    }
    const text = new TextEncoder().encode(JSON.stringify(header));
    const prefix = new Uint8Array(8);
    new DataView(prefix.buffer).setBigUint64(0, BigInt(text.length), true);
    using file = Deno.openSync(join(folder, name), { write: true, create: true, truncate: true });
    for (const part of [prefix, text]) file.writeSync(part);
    for (let written = 0; written < offset;) {
      written += file.writeSync(block.subarray(0, Math.min(BLOCK, offset - written)));
    }
    files.push(join(folder, name));
  }
  Deno.writeTextFileSync(
    join(folder, "model.safetensors.index.json"),
    JSON.stringify({ weight_map }),
  );
  return files;
}

/** Reads all files with `workers` workers; returns bytes a second. */
async function readSpeed(files: string[], workers: number, blockBytes: number): Promise<number> {
  const started = performance.now();
  const sizes = await mapInWorkers<unknown, number>(
    new URL("./read_files_worker.ts", import.meta.url),
    files.map((file) => ({ file, blockBytes })),
    { workers },
  );
  return sizes.reduce((a, b) => a + b, 0) / ((performance.now() - started) / 1000);
}

async function energySpeed(folders: string[], bytes: number) {
  const script = fileURLToPath(new URL("./energy_process.ts", import.meta.url));
  const { stdout, success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", script, ...folders],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error("The energy process failed");
  const { seconds, peakBytes } = JSON.parse(new TextDecoder().decode(stdout));
  return { speed: bytes / seconds, peakBytes: peakBytes as number };
}

function dropCaches(): boolean {
  try {
    new Deno.Command("sync").outputSync();
    Deno.writeTextFileSync("/proc/sys/vm/drop_caches", "3");
    return true;
  } catch {
    return false;
  }
}

const gbs = (speed: number) => `${(speed / 1e9).toFixed(2)} GB/s`;

/** Measures with the files in the page cache, and from the disk where caches can be dropped. */
export async function benchEnergy(): Promise<BenchResult[]> {
  const folder = await Deno.makeTempDir();
  try {
    const folders = ["base", "in", "rl"].map((role) => join(folder, role));
    const files = folders.flatMap(writeLayers);
    const bytes = files.reduce((sum, file) => sum + Deno.statSync(file).size, 0);
    const cores = navigator.hardwareConcurrency;
    const results: BenchResult[] = [];
    const row = (what: string, ours: number, reading: number, note: string): BenchResult => ({
      what,
      ours: gbs(ours),
      reference: `reading ${gbs(reading)}`,
      ratio: ours / reading,
      target: ">= 0.70",
      note,
    });
    const size = `energy of 3 x ${(bytes / 3e9).toFixed(1)} GB`;
    let peakBytes = 0;
    const best = { ours: 0, one: 0, all: 0 };
    for (let repeat = 0; repeat < 3; repeat++) {
      for (const blockBytes of [256 << 10, 4 << 20]) {
        best.one = Math.max(best.one, await readSpeed(files, 1, blockBytes));
        best.all = Math.max(best.all, await readSpeed(files, cores, blockBytes));
      }
      const { speed, peakBytes: peak } = await energySpeed(folders, bytes);
      best.ours = Math.max(best.ours, speed);
      peakBytes = Math.max(peakBytes, peak);
    }
    results.push(row(
      `${size}, in the page cache, one reader`,
      best.ours,
      best.one,
      `best of 3; ours on ${cores} cores; peak memory ${(peakBytes / 1e6).toFixed(0)} MB`,
    ));
    results.push({
      ...row(
        `the same, a reader on each core`,
        best.ours,
        best.all,
        "copying out of the page cache and 6 GB/s a core of SIMD arithmetic share the cores",
      ),
      target: "",
    });
    if (dropCaches()) {
      const reading = await readSpeed(files, cores, 4 << 20);
      dropCaches();
      const { speed } = await energySpeed(folders, bytes);
      results.push(
        row(`${size}, from the disk`, speed, reading, "one run each; bound by the disk"),
      );
    }
    return results;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
