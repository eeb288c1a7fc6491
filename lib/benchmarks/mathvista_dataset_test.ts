import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { decodeImage } from "../model/mod.ts";
import { withTempFolder } from "../testing/temp_folder.ts";
import { loadImageQuestions } from "./mathvista_dataset.ts";

/** Written by pyarrow, see make_mathvista.py. */
const PARQUET = fileURLToPath(new URL("./testdata/mathvista.parquet", import.meta.url));

const ROW = {
  pid: "1",
  question: "Which is larger?",
  image: "images/1.png",
  choices: ["left", "right"],
  answer: "right",
  question_type: "multi_choice",
  metadata: { category: "general-vqa", context: "natural image", task: "none", grade: "x" },
};

Deno.test("the published parquet is read, its images row by row", async () => {
  const items = await loadImageQuestions(PARQUET);
  assertEquals(items.map(({ readImage: _, ...item }) => item), [
    {
      id: "1",
      question: "Which is larger?",
      choices: ["left", "right"],
      answer: "right",
      description: "",
      category: "general-vqa",
      context: "natural image",
      task: "visual question answering",
    },
    {
      id: "2",
      question: "How many are there?",
      choices: null,
      answer: "7",
      description: "",
      category: "math-targeted-vqa",
      context: "synthetic scene",
      task: "math word problem",
    },
    {
      id: "3",
      question: "How long is the side?",
      choices: null,
      answer: "3",
      description: "",
      category: "math-targeted-vqa",
      context: "geometry diagram",
      task: "geometry problem solving",
    },
  ]);
  const colours = [];
  for (const { readImage } of items) {
    const { width, height, data } = await decodeImage(await readImage());
    assertEquals([width, height], [28, 28]);
    colours.push([...data.subarray(-3)]);
  }
  assertEquals(colours, [[200, 10, 0], [0, 150, 20], [30, 0, 255]]);
});

Deno.test("the published JSON Lines are read, with images beside them", () =>
  withTempFolder(async (folder) => {
    const path = join(folder, "testmini.jsonl");
    Deno.mkdirSync(join(folder, "images"));
    Deno.writeFileSync(join(folder, "images", "1.png"), new Uint8Array([1, 2, 3]));
    // A list of choices counts only for multiple choice, as in the original.
    const free = { ...ROW, pid: "2", question_type: "free_form", choices: [] };
    Deno.writeTextFileSync(path, `${JSON.stringify(ROW)}\n${JSON.stringify(free)}\n`);
    const items = await loadImageQuestions(path);
    assertEquals(items.map(({ id, choices }) => [id, choices]), [["1", ROW.choices], ["2", null]]);
    assertEquals(await items[0].readImage(), new Uint8Array([1, 2, 3]));
    Deno.removeSync(join(folder, "images", "1.png"));
    await assertRejects(() => items[0].readImage(), Error, "images/1.png");
  }));

Deno.test("broken, doubled and empty files are refused with their place", () =>
  withTempFolder(async (folder) => {
    const path = join(folder, "testmini.jsonl");
    const refused = async (rows: unknown[], ...named: string[]) => {
      Deno.writeTextFileSync(path, rows.map((row) => JSON.stringify(row) + "\n").join(""));
      const error = await assertRejects(() => loadImageQuestions(path)) as Error;
      for (const name of [path, ...named]) assertStringIncludes(error.message, name);
    };
    await refused([], "it is empty");
    await refused([ROW, ROW], 'the id "1" stands twice');
    await refused([ROW, { ...ROW, pid: undefined }], "line 2", "pid or id");
    await refused([{ ...ROW, choices: null }], "line 1", "choices");
    await refused([{ ...ROW, answer: undefined }], "answer");
    await refused([{ ...ROW, answer: "  " }], "line 1", "answer: is empty");
    const parquet = join(folder, "testmini.parquet");
    Deno.writeTextFileSync(parquet, "PAR0");
    await assertRejects(() => loadImageQuestions(parquet), Error, parquet);
  }));
