import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import pl from "nodejs-polars";
import { withTempFolder } from "../testing/temp_folder.ts";
import { findMathsFile, loadMaths } from "./maths_dataset.ts";

const GSM8K = [
  {
    question: "Natalia sold clips to 48 friends. How many altogether?",
    answer: "In May 48/2 = <<48/2=24>>24.\nTogether 48+24 = <<48+24=72>>72.\n#### 72",
  },
  { question: "How much does he earn?", answer: "He earns $1,000 * 2 = 2,000.\n#### 2,000" },
];
const MATH = [
  {
    unique_id: "test/algebra/1.json",
    problem: "What is $x$?",
    solution: "...",
    answer: "\\frac{1}{2}",
    subject: "Algebra",
    level: 4,
  },
];

const lines = (records: unknown[]) =>
  records.map((record) => JSON.stringify(record) + "\n").join("");

Deno.test("the published layouts are read from JSON Lines and from parquet alike", () =>
  withTempFolder(async (folder) => {
    const gold = [
      { id: "0", question: GSM8K[0].question, answer: "72", level: 2 },
      { id: "1", question: GSM8K[1].question, answer: "2000", level: 1 },
    ];
    const jsonl = join(folder, "test.jsonl");
    Deno.writeTextFileSync(jsonl, lines(GSM8K));
    assertEquals(await loadMaths("gsm8k", jsonl), gold);
    const parquet = join(folder, "test.parquet");
    pl.DataFrame(GSM8K).writeParquet(parquet);
    assertEquals(await loadMaths("gsm8k", parquet), gold);
    const math = join(folder, "math.jsonl");
    Deno.writeTextFileSync(
      math,
      lines([...MATH, { ...MATH[0], unique_id: "b", level: "Level 5" }]),
    );
    assertEquals(await loadMaths("math500", math), [
      { id: "test/algebra/1.json", question: "What is $x$?", answer: "\\frac{1}{2}", level: 4 },
      { id: "b", question: "What is $x$?", answer: "\\frac{1}{2}", level: 5 },
    ]);
  }));

Deno.test("the embedded problems are there, each once", async () => {
  for (const name of ["math500", "gsm8k"] as const) {
    const problems = await loadMaths(name, await findMathsFile(name));
    assertEquals(problems.length, 300);
    assertEquals(problems.some(({ level }) => level === null), false);
  }
});

Deno.test("broken, empty and doubled files are refused with their place", () =>
  withTempFolder(async (folder) => {
    const path = join(folder, "x.jsonl");
    const refused = async (text: string, reason: string, name: "math500" | "gsm8k" = "gsm8k") => {
      Deno.writeTextFileSync(path, text);
      const error = await assertRejects(() => loadMaths(name, path));
      assertStringIncludes((error as Error).message, path);
      assertStringIncludes((error as Error).message, reason);
    };
    await refused("", "no problems");
    await refused(lines([{ question: "q", answer: "7" }]), "####");
    await refused(lines(GSM8K) + "{", "line 3");
    await refused(lines([MATH[0], MATH[0]]), "stands twice", "math500");
    const parquet = join(folder, "x.parquet");
    Deno.writeTextFileSync(parquet, "not parquet");
    await assertRejects(() => loadMaths("gsm8k", parquet), Error, parquet);
    pl.DataFrame([{ question: "q" }]).writeParquet(parquet);
    await assertRejects(() => loadMaths("gsm8k", parquet), Error, "row 0: answer");
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
        ? new Response(lines(MATH))
        : new Response("nothing here", { status: 404 });
    });
    const endpoint = `http://127.0.0.1:${server.addr.port}`;
    const options = { cacheDir: folder, endpoint, offline: false, retryDelaysMs: [] };
    const path = await findMathsFile("math500", "hub", options);
    assertEquals(
      path,
      join(folder, "datasets--HuggingFaceH4--MATH-500", "snapshots", commit, "test.jsonl"),
    );
    assertEquals((await loadMaths("math500", path)).length, 1);
    const asked = requests.length;
    assertEquals(await findMathsFile("math500", "hub", { ...options, offline: true }), path);
    assertEquals(requests.length, asked);
    await assertRejects(
      () => findMathsFile("gsm8k", "hub", { ...options, offline: true }),
      Error,
      "offline",
    );
    await assertRejects(
      () => findMathsFile("gsm8k", "hub", options),
      Error,
      "Cannot fetch main/test-00000-of-00001.parquet of the dataset openai/gsm8k",
    );
  }));
