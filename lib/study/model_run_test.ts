import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { chooseRun, fittingPrecision, modelRun, modelSize } from "./model_run.ts";

const TINY = "dataset/tiny/checkpoints/base";
const SEVEN = { parameters: 8.29e9, narrow: true };
const gpuOf = (gigabytes: number | null) => () => ({
  name: "Card",
  driver: "1",
  memoryBytes: gigabytes === null ? null : gigabytes * 1e9,
});

Deno.test("the embedded models run in f32, a 7B model where memory has room for two", () => {
  // As dataset/README.md says.
  const { parameters, narrow } = modelSize(TINY);
  assertEquals([Math.round(parameters / 1e4), narrow], [227, true]);
  assertEquals(modelRun(TINY), { precision: "f32", device: "cpu" });
  assertEquals(fittingPrecision(SEVEN.parameters, 64 * 2 ** 30), "bf16");
  assertEquals(fittingPrecision(SEVEN.parameters, 128 * 2 ** 30), "f32");
});

Deno.test("small models run on the CPU, and no GPU is looked for", () => {
  const gpu = () => {
    throw new Error("looked for");
  };
  assertEquals(modelRun(TINY, { gpu }), { precision: "f32", device: "cpu" });
  assertEquals(chooseRun(SEVEN, { device: "cpu", onCpu: "bf16", gpu }).precision, "bf16");
  // A GPU does not have these.
  assertEquals(chooseRun(SEVEN, { precision: "int8", gpu }).device, "cpu");
});

Deno.test("a large model takes the GPU that has the memory, and it is said in one line", () => {
  const choose = (gigabytes: number | null, together?: number) => {
    const { device, precision, note } = chooseRun(SEVEN, {
      gpu: gpuOf(gigabytes),
      together,
      onCpu: "bf16",
    });
    return [device, precision, note];
  };
  const memory = "device: Card has 80.0 GB of memory, ";
  assertEquals(choose(80), [
    "webgpu",
    "f16",
    `${memory}2 such models take 36.2 GB there in f16`,
  ]);
  assertEquals(choose(24, 1).slice(0, 2), ["webgpu", "f16"]);
  assertEquals(choose(24), [
    "cpu",
    "bf16",
    "device: the CPU, for Card has 24.0 GB of memory, and 2 such models take 36.2 GB there in f16",
  ]);
  assertEquals(choose(null), ["cpu", "bf16", null]);
  const none = chooseRun(SEVEN, { gpu: () => null, onCpu: "f32" });
  assertEquals(none, { device: "cpu", precision: "f32", note: null });
});

Deno.test("weights of 32 bits stay so on a GPU, others by choice", () => {
  const choice = { device: "webgpu", gpu: gpuOf(80) } as const;
  assertEquals(chooseRun({ ...SEVEN, narrow: false }, choice).precision, "f32");
  assertEquals(chooseRun(SEVEN, { ...choice, precision: "f32" }).precision, "f32");
  assertEquals(modelRun(TINY, choice), { device: "webgpu", precision: "f16" });
});

Deno.test("a GPU with too little memory is refused before anything is opened", () => {
  const { message } = assertThrows(
    () => chooseRun(SEVEN, { device: "webgpu", precision: "f32", gpu: gpuOf(24) }),
    Error,
  );
  assertStringIncludes(message, "Card has 24.0 GB of memory, and the model takes 36.2 GB there");
  assertStringIncludes(message, "take precision f16");
});
