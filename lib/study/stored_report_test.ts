import { assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { z } from "zod";
import { withTempFolder } from "../testing/temp_folder.ts";
import { storedReport } from "./stored_report.ts";

const schema = z.object({ metadata: z.looseObject({}), values: z.array(z.number()) });
const PARAMETERS = ["a", "b", "c", "d"];

/** A report of four parameters; `failAt` throws before that one. Tells what was computed. */
function make(path: string, key: string, failAt?: string) {
  const computed: string[] = [];
  const report = storedReport({
    path,
    key,
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
    await assertRejects(() => make(path, "k", "c").report, Error, "interrupted");
    assertEquals(files(folder), ["report.json.k.partial.jsonl"]);
    const { report, computed } = make(path, "k");
    assertEquals((await report).values, [0, 1, 2, 3]);
    assertEquals(computed, ["c", "d"]);
    assertEquals(files(folder), ["report.json"]);
  }));

Deno.test("a report of the same key is reused, of another made anew", () =>
  withTempFolder(async (folder) => {
    const path = join(folder, "report.json");
    await make(path, "k").report;
    const again = make(path, "k");
    await again.report;
    assertEquals(again.computed, []);
    const other = make(path, "other");
    await other.report;
    assertEquals(other.computed, PARAMETERS);
  }));

Deno.test("a failure leaves the older report as it was", () =>
  withTempFolder(async (folder) => {
    const path = join(folder, "report.json");
    await make(path, "k").report;
    const before = Deno.readTextFileSync(path);
    await assertRejects(() => make(path, "other", "b").report, Error);
    assertEquals(Deno.readTextFileSync(path), before);
  }));

Deno.test("a damaged report is made anew", () =>
  withTempFolder(async (folder) => {
    const path = join(folder, "report.json");
    Deno.writeTextFileSync(path, '{"metadata": {"key": "k"');
    const { report, computed } = make(path, "k");
    await report;
    assertEquals(computed, PARAMETERS);
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
