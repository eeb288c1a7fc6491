import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { z } from "zod";
import { withTempFolder } from "../testing/temp_folder.ts";
import { hashJson, type RunIdentity } from "../experiments/mod.ts";
import { storedReport } from "./stored_report.ts";

const schema = z.object({ metadata: z.looseObject({}), values: z.array(z.number()) });
const PARAMETERS = ["a", "b", "c", "d"];

const identityOf = (option: string): RunIdentity => ({
  experiment: "test",
  version: 1,
  models: { base: { files: { "model.safetensors": "sha256:aa" } } },
  options: { option },
});

/** A report of four parameters; `failAt` throws before that one. Tells what was computed. */
function make(
  path: string,
  option: string,
  { failAt, ...rest }: { failAt?: string; overwrite?: boolean; beside?: string[] } = {},
) {
  const computed: string[] = [];
  const report = storedReport({
    path,
    identity: identityOf(option),
    ...rest,
    schema,
    resultSchema: z.number(),
    compute: (done, onParameter) => {
      const values = PARAMETERS.map((name, i) => {
        const known = done.get(name);
        if (known !== undefined) return known;
        if (name === failAt) throw new Error("interrupted");
        computed.push(name);
        onParameter(name, i);
        return i;
      });
      return Promise.resolve({ metadata: {}, values });
    },
  });
  return { report, computed };
}

const files = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

Deno.test("an interrupted report goes on, and nothing half made is seen", () =>
  withTempFolder(async (folder) => {
    const path = join(folder, "report.json");
    await assertRejects(() => make(path, "k", { failAt: "c" }).report, Error, "interrupted");
    assertEquals(files(folder), [`report.json.${hashJson(identityOf("k"))}.partial.jsonl`]);
    const { report, computed } = make(path, "k");
    assertEquals((await report).values, [0, 1, 2, 3]);
    assertEquals(computed, ["c", "d"]);
    assertEquals(files(folder), ["report.json"]);
  }));

Deno.test("a failure before the first result leaves nothing", () =>
  withTempFolder(async (folder) => {
    const path = join(folder, "report.json");
    await assertRejects(() => make(path, "k", { failAt: "a" }).report, Error, "interrupted");
    assertEquals(files(folder), []);
  }));

Deno.test("a report of the same identity is reused, of another refused by name or overwritten", () =>
  withTempFolder(async (folder) => {
    const path = join(folder, "report.json");
    await make(path, "k").report;
    const again = make(path, "k");
    await again.report;
    assertEquals(again.computed, []);
    const before = Deno.readTextFileSync(path);
    const refused = make(path, "other");
    const error = await assertRejects(
      () => refused.report,
      Error,
      "options/option (k there, other",
    );
    assertStringIncludes(error.message, "--overwrite");
    assertEquals([refused.computed, Deno.readTextFileSync(path)], [[], before]);
    const other = make(path, "other", { overwrite: true });
    await other.report;
    assertEquals(other.computed, PARAMETERS);
  }));

Deno.test("a file that is not a report, or is damaged, is never overwritten unasked", () =>
  withTempFolder(async (folder) => {
    const path = join(folder, "report.json");
    const foreign = [
      "my notes",
      '{"metadata": {"identity": {"experi',
      '{"metadata": {}, "values": [1]}',
      "\ufeff[]",
      "",
    ];
    for (const text of foreign) {
      Deno.writeTextFileSync(path, text);
      const { report, computed } = make(path, "k");
      await assertRejects(() => report, Error, "does not say what made it");
      assertEquals([computed, Deno.readTextFileSync(path)], [[], text]);
      assertEquals(files(folder), ["report.json"]);
      await make(path, "k", { overwrite: true }).report;
    }
  }));

Deno.test("files that go with a report are not overwritten where no report is beside them", () =>
  withTempFolder(async (folder) => {
    const path = join(folder, "report.json");
    const beside = [join(folder, "report.svg")];
    Deno.writeTextFileSync(beside[0], "mine");
    await assertRejects(() => make(path, "k", { beside }).report, Error, "report.svg: it is there");
    await make(path, "k", { beside, overwrite: true }).report;
    await make(path, "k", { beside }).report;
  }));

Deno.test("a failure leaves the older report as it was", () =>
  withTempFolder(async (folder) => {
    const path = join(folder, "report.json");
    await make(path, "k").report;
    const before = Deno.readTextFileSync(path);
    await assertRejects(() => make(path, "other", { failAt: "b", overwrite: true }).report, Error);
    assertEquals(Deno.readTextFileSync(path), before);
  }));

Deno.test("a place that cannot be written fails before any work", () =>
  withTempFolder(async (folder) => {
    Deno.writeTextFileSync(join(folder, "file"), "");
    const { report, computed } = make(join(folder, "file", "report.json"), "k");
    await assertRejects(() => report, Error, "Cannot write");
    assertEquals(computed, []);
    const taken = make(folder, "k");
    await assertRejects(() => taken.report, Error, "it is a folder");
  }));
