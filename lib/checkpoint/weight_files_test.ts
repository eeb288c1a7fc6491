import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { join } from "node:path";
import { type TensorToWrite, writeCheckpoint } from "../testing/safetensors_writer.ts";
import { withTempFolder } from "../testing/temp_folder.ts";
import { findTensors, ignoredWeights } from "./weight_files.ts";

const one: TensorToWrite = { dtype: "BF16", shape: [1], values: [1] };
const TENSORS = { a: one, b: one, c: one };
const INDEX = "model.safetensors.index.json";

function withShards(use: (folder: string) => void) {
  return withTempFolder((folder) => use(writeCheckpoint(folder, TENSORS, { shards: 2 })));
}

function editIndex(folder: string, edit: (weightMap: Record<string, string>) => void) {
  const path = join(folder, INDEX);
  const index = JSON.parse(Deno.readTextFileSync(path));
  edit(index.weight_map);
  Deno.writeTextFileSync(path, JSON.stringify(index));
}

Deno.test("one file and shards hold the same tensors", async () => {
  await withTempFolder((folder) => {
    const single = findTensors(writeCheckpoint(join(folder, "single"), TENSORS));
    const sharded = findTensors(writeCheckpoint(join(folder, "sharded"), TENSORS, { shards: 2 }));
    assertEquals([...single.keys()].sort(), ["a", "b", "c"]);
    assertEquals([...sharded.keys()].sort(), ["a", "b", "c"]);
  });
});

Deno.test("of two sets of weights the single file is read, whatever became of the other", () =>
  withShards((folder) => {
    assertEquals(ignoredWeights(folder), null);
    const newer: TensorToWrite = { dtype: "F32", shape: [1], values: [2] };
    writeCheckpoint(folder, { a: newer, b: newer });
    const read = () => [...findTensors(folder).values()].map(({ name, dtype }) => [name, dtype]);
    assertEquals(read(), [["a", "F32"], ["b", "F32"]]);
    assertStringIncludes(ignoredWeights(folder)!, `${INDEX} and its shards are ignored`);
    Deno.removeSync(join(folder, "model-00001-of-00002.safetensors"));
    assertEquals(read(), [["a", "F32"], ["b", "F32"]], "a shard is gone");
    Deno.writeTextFileSync(join(folder, INDEX), "{");
    assertEquals(read(), [["a", "F32"], ["b", "F32"]], "the index is damaged");
    Deno.removeSync(join(folder, INDEX));
    assertEquals([read().length, ignoredWeights(folder)], [2, null]);
  }));

Deno.test("a missing shard is named", () =>
  withShards((folder) => {
    Deno.removeSync(join(folder, "model-00002-of-00002.safetensors"));
    assertThrows(() => findTensors(folder), Error, "shard model-00002-of-00002.safetensors");
  }));

Deno.test("a truncated shard is named", () =>
  withShards((folder) => {
    const shard = join(folder, "model-00001-of-00002.safetensors");
    Deno.truncateSync(shard, Deno.statSync(shard).size - 1);
    assertThrows(() => findTensors(folder), Error, shard);
  }));

Deno.test("an index cannot point outside of the folder", () =>
  withShards((folder) => {
    for (const path of ["../x.safetensors", "/etc/passwd", "a/../../x", "..\\x", "C:\\x", ""]) {
      editIndex(folder, (weightMap) => weightMap.a = path);
      assertThrows(() => findTensors(folder), Error, "weight_map.a names");
    }
  }));

Deno.test("a tensor that the index promises and no shard has is named", () =>
  withShards((folder) => {
    editIndex(folder, (weightMap) => weightMap.ghost = weightMap.a);
    assertThrows(() => findTensors(folder), Error, "tensor ghost is not in");
  }));

Deno.test("a broken index is an error with its path", () =>
  withShards((folder) => {
    Deno.writeTextFileSync(join(folder, INDEX), "{");
    assertThrows(() => findTensors(folder), Error, INDEX);
    Deno.writeTextFileSync(join(folder, INDEX), '{"weight_map": {"a": 1}}');
    assertThrows(() => findTensors(folder), Error, "weight_map.a");
    const doubled =
      '{"weight_map": {"a": "model-00001-of-00002.safetensors", "a": "x.safetensors"}}';
    Deno.writeTextFileSync(join(folder, INDEX), doubled);
    assertThrows(() => findTensors(folder), Error, 'the key "a" stands twice');
    Deno.writeTextFileSync(join(folder, INDEX), `\ufeff{"weight_map": {}}`);
    assertThrows(() => findTensors(folder), Error, "byte order mark");
    Deno.writeFileSync(join(folder, INDEX), new Uint8Array([0x7b, 0xff, 0x7d]));
    assertThrows(() => findTensors(folder), Error, "not UTF-8");
  }));

Deno.test("a folder without safetensors says so", () =>
  withTempFolder((folder) => {
    assertThrows(() => findTensors(folder), Error, "only safetensors weights are read");
  }));
