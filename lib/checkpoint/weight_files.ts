/**
 * Which files of a checkpoint folder hold its weights: one model.safetensors, or shards and an
 * index.
 *
 * @module
 */
import { join } from "node:path";
import { z } from "zod";
import { readStrictJson } from "../strict_json.ts";
import { readSafetensorsHeader, type TensorInfo } from "./safetensors.ts";

const SINGLE = "model.safetensors";
const INDEX = "model.safetensors.index.json";

const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) });

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** A shard is named relative to the folder and may not leave it. */
function checkShardName(indexPath: string, tensor: string, shard: string) {
  const parts = shard.split(/[/\\]/);
  if (
    shard === "" || parts.includes("..") || parts[0] === "" || /^[a-zA-Z]:/.test(shard) ||
    shard.includes("\0")
  ) {
    throw new Error(
      `Cannot read ${indexPath}: weight_map.${tensor} names ${
        JSON.stringify(shard)
      }, which leaves ` +
        "the checkpoint's folder",
    );
  }
}

function readIndex(indexPath: string): Map<string, string> {
  const parsed = indexSchema.safeParse(readStrictJson(indexPath));
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0];
    throw new Error(`Cannot read ${indexPath}: ${path.join(".") || "top level"}: ${message}`);
  }
  const weightMap = new Map(Object.entries(parsed.data.weight_map));
  for (const [tensor, shard] of weightMap) checkShardName(indexPath, tensor, shard);
  return weightMap;
}

function readShards(folder: string, indexPath: string): Map<string, TensorInfo> {
  const weightMap = readIndex(indexPath);
  const shards = [...new Set(weightMap.values())].sort();
  const missing = shards.filter((shard) => !exists(join(folder, shard)));
  if (missing.length > 0) {
    throw new Error(
      `Cannot open the checkpoint ${folder}: shard ${
        missing.join(", ")
      } is named by ${INDEX} but ` +
        "is not there; download the checkpoint again",
    );
  }
  const tensors = new Map<string, TensorInfo>();
  for (const shard of shards) {
    for (const tensor of readSafetensorsHeader(join(folder, shard))) {
      // The index decides where a tensor that stands in several shards is read.
      if ((weightMap.get(tensor.name) ?? shard) === shard) tensors.set(tensor.name, tensor);
    }
  }
  for (const [name, shard] of weightMap) {
    if (!tensors.has(name)) {
      throw new Error(
        `Cannot open the checkpoint ${folder}: tensor ${name} is not in ${shard}, where ${INDEX} ` +
          "says it is",
      );
    }
  }
  return tensors;
}

/**
 * Finds every tensor of a checkpoint folder, reading headers only.
 *
 * @param folder A folder with model.safetensors, or with model.safetensors.index.json and shards.
 * @returns Tensors by name, as named in the files.
 * @throws {Error} if weights are missing, damaged, or an index points outside of the folder.
 */
export function findTensors(folder: string): Map<string, TensorInfo> {
  const indexPath = join(folder, INDEX);
  if (exists(indexPath)) return readShards(folder, indexPath);
  const single = join(folder, SINGLE);
  if (exists(single)) {
    return new Map(readSafetensorsHeader(single).map((tensor) => [tensor.name, tensor]));
  }
  throw new Error(
    `Cannot open the checkpoint ${folder}: it has neither ${SINGLE} nor ${INDEX}; only safetensors ` +
      "weights are read",
  );
}
