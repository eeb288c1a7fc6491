import { assert, assertEquals } from "@std/assert";
import { progressLine } from "./progress_bar.ts";

Deno.test("a line shows share, amounts and time left", () => {
  const event = { label: "energy", done: 25, total: 100, unit: "tensors" as const };
  assertEquals(
    progressLine({ ...event, detail: "x" }, 10_000),
    "energy [######------------------]  25 %  25/100 tensors  0:30 left  x",
  );
});

Deno.test("resumed work costs no time", () => {
  const event = { label: "a", done: 60, total: 100, unit: "samples" as const };
  assert(progressLine(event, 10_000, 50).includes("0:40 left"));
});

Deno.test("bytes are shown in MB and GB, and nothing to do is done", () => {
  const line = progressLine({ label: "a", done: 2.5e9, total: 16e9, unit: "bytes" }, 1000);
  assert(line.includes("2.5 GB of 16.0 GB"), line);
  assert(progressLine({ label: "a", done: 0, total: 0, unit: "bytes" }, 0).includes("100 %"));
});
