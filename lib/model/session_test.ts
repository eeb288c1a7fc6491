import { assertEquals, assertRejects } from "@std/assert";
import { GraphBuilder } from "./graph_builder.ts";
import { GraphSession } from "./session.ts";
import { hostTensor } from "./tensors.ts";

function doubling(): Uint8Array {
  const graph = new GraphBuilder("doubling");
  const x = graph.input("x", "f32", ["N"]);
  graph.output("y", graph.node("Mul", [x, graph.scalar(2)]), "f32", ["N"]);
  return graph.serialize();
}

Deno.test("a session runs views of larger arrays in place and copies its results", async () => {
  await using session = await GraphSession.open(doubling());
  const data = Float32Array.from([1, 2, 3, 4]).subarray(1, 3);
  const { y } = await session.compute({ x: hostTensor(data, [2]) }, ["y"]);
  await session.compute({ x: hostTensor(new Float32Array(2), [2]) }, ["y"]);
  assertEquals(y.data, Float32Array.from([4, 6]));
});

Deno.test("a released session says so, and may be released again", async () => {
  const session = await GraphSession.open(doubling(), { name: "the doubling" });
  await session[Symbol.asyncDispose]();
  await session[Symbol.asyncDispose]();
  const x = hostTensor(new Float32Array(1), [1]);
  await assertRejects(
    () => session.compute({ x }, ["y"]),
    Error,
    "Cannot run the doubling: it has been",
  );
});

Deno.test("errors of the runtime name the graph", async () => {
  await using session = await GraphSession.open(doubling(), { name: "the doubling" });
  const x = hostTensor(new Float32Array(2), [2, 1]);
  await assertRejects(() => session.compute({ x }, ["y"]), Error, "Cannot run the doubling");
  const bytes = new Uint8Array([1, 2, 3]);
  await assertRejects(
    () => GraphSession.open(bytes, { name: "noise" }),
    Error,
    "Cannot open noise",
  );
});
