import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { dirname, join } from "node:path";
import { DeviceMemoryError } from "../model/mod.ts";
import { withTempFolder } from "../testing/temp_folder.ts";
import { readRecipe } from "./recipe.ts";
import { checkEstimate, estimateRun, type RunEstimate, runEstimateText } from "./run_estimate.ts";
import { runSeconds } from "./run_time.ts";

const WEIGHTS = ["05_update_energy", "06_update_diversity"];
const COMMIT = "0123456789abcdef0123456789abcdef01234567";

function write(path: string, content: string | Uint8Array) {
  Deno.mkdirSync(dirname(path), { recursive: true });
  if (typeof content === "string") Deno.writeTextFileSync(path, content);
  else Deno.writeFileSync(path, content);
}

Deno.test("folders are measured and need no download", async () => {
  const estimate = await estimateRun(readRecipe("tiny"), { notebooks: WEIGHTS });
  assertEquals(estimate.models.map(({ place }) => place), ["folder", "folder", "folder"]);
  const { size } = Deno.statSync(join(readRecipe("tiny").models.rl, "model.safetensors"));
  assertEquals(estimate.models[2].bytes, size);
  assertEquals(estimate.downloadBytes, 0);
  const frozen = await estimateRun(readRecipe("tiny"), { notebooks: ["08_necessity"] });
  assertEquals(frozen.models.length, 6);
});

Deno.test("of the hub, what the cache has is measured, and the rest taken from index or name", () =>
  withTempFolder(async (cacheDir) => {
    const options = { notebooks: WEIGHTS, cacheDir, env: {} };
    const recipe = readRecipe("MMR1");
    const before = await estimateRun(recipe, options);
    assertEquals(before.models.map(({ place, bytes }) => [place, bytes]), [
      ["download", 16.6e9],
      ["download", 16.6e9],
      ["download", 16.6e9],
    ]);
    assertEquals(before.downloadBytes, 49.8e9);
    assertEquals([before.runsModels, before.memoryBytes], [false, 0.8e9 * before.cores]);
    const models = await estimateRun(recipe, { ...options, notebooks: ["05_x", "01_y"] });
    assertEquals([models.runsModels, models.memoryBytes], [true, 35.2e9]);
    assertEquals((await estimateRun(readRecipe("Frankenstein-3B"), options)).downloadBytes, 22.5e9);

    // The IN model is complete, of the RL model only the index has come.
    const place = (repo: string) => join(cacheDir, `models--${repo.replace("/", "--")}`);
    const index = (total: number) =>
      JSON.stringify({ metadata: { total_size: total }, weight_map: { a: "w.safetensors" } });
    for (const [repo, total] of [[recipe.models.sft, 5], [recipe.models.rl, 123e9]] as const) {
      write(join(place(repo), "refs", "main"), COMMIT);
      const snapshot = join(place(repo), "snapshots", COMMIT);
      write(join(snapshot, "model.safetensors.index.json"), index(total));
      if (total === 5) {
        write(join(snapshot, "config.json"), "{}");
        write(join(snapshot, "w.safetensors"), new Uint8Array(5));
      }
    }
    const after = await estimateRun(recipe, options);
    assertEquals(after.models.map(({ place, bytes }) => [place, bytes]), [
      ["download", 16.6e9],
      ["cached", 5],
      ["download", 123e9],
    ]);
    assertEquals(after.downloadBytes, 139.6e9);

    const mine = { ...recipe, models: { ...recipe.models, rl: "me/mine", sft: "no such/a/b" } };
    const unknown = await estimateRun(mine, options);
    assertEquals(unknown.models.map(({ place, bytes }) => [place, bytes]), [
      ["download", 16.6e9],
      ["missing", null],
      ["download", null],
    ]);
    assertStringIncludes(runEstimateText(unknown), "no such/a/b: size not known, no such folder");
    assertStringIncludes(runEstimateText(unknown), "and 1 of unknown size");
    assertThrows(
      () => checkEstimate(unknown),
      Error,
      "Cannot start: there is no folder no such/a/b",
    );
    assertStringIncludes(runEstimateText(unknown), "time: not known");
  }));

const ESTIMATE: RunEstimate = {
  models: [
    { reference: "a/b-7B", place: "download", bytes: 16.6e9 },
    { reference: "a/c-7B", place: "cached", bytes: 16.6e9 },
  ],
  downloadBytes: 16.6e9,
  cacheDir: "/cache",
  freeBytes: 20e9,
  runsModels: true,
  memoryBytes: 35.2e9,
  machineBytes: 16e9,
  seconds: [{ notebook: "05_x", seconds: 50 }, { notebook: "04_y", seconds: 7200 }],
  cores: 2,
  device: "cpu",
  gpu: null,
};

Deno.test("an estimate names disk, memory and time in words", () => {
  const lines = runEstimateText(ESTIMATE).split("\n");
  assertEquals(lines.slice(1, 4), [
    "  a/b-7B: 16.6 GB, to download",
    "  a/c-7B: 16.6 GB, in the cache",
    "  disk: 16.6 GB to download to /cache (20.0 GB free)",
  ]);
  assertStringIncludes(lines[4], "up to 35.2 GB where models run; this machine has 16.0 GB, which");
  const weights = runEstimateText({ ...ESTIMATE, runsModels: false }).split("\n")[4];
  assert(weights.endsWith("which is less: expect swapping"), weights);
  assert(!weights.includes("where models run"), weights);
  assertStringIncludes(lines[5], "about 2.0 h on 2 cores, of which 04_y takes 2.0 h");
});

Deno.test("what a GPU will hold is said, and refused where it is too much", async () => {
  const recipe = readRecipe("MMR1");
  const estimate = (memory: number, notebooks: string[], precision?: "f32") =>
    estimateRun(recipe, {
      notebooks,
      precision,
      device: "webgpu",
      gpu: () => ({ name: "a GPU", driver: "1", memoryBytes: memory }),
      cacheDir: "/none",
      env: {},
    });
  // 8.3e9 parameters of 2 bytes, and 3 GB for calls.
  const large = await estimate(80e9, ["03_x"]);
  assertEquals(large.gpu, {
    name: "a GPU",
    memoryBytes: 80e9,
    models: 1,
    neededBytes: 19.6e9,
    batchBytes: 30.2e9,
  });
  assertStringIncludes(
    runEstimateText(large),
    "memory of the GPU: 19.6 GB for a model and calls, up to 30.2 GB for a batch, of 80.0 GB (a GPU)",
  );
  const full = await estimate(20e9, ["03_x"]);
  assertEquals(full.gpu!.batchBytes, 1e9);
  assertEquals((await estimate(80e9, ["05_x"])).gpu, null);
  const two = await estimate(24e9, ["03_x", "07_x"]);
  const message =
    "Cannot start: the two models of a splice take 36.2 GB on the GPU, and a GPU has 24";
  assertThrows(() => checkEstimate({ ...two, freeBytes: null }), Error, message);
  checkEstimate({ ...await estimate(80e9, ["07_x"]), freeBytes: null });
  await assertRejects(() => estimate(24e9, ["03_x"], "f32"), DeviceMemoryError, "36.2 GB");
});

Deno.test("downloads that do not fit are refused before they start", () => {
  checkEstimate(ESTIMATE);
  checkEstimate({ ...ESTIMATE, freeBytes: null });
  const error = assertThrows(() => checkEstimate({ ...ESTIMATE, freeBytes: 10e9 }), Error) as Error;
  assertStringIncludes(error.message, "16.6 GB");
  assertStringIncludes(error.message, "only 10.0 GB free");
  assertStringIncludes(error.message, "HF_HOME");
});

Deno.test("time grows with samples and parameters, and falls with cores and a GPU", () => {
  const options = { parameters: 8e9, variants: 3, device: "cpu", cores: 2 };
  for (const notebook of ["01", "02", "03", "04", "07", "08"]) {
    const seconds = runSeconds(notebook, options);
    assert(seconds > 3600, `${notebook}: ${seconds}`);
    const double = runSeconds(notebook, { ...options, cores: 4 });
    assertEquals(Math.round(seconds / double), 2);
    assert(runSeconds(notebook, { ...options, sampleSize: 10 }) < seconds / 4);
    assert(runSeconds(notebook, { ...options, device: "webgpu" }) < seconds / 10);
  }
  // Within what was measured: minutes for the energies of a 7B triple, an hour for its spectra.
  assert(runSeconds("05", options) < 300);
  assert(Math.abs(Math.log(runSeconds("06", options) / 2000)) < 1);
  assertEquals(runSeconds("00", options), 0);
});
