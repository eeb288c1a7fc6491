import { assert } from "@std/assert";
import { join } from "node:path";
import { Checkpoint } from "../checkpoint/mod.ts";
import { Decoder } from "./decoder.ts";
import { generate } from "./generate.ts";
import { planOf, spliceLayers } from "./layer_list.ts";
import { textInput } from "./testdata/random_model.ts";
import { writeSyntheticCheckpoint } from "./testdata/synthetic_checkpoint.ts";

/**
 * Memory that is this process's alone, in bytes. (Private_Dirty would also count mapped pages of
 * files that the system has not written back yet.)
 */
function privateBytes(): number {
  const text = Deno.readTextFileSync("/proc/self/smaps_rollup");
  return 1024 * Number(/^Anonymous:\s+(\d+)/m.exec(text)![1]);
}

const SHAPE = {
  hiddenSize: 2048,
  intermediateSize: 5632,
  numLayers: 3,
  numHeads: 16,
  numKvHeads: 2,
  vocabSize: 4096,
};

Deno.test({
  name: "in bf16, opening and splicing checkpoints leaves the weights in their files",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const folder = Deno.makeTempDirSync();
    const bytes = writeSyntheticCheckpoint(join(folder, "a"), SHAPE, 1);
    writeSyntheticCheckpoint(join(folder, "b"), SHAPE, 2);
    assert(bytes > 250e6);
    using first = Checkpoint.open(join(folder, "a"));
    using second = Checkpoint.open(join(folder, "b"));
    const plan = spliceLayers(planOf(first), planOf(second), { layers: [1] });
    const files = Deno.readDirSync(folder).toArray().length;
    const before = privateBytes();
    await using decoder = await Decoder.open(plan, { precision: "bf16" });
    const opened = privateBytes() - before;
    assert(opened < 0.1 * bytes, `opening added ${opened} of ${bytes} bytes`);
    await generate(decoder, [{ input: textInput([6, 7, 8]) }], { maxNewTokens: 2 });
    const ran = privateBytes() - before;
    assert(ran < 0.15 * bytes, `running added ${ran} of ${bytes} bytes`);
    assert(Deno.readDirSync(folder).toArray().length === files, "a file was written");
    Deno.removeSync(folder, { recursive: true });
  },
});
