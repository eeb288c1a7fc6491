/**
 * Merges of two small models, written and looked at.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { Checkpoint, findTensors, TensorReader } from "../../checkpoint/mod.ts";
import { withTempFolder } from "../../testing/temp_folder.ts";
import { planMerge } from "../merge_plan.ts";
import { writeMerge, type WriteMergeOptions, type WrittenMerge } from "../write_merge.ts";
import { type SmallModelOptions, writeSmallModel } from "./small_models.ts";

/** A written merge and its parents. */
export interface Merged {
  written: WrittenMerge;
  /** Folder of the result. */
  output: string;
  folders: Record<"sft" | "rl", string>;
  /** Bytes of a tensor of a folder, by name in the file. */
  bytes(folder: string, name: string): Uint8Array;
}

/**
 * Writes a merge of two small models, `sft` and `rl`, and lets `use` look at it. If
 * writing fails, checks that no file was left behind.
 */
export async function writeWith(
  expression: string,
  use: (merged: Merged) => void | Promise<void>,
  { sft = {}, rl = {}, cuts, seed, ...options }: {
    sft?: SmallModelOptions;
    rl?: SmallModelOptions;
    cuts?: [number, number];
    seed?: number;
  } & Partial<WriteMergeOptions> = {},
) {
  await withTempFolder(async (folder) => {
    const folders = {
      sft: writeSmallModel(join(folder, "sft"), { seed: 1, ...sft }),
      rl: writeSmallModel(join(folder, "rl"), { seed: 2, ...rl }),
    };
    const before = [...Deno.readDirSync(folder)].length;
    using a = Checkpoint.open(folders.sft);
    using b = Checkpoint.open(folders.rl);
    const plan = planMerge(expression, { numLayers: a.config.numLlmLayers, cuts, seed });
    const output = join(folder, "merged");
    using reader = new TensorReader();
    const models = new Map([["sft", a], ["rl", b]]);
    const written = await writeMerge(plan, models, { output, ...options }).catch((error) => {
      assertEquals([...Deno.readDirSync(folder)].length, before, "something was left behind");
      throw error;
    });
    await use({
      written,
      output,
      folders,
      bytes: (folder, name) => {
        const tensor = findTensors(folder).get(name)!;
        const bytes = new Uint8Array(tensor.byteLength);
        reader.readBytes(tensor, bytes);
        return bytes;
      },
    });
  });
}

/** Names of the result's tensors whose bytes are `folder`'s. */
export function sameAs(merged: Merged, folder: string): string[] {
  const names = [...findTensors(merged.output).keys()];
  return names.filter((name) =>
    merged.bytes(merged.output, name).join() === merged.bytes(folder, name).join()
  );
}

/** Decoder layer of a tensor, or -1. */
export const layerOf = (name: string) => Number(/^model\.layers\.(\d+)/.exec(name)?.[1] ?? -1);

