import { assert, assertEquals } from "@std/assert";
import { checkCells, formatProblem } from "./check_cells.ts";
import { type FixtureCell, notebookText } from "../testing/notebook_fixture.ts";

/** Checks notebooks in a temporary folder; gives the problems as text, without the folder. */
async function check(
  notebooks: Record<string, FixtureCell[] | string>,
  modules: Record<string, string> = {},
): Promise<string[]> {
  const folder = await Deno.makeTempDir({ prefix: "check_cells_test_" });
  try {
    for (const [name, cells] of Object.entries(notebooks)) {
      const text = typeof cells === "string" ? cells : notebookText(cells);
      await Deno.writeTextFile(`${folder}/${name}`, text);
    }
    for (const [name, text] of Object.entries(modules)) {
      await Deno.writeTextFile(`${folder}/${name}`, text);
    }
    const problems = await checkCells(Object.keys(notebooks).map((name) => `${folder}/${name}`));
    const left = Array.from(Deno.readDirSync(folder), (entry) => entry.name).sort();
    assertEquals(left, [...Object.keys(notebooks), ...Object.keys(modules)].sort());
    return problems.map((problem) => formatProblem(problem).replaceAll(`${folder}/`, ""));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("good notebooks have no problems", async () => {
  const problems = await check({
    "good.ipynb": [
      { source: "# Title\n\nText.", type: "markdown" },
      { source: 'let path = "a";\nlet count = 1;', tags: ["parameters"] },
      'import { double } from "./double.ts";\n\nconst x = double(count);\nx;',
      'import { join } from "node:path";\n\nconst x = join(path, "b");\nx.length;',
      "function late() {\n  return x.length;\n}\nlate();",
      'await Deno.jupyter.display({ "text/plain": x }, { raw: true });',
    ],
    "also_good.ipynb": ["const x = 1;\nx;"],
  }, {
    "double.ts": "export const double = (x: number): number => 2 * x;\n",
    // As in this project: the types of the kernel's own functions are not among these.
    "deno.json": '{ "compilerOptions": { "lib": ["deno.ns", "dom", "esnext"] } }',
  });
  assertEquals(problems, []);
});

Deno.test("problems are told by notebook, cell and line, and hide no others", async () => {
  const kernelspec = { name: "deno", display_name: "Deno" };
  const problems = await check({
    "a.ipynb": [
      "1;",
      { source: "# Title\n\n* item", type: "markdown" },
      'const text: string = "a";\nconst wrong: number = text;\nwrong;',
      'const wrong  = "now text";\nwrong.length;\nlet unused = 1;',
    ],
    "b.ipynb": ['import { no } from "./there.ts";\nno(1);'],
    "c.ipynb": ["1;", "let x: = 1;"],
    "d.ipynb": notebookText(["1;"], { kernelspec, language_info: { name: "javascript" } }),
    "e.ipynb": "{}",
  }, { "there.ts": "export const no = (x: string): string => x;\n" });
  const expected = [
    "a.ipynb: markdown cell at position 2, line 3: not formatted: expected `- item`",
    "a.ipynb, code cell 2, line 2: TS2322 [ERROR]: Type 'string' is not assignable to type 'number'.",
    'a.ipynb, code cell 3, line 1: not formatted: expected `const wrong = "now text";`',
    "a.ipynb, code cell 3, line 3: `unused` is never reassigned (prefer-const): Use `const` instead",
    "a.ipynb, code cell 3, line 3: `unused` is never used (no-unused-vars): If this is",
    "b.ipynb, code cell 1, line 2: TS2345 [ERROR]: Argument of type 'number' is not assignable",
    "c.ipynb, code cell 2, line 1: SyntaxError: Unexpected token `=`",
    'd.ipynb: metadata.kernelspec.language is undefined, expected "typescript"',
    'd.ipynb: metadata.language_info.name is "javascript", expected "typescript"',
    "e.ipynb: not a valid notebook: ",
  ];
  assertEquals(problems.length, expected.length, problems.join("\n"));
  const sorted = problems.toSorted();
  for (const [i, start] of expected.toSorted().entries()) {
    assert(sorted[i].startsWith(start), `${sorted[i]}\nexpected\n${start}`);
  }
  const notebooks = problems.map((problem) => problem[0]).join("");
  assertEquals(notebooks, "aaaaabcdde");
});

Deno.test("a module that cannot be found is told at its import", async () => {
  const problems = await check({ "a.ipynb": ["1;", 'import { no } from "./no.ts";\n\nno();'] });
  assertEquals(problems.length, 1, problems.join("\n"));
  assert(problems[0].startsWith("a.ipynb, code cell 2, line 1: "), problems[0]);
  assert(problems[0].includes("no.ts"), problems[0]);
});

Deno.test("no notebooks have no problems", async () => {
  assertEquals(await checkCells([]), []);
});
