import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { withTempFolder } from "../testing/temp_folder.ts";
import { ledgerSchema } from "../findings/mod.ts";
import { reproduce } from "./reproduce.ts";
import { readRunRecord } from "../report/run_record.ts";
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

Deno.test("the closing list has no files of other models under the same name", () =>
  withTempFolder(async (folder) => {
    const first = await run(folder, writeRecipe(folder, ["base", "in", "rl"]), ["06"]);
    assert(first.artefacts.some(({ path }) => path === "figures/stable_rank_comparison.png"));
    for (const left of ["tables/mine.json", "records/transferability/a.jsonl"]) {
      Deno.mkdirSync(join(first.folder, left, ".."), { recursive: true });
      Deno.writeTextFileSync(join(first.folder, left), "{}");
    }
    const other = await run(folder, writeRecipe(folder, ["base", "rl", "in"]), ["05"]);
    assertEquals(other.done, ["05_update_energy"]);
    const listed = other.artefacts.map(({ path }) => path);
    assertEquals(listed.filter((path) => /06|diversity|rank|mine|records/.test(path)), [
      "records/energy/",
    ]);
    for (const file of ["figures/energy.png", "notebooks/05_update_energy.ipynb", "run.json"]) {
      assert(listed.includes(file), file);
    }
  }));

Deno.test("files that are not the suite's are refused before anything runs, and left alone", () =>
  withTempFolder(async (folder) => {
    const recipe = writeRecipe(folder, ["base", "in", "rl"]);
    const study = openStudy({ recipe, results: folder });
    for (
      const [name, content] of [
        ["run.json", `{"mine": 1}`],
        ["run.json", "no JSON"],
        ["report.html", "<title>Mine</title>"],
        ["tables/energy.json", `{"mine": 1}`],
        ["tables/claims.json", `[]`],
      ]
    ) {
      const path = join(study.folder, name);
      Deno.mkdirSync(join(path, ".."), { recursive: true });
      Deno.writeTextFileSync(path, content);
      const error = await assertRejects(() => reproduce(study, { recipe, only: ["05"] }), Error);
      assertStringIncludes(error.message, `Cannot write ${path}: a file is there that is not of`);
      assertStringIncludes(error.message, "overwrite it (--overwrite)");
      assert(!error.message.includes("\n"), error.message);
      assertEquals(Deno.readTextFileSync(path), content);
      assert(!existsSync(join(study.folder, "notebooks")));
      Deno.removeSync(path);
    }
    Deno.writeTextFileSync(join(study.folder, "run.json"), `{"mine": 1}`);
    Deno.writeTextFileSync(join(study.folder, "tables", "energy.json"), `{"mine": 1}`);
    // Another notebook's table is not replaced.
    Deno.writeTextFileSync(join(study.folder, "tables", "diversity.json"), `{"mine": 1}`);
    await reproduce(study, { recipe, only: ["05"], overwrite: true });
    await reproduce(study, { recipe, only: ["05"] });

    // An earlier version's folder is the suite's own, also where nothing in it can be read.
    const { data: _, ...older } = await readRunRecord(study.folder);
    Deno.writeTextFileSync(join(study.folder, "run.json"), JSON.stringify(older));
    Deno.writeTextFileSync(join(study.folder, "tables", "energy.json"), `{"old": 1}`);
    await reproduce(study, { recipe, only: ["05"] });
    assertEquals((await readRunRecord(study.folder)).data, null);
  }));

Deno.test("data and describer that name nothing are refused whatever runs", () =>
  withTempFolder(async (folder) => {
    const recipe = writeRecipe(folder, ["base", "in", "rl"]);
    const json = JSON.parse(Deno.readTextFileSync(recipe));
    const refused = async (
      why: string,
      { data, describer, stated }: { data?: string; describer?: string; stated?: string },
    ) => {
      Deno.writeTextFileSync(recipe, JSON.stringify({ ...json, data: stated }));
      const study = openStudy({ recipe, results: folder, data, describer });
      const error = await assertRejects(
        () => reproduce(study, { recipe, only: ["05"], describer }),
        Error,
      );
      assertStringIncludes(error.message, why);
      assert(!existsSync(study.folder));
    };
    await refused("Cannot find questions in", { data: join(folder, "nowhere") });
    await refused(`${join(folder, "hubb")}: there is no such folder`, { stated: "hubb" });
    await refused('Unknown model "basse": did you mean "base"?', { describer: "basse" });
    await refused("there is no such folder", { describer: join(folder, "nowhere") });
  }));
