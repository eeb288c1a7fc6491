import { assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { withTempFolder } from "../testing/temp_folder.ts";
import { madeRun } from "./testdata/made_study.ts";
import { carryOver, previousRun, readRunRecord, writeRunRecord } from "./run_record.ts";

const NAMES = ["05_energy", "06_diversity"];
const run = madeRun(NAMES);

Deno.test("a record is read back; one of an older suite gets what it lacks", () =>
  withTempFolder(async (folder) => {
    assertEquals(await previousRun(folder), "nothing");
    await writeRunRecord(folder, run);
    assertEquals(await readRunRecord(folder), run);
    const { device: _, ...older } = run;
    const notebooks = run.notebooks.map(({ name, status, seconds }) => ({ name, status, seconds }));
    Deno.writeTextFileSync(join(folder, "run.json"), JSON.stringify({ ...older, notebooks }));
    const read = await readRunRecord(folder);
    assertEquals([read.device, read.notebooks[0].finished], ["cpu", null]);
    Deno.writeTextFileSync(join(folder, "run.json"), `{"recipe": 1}`);
    await assertRejects(() => readRunRecord(folder), Error, "run.json: recipe: Invalid input");
    assertEquals(await previousRun(folder), "foreign");
    const { data: __, ...without } = run;
    Deno.writeTextFileSync(join(folder, "run.json"), JSON.stringify(without));
    assertEquals(await previousRun(folder), "older");
  }));

const statuses = (...args: Parameters<typeof carryOver>) =>
  carryOver(...args).map(({ status }) => status);

Deno.test("what an earlier run did counts on, unless it is about to run again", () => {
  const options = { names: NAMES, selected: ["06_diversity"], models: run.models };
  assertEquals(statuses(run, options), ["done", "not run"]);
  assertEquals(statuses(null, options), ["not run", "not run"]);
  // A notebook that is new since then.
  const more = { ...options, names: [...NAMES, "09_new"] };
  assertEquals(statuses(run, more), ["done", "not run", "not run"]);
});

Deno.test("results of other weights do not count, whatever the models are called", () => {
  const options = { names: NAMES, selected: [], models: run.models };
  const rl = { ...run.models.rl, files: { "model.safetensors": "sha256:00" } };
  assertEquals(statuses(run, { ...options, models: { ...run.models, rl } }), [
    "not run",
    "not run",
  ]);
  const renamed = { ...run.models.rl, reference: "elsewhere" };
  assertEquals(statuses(run, { ...options, models: { ...run.models, rl: renamed } }), [
    "done",
    "done",
  ]);
  // A variant that the earlier run had no need of.
  const variant = { ...run.models, "rl-frozen-late": rl };
  assertEquals(statuses(run, { ...options, models: variant }), ["done", "done"]);
});
