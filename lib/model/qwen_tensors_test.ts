import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { Checkpoint } from "../checkpoint/mod.ts";
import { writeCheckpoint } from "../testing/safetensors_writer.ts";
import { qwenConfigOf } from "./qwen_config.ts";
import { checkQwenTensors, expectedQwenTensors } from "./qwen_tensors.ts";
import { readReference, repositoryFile, testdata } from "./testdata/reference.ts";

for (const folder of [testdata("random-qwen"), repositoryFile(readReference("tiny").meta.model)]) {
  Deno.test(`a whole checkpoint has exactly the tensors expected: ${folder.split("/").at(-1)}`, () => {
    using checkpoint = Checkpoint.open(folder);
    const expected = expectedQwenTensors(qwenConfigOf(checkpoint));
    checkQwenTensors(checkpoint, expected);
    assertEquals([...expected.keys()].sort(), [...checkpoint.tensors.keys()].sort());
  });
}

Deno.test("every missing tensor and every wrong shape is named", () => {
  const folder = Deno.makeTempDirSync();
  try {
    const values = new Float32Array(6);
    writeCheckpoint(folder, {
      "visual.a.weight": { dtype: "BF16", shape: [2, 3], values },
      "more.weight": { dtype: "BF16", shape: [6], values },
    });
    using checkpoint = Checkpoint.open(folder);
    const expected = new Map([
      ["visual.a.weight", [3, 2]],
      ["visual.b.weight", [1]],
      ["model.c.weight", [1]],
    ]);
    const { message } = assertThrows(() => checkQwenTensors(checkpoint, expected));
    assertStringIncludes(message, "2 missing: visual.b.weight, model.c.weight");
    assertStringIncludes(message, "visual.a.weight is [2, 3], not [3, 2]");
    assertStringIncludes(message, folder);
    checkQwenTensors(checkpoint, new Map([["visual.a.weight", [2, 3]]]));
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
