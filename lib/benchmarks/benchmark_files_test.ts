import { assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { withTempFolder } from "../testing/temp_folder.ts";
import { NotRunError } from "../not_run_error.ts";
import { dataSources, findBenchmark } from "./benchmark_files.ts";
import { loadMaths } from "./maths_dataset.ts";
import { loadImageQuestions } from "./mathvista_dataset.ts";
import { loadVisionPairs } from "./vision_dataset.ts";

const MATH = { unique_id: "a", problem: "What is $x$?", answer: "\\frac{1}{2}", level: 4 };

/** Writes files into a folder, by path. */
function write(folder: string, files: Record<string, string>) {
  for (const [path, text] of Object.entries(files)) {
    Deno.mkdirSync(join(folder, path, ".."), { recursive: true });
    Deno.writeTextFileSync(join(folder, path), text);
  }
}

Deno.test("the embedded questions are there", async () => {
  const path = async (name: Parameters<typeof findBenchmark>[0]) => {
    const found = await findBenchmark(name, "embedded");
    assertEquals(found.source, "embedded");
    return found.path;
  };
  for (const name of ["math500", "gsm8k"] as const) {
    const problems = await loadMaths(name, await path(name));
    assertEquals([problems.length, new Set(problems.map(({ question }) => question)).size], [
      300,
      300,
    ]);
    assertEquals(new Set(problems.map(({ level }) => level)).has(null), false);
  }
  const questions = await loadImageQuestions(await path("mathvista"));
  const of = (category: string) => questions.filter((item) => item.category === category).length;
  assertEquals([of("general-vqa"), of("math-targeted-vqa")], [240, 240]);
  assertEquals(questions.every(({ description }) => description.length > 0), true);
  assertEquals((await loadVisionPairs(await path("ocr"), "ocr")).length, 100);
});

Deno.test("the first place that has a benchmark gives it", () =>
  withTempFolder(async (folder) => {
    const [own, pairs] = [join(folder, "own"), join(folder, "pairs")];
    write(own, { "math500/test.jsonl": JSON.stringify(MATH), "gsm8k/test.parquet": "" });
    write(pairs, { "counting/data.jsonl": "", "math500/test.jsonl": "" });
    assertEquals(await findBenchmark("math500", `${own},${pairs}`), {
      source: own,
      path: join(own, "math500/test.jsonl"),
    });
    assertEquals((await findBenchmark("counting", `${own}, ${pairs}`)).source, pairs);
    assertEquals((await findBenchmark("counting", `${own},embedded`)).source, "embedded");
    assertEquals((await findBenchmark("gsm8k", own)).path, join(own, "gsm8k/test.parquet"));
    await assertRejects(
      () => findBenchmark("mathvista", own),
      NotRunError,
      `No MathVista in ${own}: put mathvista/testmini.jsonl into a folder`,
    );
    await assertRejects(() => findBenchmark("ocr", "hub"), NotRunError, "No OCR pairs in hub");
  }));

Deno.test("a data setting that names nothing is refused", () =>
  withTempFolder(async (folder) => {
    for (const data of ["", "hub,", " , "]) {
      await assertRejects(() => findBenchmark("gsm8k", data), Error, "Cannot find questions in");
    }
    const missing = join(folder, "none");
    await assertRejects(() => findBenchmark("gsm8k", missing), Error, "there is no such folder");
    // A word is a folder: a misspelt "hub" is not taken for it.
    await assertRejects(() => findBenchmark("gsm8k", "Hub"), Error, "there is no such folder");
    await assertRejects(() => findBenchmark("gsm8k", folder), Error, "it has none of mathvista/");
    assertEquals(dataSources("embedded,a/b", "/c"), ["embedded", "/c/a/b"]);
  }));

Deno.test("a dataset is fetched from the hub once, then found in the cache", () =>
  withTempFolder(async (folder) => {
    const commit = "0123456789abcdef0123456789abcdef01234567";
    const requests: string[] = [];
    await using server = Deno.serve({ port: 0, onListen: () => {} }, (request) => {
      const { pathname } = new URL(request.url);
      requests.push(pathname);
      if (pathname.startsWith("/api/datasets/HuggingFaceH4/MATH-500")) {
        return Response.json({ id: "HuggingFaceH4/MATH-500", _id: "1", sha: commit });
      }
      return pathname === `/datasets/HuggingFaceH4/MATH-500/resolve/${commit}/test.jsonl`
        ? Response.json(MATH)
        : new Response("nothing here", { status: 404 });
    });
    const endpoint = `http://127.0.0.1:${server.addr.port}`;
    const options = { cacheDir: folder, endpoint, offline: false, retryDelaysMs: [] };
    const { path } = await findBenchmark("math500", "hub", options);
    assertEquals(
      path,
      join(folder, "datasets--HuggingFaceH4--MATH-500", "snapshots", commit, "test.jsonl"),
    );
    assertEquals((await loadMaths("math500", path)).length, 1);
    const asked = requests.length;
    const again = await findBenchmark("math500", "hub", { ...options, offline: true });
    assertEquals(again, { source: "hub", path });
    assertEquals(requests.length, asked);
    await assertRejects(
      () => findBenchmark("gsm8k", "hub", { ...options, offline: true }),
      Error,
      "offline",
    );
    await assertRejects(
      () => findBenchmark("gsm8k", "hub", options),
      Error,
      "Cannot fetch main/test-00000-of-00001.parquet of the dataset openai/gsm8k",
    );
  }));
