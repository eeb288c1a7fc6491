import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { join } from "node:path";
import pl from "nodejs-polars";
import { withTempFolder } from "../testing/temp_folder.ts";
import { loadMaths } from "./maths_dataset.ts";

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

Deno.test("a gold is the number after ####, without currency and thousands", () =>
  withTempFolder(async (folder) => {
    const path = join(folder, "x.jsonl");
    const golds = { "#### $18": "18", "#### -$1,018.50": "-1018.50", "####\t7 ": "7" };
    for (const [answer, gold] of Object.entries(golds)) {
      Deno.writeTextFileSync(path, lines([{ question: "q", answer }]));
      assertEquals((await loadMaths("gsm8k", path))[0].answer, gold);
    }
  }));

Deno.test("broken, empty and doubled files are refused with their place", () =>
  withTempFolder(async (folder) => {
    const path = join(folder, "x.jsonl");
    const refused = async (text: string, reason: string, name: "math500" | "gsm8k" = "gsm8k") => {
      Deno.writeTextFileSync(path, text);
      const error = await assertRejects(() => loadMaths(name, path));
      assertStringIncludes((error as Error).message, path);
      assertStringIncludes((error as Error).message, reason);
    };
    await refused("", "it is empty");
    for (const answer of ["7", "7 ####", "7\n#### ", "7 #### $", "#### ,"]) {
      await refused(
        lines([GSM8K[0], { question: "q", answer }]),
        'line 2: answer: has no result after "####"',
      );
    }
    await refused(lines([{ ...MATH[0], answer: " " }]), "line 1: answer: is empty", "math500");
    await refused(lines(GSM8K) + "{", "line 3: it is not JSON");
    await refused(lines(GSM8K) + '{"question": "a", "question": "b"}', '"question" stands twice');
    await refused(lines([MATH[0], MATH[0]]), "stands twice", "math500");
    const bytes = new TextEncoder().encode(lines(GSM8K));
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), async (at) => {
        Deno.writeFileSync(path, bytes.map((byte, i) => i === at ? 0xff : byte));
        const line = bytes.subarray(0, at).filter((byte) => byte === 10).length + 1;
        const { message } = await assertRejects(() => loadMaths("gsm8k", path)) as Error;
        assertStringIncludes(message, `Cannot read ${path}: it is not UTF-8 text: line ${line}`);
      }),
      { numRuns: 20 },
    );
    const parquet = join(folder, "x.parquet");
    Deno.writeTextFileSync(parquet, "not parquet");
    await assertRejects(() => loadMaths("gsm8k", parquet), Error, parquet);
    pl.DataFrame([{ question: "q" }]).writeParquet(parquet);
    await assertRejects(() => loadMaths("gsm8k", parquet), Error, "row 0: answer");
  }));
