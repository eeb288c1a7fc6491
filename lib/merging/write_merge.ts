/**
 * Writing a merge as a checkpoint of its own.
 *
 * @module
 */
import { join } from "node:path";
import { INDEX_FILE, TensorReader } from "../checkpoint/mod.ts";
import type { ProgressListener } from "../progress.ts";
import {
  checkDonors,
  checkpointOf,
  type DonorReport,
  type MergeCheckpoints,
} from "./check_donors.ts";
import { accountForMerge, type MergeSource, proveSameTensors } from "./merge_account.ts";
import { mergedBytes } from "./merged_bytes.ts";
import { type MergedTensor, mergedTensors } from "./merged_tensors.ts";
import type { MergePlan } from "./merge_plan.ts";
import { writeNewFolder } from "./new_folder.ts";
import { planShards, shardHeader, shardIndex } from "./shards.ts";

/** The accounting that a merge leaves beside its weights. */
export const ACCOUNT_FILE = "merge.json";

/** Configuration, vocabularies, chat templates, sentencepiece models, code of custom models. */
const KEPT = /\.(?:json|jinja|txt|model|py)$|^(?:LICENSE|NOTICE)/i;
const LEFT_OUT = /^(?:trainer_state|training_args|optimizer|scheduler)|\.index\.json$/i;

/**
 * Names of the files beside the weights that a copy of a model needs, sorted. Weights, their index,
 * traces of training, an earlier merge's accounting and the model card are left out.
 *
 * @param folder Folder of a checkpoint; links in it, as in the hub's cache, are followed.
 */
export function modelFiles(folder: string): string[] {
  return [...Deno.readDirSync(folder)]
    .map(({ name }) => name)
    .filter((name) =>
      KEPT.test(name) && !LEFT_OUT.test(name) && name !== INDEX_FILE && name !== ACCOUNT_FILE &&
      Deno.statSync(join(folder, name)).isFile
    )
    .sort();
}

/** Largest weight file by default, in bytes, as transformers' `save_pretrained` had it. */
const DEFAULT_SHARD_BYTES = 5_000_000_000;

export interface WriteMergeOptions {
  /** Folder to make; may be there if it is empty. */
  output: string;
  /** Largest weight file in bytes, default {@linkcode DEFAULT_SHARD_BYTES}. */
  maxShardBytes?: number;
  /** Where each model came from, for merge.json; default: the checkpoints' folders. */
  sources?: Readonly<Record<string, MergeSource>>;
  onProgress?: ProgressListener;
  /** Stops; nothing is left behind. */
  signal?: AbortSignal;
}

/** What was written. */
export type WrittenMerge = ReturnType<typeof summary> & {
  /** Names of the files in the folder. */
  files: string[];
  /** How the donors differ from the first model. */
  donors: DonorReport[];
};

async function writeAll(file: Deno.FsFile, bytes: Uint8Array) {
  for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
}

async function writeShard(
  path: string,
  tensors: readonly MergedTensor[],
  { reader, signal, onBytes }: {
    reader: TensorReader;
    signal?: AbortSignal;
    onBytes: (count: number, tensor: MergedTensor) => void;
  },
) {
  using file = await Deno.open(path, { write: true, createNew: true });
  await writeAll(file, shardHeader(tensors));
  for (const tensor of tensors) {
    let left = tensor.byteLength;
    for await (const piece of mergedBytes(tensor, reader, signal)) {
      await writeAll(file, piece);
      left -= piece.length;
      onBytes(piece.length, tensor);
    }
    if (left !== 0) {
      throw new Error(`Cannot write ${tensor.name}: ${left} of ${tensor.byteLength} bytes missing`);
    }
  }
  await file.syncData();
}

function summary(tensors: readonly MergedTensor[]) {
  const copies = tensors.flatMap(({ name, origin }) =>
    origin.op === "copy" ? [{ name, ...origin }] : []
  );
  const copied = Object.entries(Object.groupBy(copies, ({ model }) => model));
  return {
    /** Bytes of weights. */
    byteLength: tensors.reduce((sum, { byteLength }) => sum + byteLength, 0),
    /** Tensors by the model that they were copied from. */
    copied: Object.fromEntries(copied.map(([model, own]) => [model, own!.length])),
    /** Tensors that were interpolated or have noise. */
    computed: tensors.length - copies.length,
    /** Names of layer tensors that stayed the first model's, because the donor has none. */
    kept: copies.filter(({ lacking }) => lacking !== undefined).map(({ name }) => name),
  };
}

/**
 * Writes a merge as a checkpoint: safetensors files (sharded, with an index, where they are larger
 * than `maxShardBytes`), the first model's configuration, tokenizer and processor files, and
 * merge.json, which says of every tensor where it is from. Tensors are streamed; those with noise
 * are held whole, as f32.
 *
 * Tensors that are taken are the donor's, bit for bit, and so are interpolations at alpha 0 and 1
 * and noise of ratio 0. The result has exactly the first model's tensors; that is read back and
 * compared before the folder appears. If anything fails, nothing is left behind.
 *
 * @param plan From `planMerge`.
 * @param checkpoints An open checkpoint for each of the plan's models.
 * @throws {Error} if the donors do not fit, the output folder is not empty or cannot be written,
 * the disk is full, or a file is damaged; the signal's reason if aborted.
 */
export async function writeMerge(
  plan: MergePlan,
  checkpoints: MergeCheckpoints,
  { output, maxShardBytes = DEFAULT_SHARD_BYTES, sources, onProgress, signal }: WriteMergeOptions,
): Promise<WrittenMerge> {
  const donors = checkDonors(plan, checkpoints);
  const first = checkpointOf(checkpoints, plan.rest);
  const tensors = mergedTensors(plan, checkpoints);
  const shards = planShards(tensors, maxShardBytes);
  const facts = summary(tensors);
  const account = accountForMerge(plan, {
    shards,
    donors,
    sources: sources ?? Object.fromEntries(
      plan.models.map((model) => [
        model,
        { ref: checkpointOf(checkpoints, model).folder, revision: null },
      ]),
    ),
  });
  const copies = modelFiles(first.folder);
  const texts: Record<string, string> = { [ACCOUNT_FILE]: `${JSON.stringify(account, null, 1)}\n` };
  if (shards.length > 1) texts[INDEX_FILE] = shardIndex(shards);
  let done = 0;
  const onBytes = (count: number, { name }: MergedTensor) => {
    done += count;
    const total = facts.byteLength;
    onProgress?.({ label: "merge", done, total, unit: "bytes", detail: name });
    signal?.throwIfAborted();
  };
  return await writeNewFolder(output, async (folder) => {
    signal?.throwIfAborted();
    using reader = new TensorReader();
    for (const { file, tensors } of shards) {
      await writeShard(join(folder, file), tensors, { reader, signal, onBytes });
    }
    for (const name of copies) await Deno.copyFile(join(first.folder, name), join(folder, name));
    for (const name in texts) await Deno.writeTextFile(join(folder, name), texts[name]);
    proveSameTensors(folder, first);
    const files = [...shards.map(({ file }) => file), ...Object.keys(texts), ...copies];
    return { files: files.sort(), ...facts, donors };
  }, { byteLength: facts.byteLength });
}
