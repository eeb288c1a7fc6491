import { assertEquals, assertStringIncludes } from "@std/assert";
import { notebookText, withNotebook } from "../testing/notebook_fixture.ts";

const SCRIPT = new URL("./check_notebooks.ts", import.meta.url).pathname;
const CONFIG = new URL("../../deno.json", import.meta.url).pathname;

async function run(args: string[]): Promise<{ code: number; text: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--config", CONFIG, SCRIPT, ...args],
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
}

Deno.test("check_notebooks tells good from bad by its exit code", async () => {
  await withNotebook(["const x = 1;\nx;"], async (_, folder) => {
    // What a failed run left is not checked.
    await Deno.writeTextFile(`${folder}/test.failed.ipynb`, "{}");
    const good = await run([folder]);
    assertEquals(good, { code: 0, text: "Checked 1 notebook.\n" });
    await Deno.writeTextFile(`${folder}/bad.ipynb`, notebookText(["x  = 1"]));
    const bad = await run([folder]);
    assertEquals(bad.code, 1);
    assertStringIncludes(bad.text, `${folder}/bad.ipynb, code cell 1, line 1: not formatted`);
    assertStringIncludes(bad.text, "in 2 notebooks.");
  });
});

Deno.test("check_notebooks says when there is nothing to check, or nowhere", async () => {
  const folder = await Deno.makeTempDir();
  const empty = await run([folder]);
  assertEquals(empty, {
    code: 0,
    text: `There are no notebooks in ${folder}: nothing to check.\n`,
  });
  await Deno.remove(folder);
  const missing = await run([folder]);
  assertEquals(missing.code, 2);
  assertStringIncludes(missing.text, `there is no file or folder ${folder}`);
  assertEquals((await run(["--bogus"])).code, 2);
  assertStringIncludes((await run(["--help"])).text, "Usage:");
});
