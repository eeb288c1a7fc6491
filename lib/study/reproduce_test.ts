import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { withTempFolder } from "../testing/temp_folder.ts";
import { ledgerSchema } from "./claims/mod.ts";
import { reproduce } from "./reproduce.ts";
import { readRunRecord } from "./run_record.ts";
import { openStudy } from "./study.ts";

const TRIPLE = fileURLToPath(new URL("../spectra/testdata/triple", import.meta.url));

function writeRecipe(folder: string, [base, sft, rl]: string[]): string {
  const path = join(folder, "small.json");
  const models = Object.fromEntries(
    Object.entries({ base, sft, rl }).map(([role, name]) => [role, join(TRIPLE, name)]),
  );
  Deno.writeTextFileSync(path, JSON.stringify({ name: "small", models }));
  return path;
}

async function run(folder: string, recipe: string, only: string[]) {
  const study = openStudy({ recipe, results: folder });
  const { ledger, artefacts } = await reproduce(study, { recipe, only });
  const record = await readRunRecord(study.folder);
  const done = record.notebooks.filter(({ status }) => status === "done").map(({ name }) => name);
  const verdicts = ledger.claims.map(({ verdict }) => verdict);
  return { folder: study.folder, artefacts, record, done, verdicts };
}

Deno.test("a run of some notebooks is judged and reported, and the next one adds to it", () =>
  withTempFolder(async (folder) => {
    const recipe = writeRecipe(folder, ["base", "in", "rl"]);
    const first = await run(folder, recipe, ["05"]);
    assertEquals(first.done, ["05_update_energy"]);
    assert(first.record.notebooks.length > 1 && first.record.finished !== null);
    const files = first.artefacts.map(({ path }) => path);
    for (const file of ["report.html", "run.json", "tables/claims.json", "tables/energy.json"]) {
      assert(files.includes(file), file);
    }
    // The fixture has too few layers for thirds; the ledger says that, not that there is no result.
    const claims = Deno.readTextFileSync(join(first.folder, "tables", "claims.json"));
    const [energy] = ledgerSchema.parse(JSON.parse(claims)).claims[3].statements;
    assert(!energy.reason.includes("There is no result"), energy.reason);

    const second = await run(folder, recipe, ["06"]);
    assertEquals(second.done, ["05_update_energy", "06_update_diversity"]);
    const energyEntry = ({ record }: typeof first) =>
      record.notebooks.find(({ name }) => name === "05_update_energy");
    assertEquals(energyEntry(second), energyEntry(first));
    const page = Deno.readTextFileSync(join(second.folder, "report.html"));
    assertStringIncludes(page, "figures/energy.svg");
    assertStringIncludes(page, "figures/stable_rank_comparison.svg");
    assert(!page.includes("figures/vision_steps.svg"));
    assertEquals(second.verdicts[2], "not run");
  }));
