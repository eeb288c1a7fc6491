import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import config from "../deno.json" with { type: "json" };
import { type CodeCell, runNotebook } from "./notebook/mod.ts";
import { withTempFolder } from "./testing/temp_folder.ts";

const CLONE = fileURLToPath(new URL("..", import.meta.url));

/** The README's lines for users of the library: deno.json, and two programs. */
function readmeLines(): { settings: string; program: string; edits: string } {
  const text = Deno.readTextFileSync(join(CLONE, "README.md"));
  const section = text.slice(text.indexOf("**As a library.**"));
  const [, settings] = /```sh\necho '(.*)' > deno\.json\n```/.exec(section)!;
  const [edits] = /(?<=```ts\n)[^]*?(?=```)/.exec(text)!;
  const [program] = /(?<=```ts\n)[^]*?(?=```)/.exec(section)!;
  return {
    settings: settings.replace("/path/to/the/clone", CLONE),
    program,
    edits: edits.replace('"dataset/', `"${CLONE}dataset/`),
  };
}

async function deno(cwd: string, ...args: string[]): Promise<string> {
  const output = await new Deno.Command(Deno.execPath(), { args, cwd }).output();
  const [out, err] = [output.stdout, output.stderr].map((bytes) => new TextDecoder().decode(bytes));
  assertEquals([output.code, err.includes("error")], [0, false], err);
  return out;
}

Deno.test("the README's lines run and type check in an empty folder, and a notebook draws there", () =>
  withTempFolder(async (folder) => {
    const { settings, program, edits } = readmeLines();
    await Deno.writeTextFile(join(folder, "deno.json"), settings);
    await Deno.writeTextFile(join(folder, "program.ts"), program);
    await deno(folder, "run", "-A", "--quiet", "program.ts");
    assertStringIncludes(await Deno.readTextFile(join(folder, "energy.svg")), "</svg>");
    await Deno.writeTextFile(join(folder, "edits.ts"), edits);
    const said = await deno(folder, "run", "-A", "--quiet", "edits.ts");
    assertEquals(said.match(/kind: "/g)?.length, 2, said);
    await deno(folder, "check", "--quiet", "program.ts", "edits.ts");
    // Types come along: a wrong argument is an error there too.
    await Deno.writeTextFile(join(folder, "wrong.ts"), program.replace('"tiny"', "7"));
    const check = new Deno.Command(Deno.execPath(), { args: ["check", "wrong.ts"], cwd: folder });
    assertStringIncludes(new TextDecoder().decode((await check.output()).stderr), "TS2322");

    const source = program.replace(/await (.*)\.save\(.*\);\n$/, "$1;");
    const cell = { cell_type: "code", id: "a", execution_count: null, metadata: {}, outputs: [] };
    const notebook = { cells: [{ ...cell, source }], metadata: {}, nbformat: 4, nbformat_minor: 5 };
    await Deno.writeTextFile(join(folder, "own.ipynb"), JSON.stringify(notebook));
    const run = await runNotebook(join(folder, "own.ipynb"));
    const [{ outputs }] = run.notebook.cells as CodeCell[];
    const [{ data }] = outputs as { data: Record<string, string> }[];
    assert(data["image/png"].length > 1000);
    assertStringIncludes(data["text/plain"], "Energy of the updates by layer");
  }));

Deno.test("every door is an export of the package, and nothing else is", async () => {
  const doors: string[] = [];
  const look = async (folder: string) => {
    for await (const { name, isDirectory } of Deno.readDir(join(CLONE, folder))) {
      if (isDirectory) await look(`${folder}/${name}`);
      else if (name === "mod.ts") doors.push(folder);
    }
  };
  await look("lib");
  assert(doors.length > 5);
  assertEquals(
    Object.entries(config.exports).toSorted(),
    doors.map((folder) => [folder.replace("lib", "."), `./${folder}/mod.ts`]).toSorted(),
  );
});
