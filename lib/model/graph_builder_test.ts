import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { join } from "node:path";
import { Checkpoint } from "../checkpoint/mod.ts";
import { writeCheckpoint } from "../testing/safetensors_writer.ts";
import { GraphBuilder } from "./graph_builder.ts";
import { GraphSession } from "./session.ts";
import { hostTensor } from "./tensors.ts";

Deno.test("rows of tensors of every dtype are read from the middle of a file", async () => {
  const folder = Deno.makeTempDirSync();
  const values = [1, 2, 3, 4, 5, 6, -7, 0.5];
  writeCheckpoint(
    join(folder, "a"),
    Object.fromEntries((["BF16", "F16", "F32", "F64"] as const).map((dtype) => [
      `model.layers.0.${dtype}`,
      { dtype, shape: [4, 2], values },
    ])),
  );
  using checkpoint = Checkpoint.open(join(folder, "a"));
  for (const dtype of ["BF16", "F16", "F32", "F64"]) {
    const graph = new GraphBuilder("rows");
    const tensor = checkpoint.tensor(`model.layers.0.${dtype}`);
    const part = graph.fileTensorAsF32(tensor, { from: 1, to: 4, shape: [2, 3] });
    graph.output("y", graph.node("Add", [graph.input("x", "f32", [2, 3]), part]), "f32", [2, 3]);
    await using session = await GraphSession.open(graph.serialize());
    const x = { data: new Float32Array(6), dims: [2, 3] };
    assertEquals((await session.compute({ x }, ["y"])).y.data, Float32Array.from(values.slice(2)));
  }
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("attributes keep their type: integers, floats, lists and text", async () => {
  const graph = new GraphBuilder("attributes");
  const x = graph.input("x", "f32", [2, 3]);
  const y = graph.node("Gemm", [
    graph.transpose(x, [1, 0]),
    graph.floats(new Float32Array(4).fill(1), [2, 2]),
  ], {
    alpha: 2,
    transB: 1n,
  });
  graph.output("y", y, "f32", [3, 2]);
  const wide = graph.node("Pad", [y, graph.ints([0, 1, 0, 0])], { mode: "edge" });
  graph.output("wide", wide, "f32", [3, 3]);
  await using session = await GraphSession.open(graph.serialize());
  const data = Float32Array.from([1, 2, 3, 4, 5, 6]);
  const result = await session.compute({ x: hostTensor(data, [2, 3]) }, ["y", "wide"]);
  assertEquals(result.y.data, Float32Array.from([10, 10, 14, 14, 18, 18]));
  assertEquals(result.wide.data[0], 10);
  assertAlmostEquals(Number(result.wide.data[8]), 18);
});

Deno.test("small constants that are equal are written once", () => {
  const graph = new GraphBuilder("constants");
  assertEquals(graph.ints([0, -1]), graph.ints([0, -1]));
  assertEquals(graph.scalar(2), graph.scalar(2));
  assertEquals(graph.scalar(2) === graph.floats(new Float32Array([2]), [1]), false);
});

Deno.test("what cannot be a graph is refused where it is written", () => {
  const graph = new GraphBuilder("broken");
  graph.input("x", "f32", [1]);
  const tensor = { name: "t", dtype: "BF16", shape: [4, 2], file: "/f", offset: 0, byteLength: 16 };
  const messages: [() => unknown, string][] = [
    [() => graph.input("x", "f32", [1]), "two values are named x"],
    [() => graph.node("Add", ["x", "nothing"]), "input nothing of a Add node is not defined yet"],
    [() => graph.fileTensor({ ...tensor, dtype: "I64" }), "dtype I64 is not one of BF16"],
    [() => graph.fileTensor(tensor, { from: 3, to: 5 }), "rows 3 to 5 of tensor t: it has 4"],
    [() => graph.fileTensor(tensor, { to: 2, shape: [3] }), "as [3]: the number of elements"],
    [() => graph.floats(new Float32Array(3), [2]), "3 values for shape [2]"],
    [() => graph.serialize(), "it has no output"],
  ];
  for (const [run, message] of messages) assertThrows(run, Error, message);
});
