import { assertEquals } from "@std/assert";
import { countParameters, fittingPrecision, modelRun } from "./model_run.ts";

const TINY = "dataset/tiny/checkpoints/base";

Deno.test("the embedded models run in f32, a 7B model where memory has room for two", () => {
  // As dataset/README.md says.
  assertEquals(Math.round(countParameters(TINY) / 1e4), 227);
  assertEquals(modelRun(TINY), { precision: "f32", device: "cpu" });
  const parameters = 8.29e9;
  assertEquals(fittingPrecision(parameters, 64 * 2 ** 30), "bf16");
  assertEquals(fittingPrecision(parameters, 128 * 2 ** 30), "f32");
});
