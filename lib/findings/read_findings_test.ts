import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { withTempFolder } from "../testing/temp_folder.ts";
import { FINDING_KEYS, type FindingKey, FINDINGS } from "./findings.ts";
import { judgeClaims } from "./ledger.ts";
import { readFindings } from "./read_findings.ts";
import { madeFindings } from "./testdata/made_findings.ts";

const findings = madeFindings({ effect: 1, samples: 12 });

function writeTables(folder: string, keys: readonly FindingKey[]) {
  Deno.mkdirSync(join(folder, "tables"), { recursive: true });
  for (const key of keys) {
    Deno.writeTextFileSync(
      join(folder, "tables", FINDINGS[key].table),
      JSON.stringify(findings[key]),
    );
  }
}

Deno.test("what is written is read back, what is not there is null", () =>
  withTempFolder(async (folder) => {
    const all = FINDING_KEYS;
    writeTables(folder, all);
    const read = await readFindings(folder);
    assertEquals(judgeClaims(read), judgeClaims(findings));
    const one = await readFindings(folder, { only: ["energy"] });
    assertEquals(all.filter((key) => one[key] !== null), ["energy"]);
    const none = await readFindings(join(folder, "nowhere"));
    assertEquals(all.filter((key) => none[key] !== null), []);
  }));

Deno.test("a broken table is an error that names file and field", () =>
  withTempFolder(async (folder) => {
    writeTables(folder, ["energy"]);
    const path = join(folder, "tables", "vision_localization.json");
    const broken = async (text: string) => {
      Deno.writeTextFileSync(path, text);
      const error = await assertRejects(() => readFindings(folder), Error, path);
      return (error as Error).message;
    };
    assert((await broken("{")).includes("not JSON"));
    assert((await broken("{}")).includes("tasks is missing"));
    const marks = structuredClone(findings.vision!);
    marks.outcomes![1].changed[2] = "10x";
    assertStringIncludes(await broken(JSON.stringify(marks)), "outcomes[1].changed[2]");
  }));
