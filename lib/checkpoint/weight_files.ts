/**
 * Which files of a checkpoint folder hold its weights: one model.safetensors, or shards and an
 * index. Where a folder has both, the one file is read, as transformers does.
 *
 * @module
 */
import { join } from "node:path";
import { z } from "zod";
import { listText, valueText } from "../list_text.ts";
import { isFile } from "../paths.ts";
import { shown } from "../plain_text.ts";
import { fitted } from "../schema_reason.ts";
import { readStrictJson } from "../strict_json.ts";
import { readSafetensorsHeader, type TensorInfo } from "./safetensors.ts";

/** Name of the weights of a checkpoint that is not sharded. */
export const SINGLE_FILE = "model.safetensors";
/** Name of the index of a sharded checkpoint. */
export const INDEX_FILE = "model.safetensors.index.json";

const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) });

/** Which of the two a folder is read by; undefined if it has neither. */
function weightsEntry(folder: string): string | undefined {
  return [SINGLE_FILE, INDEX_FILE].find((name) => isFile(join(folder, name)));
}

/** Words for weights in a folder that are not read; null if there are none. */
export function ignoredWeights(folder: string): string | null {
  if (weightsEntry(folder) !== SINGLE_FILE || !isFile(join(folder, INDEX_FILE))) return null;
  return `${folder} has two sets of weights: ${SINGLE_FILE} is read, as transformers does, and ` +
    `${INDEX_FILE} and its shards are ignored`;
}

/** A shard is named relative to the folder and may not leave it. */
function checkShardName(indexPath: string, tensor: string, shard: string) {
  const parts = shard.split(/[/\\]/);
  if (
    shard === "" || parts.includes("..") || parts[0] === "" || /^[a-zA-Z]:/.test(shard) ||
    shard.includes("\0")
  ) {
    throw new Error(
      `Cannot read ${indexPath}: weight_map.${shown(tensor)} names ${
        valueText(shard)
      }, which leaves ` +
        "the checkpoint's folder",
    );
  }
}

/**
 * Reads an index.
 *
 * @returns The file of each tensor, relative to the folder.
 * @throws {Error} if it is no index, or a file lies outside of the folder; names both.
 */
function readWeightIndex(indexPath: string): Map<string, string> {
  const index = fitted(
    indexSchema,
    readStrictJson(indexPath),
    (why) => `Cannot read ${indexPath}: ${why}`,
  );
  const weightMap = new Map(Object.entries(index.weight_map));
  for (const [tensor, shard] of weightMap) checkShardName(indexPath, tensor, shard);
  return weightMap;
}

/** Names of the weight files that a folder should have, sorted. */
export function weightFileNames(folder: string): string[] {
  if (weightsEntry(folder) !== INDEX_FILE) return [SINGLE_FILE];
  return [...new Set(readWeightIndex(join(folder, INDEX_FILE)).values())].sort();
}

function readShards(folder: string): Map<string, TensorInfo> {
  const weightMap = readWeightIndex(join(folder, INDEX_FILE));
  const shards = [...new Set(weightMap.values())].sort();
  const missing = shards.filter((shard) => !isFile(join(folder, shard)));
  if (missing.length > 0) {
    throw new Error(
      `Cannot open the checkpoint ${folder}: shard ${
        listText(missing)
      } is named by ${INDEX_FILE} but is not there; download the checkpoint again`,
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
        `Cannot open the checkpoint ${folder}: tensor ${shown(name)} is not in ${shard}, where ` +
          `${INDEX_FILE} says it is`,
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
  const entry = weightsEntry(folder);
  if (entry === INDEX_FILE) return readShards(folder);
  if (entry === SINGLE_FILE) {
    const tensors = readSafetensorsHeader(join(folder, SINGLE_FILE));
    return new Map(tensors.map((tensor) => [tensor.name, tensor]));
  }
  throw new Error(
    `Cannot open the checkpoint ${folder}: it has neither ${SINGLE_FILE} nor ${INDEX_FILE}; ` +
      "only safetensors weights are read",
  );
}
