import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { loadMath, loadMathVista, loadWordProblems } from "./benchmark_dataset.ts";

const folder = join(import.meta.dirname!, "..", "..", "dataset", "tiny", "benchmarks");

Deno.test("loadMathVista() loads both categories and some multiple choice", async () => {
  const items = await Array.fromAsync(loadMathVista(join(folder, "mathvista", "testmini.jsonl")));
  const of = (category: string) => items.filter((item) => item.category === category).length;
  assertEquals([of("general-vqa"), of("math-targeted-vqa")], [240, 240]);
  assert(items.filter(({ choices }) => choices !== null).length > 50);
  for (const { description } of items) assert(description.length > 0);
  const perception = ["natural image", "table"];
  assert(items.some(({ context }) => perception.includes(context)));
  assert(items.some(({ context }) => context === "geometry diagram"));
});

Deno.test("loadMath() loads five levels of three subjects", async () => {
  const items = await Array.fromAsync(loadMath(join(folder, "math500", "test.jsonl")));
  assertEquals(items.length, 300);
  assertEquals(new Set(items.map(({ level }) => level)), new Set([1, 2, 3, 4, 5]));
  assertEquals(new Set(items.map(({ problem }) => problem)).size, 300);
});

Deno.test("loadWordProblems() reads what follows ####", async () => {
  const items = await Array.fromAsync(loadWordProblems(join(folder, "gsm8k", "test.jsonl")));
  assertEquals(items.length, 300);
  for (const { answer } of items) assert(/^\d+$/.test(answer), answer);
});

Deno.test("loadWordProblems() refuses an answer without ####", async () => {
  const file = await Deno.makeTempFile();
  await Deno.writeTextFile(file, '{"question": "How many?", "answer": "3"}\n');
  const load = () => Array.fromAsync(loadWordProblems(file));
  assertStringIncludes((await assertRejects(load, Error)).message, "line 1");
  await Deno.remove(file);
});
