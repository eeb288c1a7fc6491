/**
 * `deno task reproduce`: every notebook on one recipe, headless.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { writeAtomically } from "../atomic_write.ts";
import { dataSources } from "../benchmarks/mod.ts";
import { byteText } from "../number_format.ts";
import { formatTable } from "../figures/mod.ts";
import {
  type Artefact,
  checkEstimate,
  type DeviceChoice,
  type EstimateOptions,
  estimateRun,
  foreignFile,
  gatherParts,
  notebooksWithout,
  openStudy,
  prefetch,
  readRecipe,
  recordPart,
  reproduce,
  runEstimateText,
  runsModel,
  selectNotebooks,
  type Study,
} from "../study/mod.ts";
import { ledgerTable, REPORT_FILES } from "../report/mod.ts";
import { runCommand, UsageError } from "./command_line.ts";
import { useOneGpu } from "./one_gpu.ts";
import { fullReference, REPRODUCE_FLAGS } from "./reproduce_flags.ts";
import { sayShard } from "./shard_flags.ts";

/** Three models given by hand become a recipe file in the results folder. */
async function recipeOfModels(
  results: string,
  models: { base: string; sft: string; rl: string },
  overwrite?: boolean,
): Promise<string> {
  const absolute = Object.fromEntries(
    Object.entries(models).map(([role, reference]) => [role, fullReference(reference)]),
  );
  const path = join(results, "custom", "recipe.json");
  if (!overwrite && existsSync(path)) {
    try {
      readRecipe(path);
    } catch (error) {
      throw foreignFile(path, (error as Error).message);
    }
  }
  const recipe = { name: "custom", description: "Models given by hand", models: absolute };
  await writeAtomically(path, JSON.stringify(recipe, null, 2) + "\n");
  return path;
}

/** What there is now, a line a folder. */
function artefactTable({ folder }: Study, artefacts: readonly Artefact[]): string {
  const places = Map.groupBy(artefacts, ({ path }) => path.replace(/[^/]+$/, "") || path);
  const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);
  return formatTable([...places].map(([path, own]) => {
    const files = sum(own.map(({ files }) => files));
    return {
      what: own[0].kind,
      file: relative(Deno.cwd(), join(folder, path)) + (files > 1 ? ` (${files} files)` : ""),
      size: byteText(sum(own.map(({ bytes }) => bytes))),
    };
  }));
}

/** Says what a recipe of the hub will take, and stops where the disk cannot hold it. */
async function announce(
  { recipe }: Study,
  options: EstimateOptions,
): Promise<void> {
  const estimate = await estimateRun(recipe, options);
  if (estimate.models.every(({ place }) => place === "folder")) return;
  console.log(runEstimateText(estimate) + "\n");
  checkEstimate(estimate);
}

/** Notebooks that a device cannot be told; says which of them would have a use for it. */
async function withoutDevice(
  device: DeviceChoice,
  notebooks: readonly string[],
): Promise<string[]> {
  if (device === "cpu") return [];
  const ignoring = await notebooksWithout("device", notebooks);
  const lacking = ignoring.filter(runsModel);
  if (lacking.length > 0) {
    console.warn(`${lacking.join(", ")}: no parameter "device", so the CPU does the work there`);
  }
  return ignoring;
}

if (import.meta.main) {
  await runCommand({
    name: "deno task reproduce",
    resumes: true,
    summary:
      "Run the notebooks on a recipe's checkpoints and write executed notebooks, tables, figures,\n" +
      "the paper's claims with a verdict each, run.json and report.html under results/RECIPE. An\n" +
      "interrupted run goes on where it stopped, and what is done is reused.",
    flags: REPRODUCE_FLAGS,
    run: async (flags, { signal, onProgress }) => {
      await useOneGpu(flags.gpu);
      const { recipe, base, sft, rl, results, describer, only, shard, device, grading } = flags;
      const { sample_size: sampleSize, dtype: precision } = flags;
      const notebooks = selectNotebooks(only);
      const given = [base, sft, rl].filter((model) => model !== undefined);
      if (given.length !== 0 && given.length !== 3) {
        throw new UsageError("Give all of --base, --sft and --rl, or none and a --recipe");
      }
      const name = base && sft && rl
        ? await recipeOfModels(resolve(results), { base, sft, rl }, flags.overwrite)
        : recipe.endsWith(".json")
        ? resolve(recipe)
        : recipe;
      const study = openStudy({
        recipe: name,
        results: resolve(results),
        data: flags.data === undefined ? undefined : dataSources(flags.data).join(","),
        describer,
        device,
        precision,
      });
      if (shard && flags.gather) throw new UsageError("Give --shard or --gather, not both");
      const cpuOnly = await withoutDevice(device, notebooks);
      await announce(study, { notebooks, sampleSize, device, precision, cpuOnly });
      const run = {
        recipe: name,
        only,
        sampleSize,
        grading,
        device,
        precision,
        describer: fullReference(describer),
        repetitionPenalty: flags.repetition_penalty?.repetition_penalty,
        onProgress,
        overwrite: flags.overwrite,
        formats: flags.format,
        signal,
      };
      if (flags.prefetch) {
        const fetched = await prefetch(study, { only, onProgress, signal });
        console.log(`There is now:\n  ${fetched.join("\n  ")}`);
        return { fetched };
      }
      if (shard) {
        const onNote = (note: string) => console.warn(note);
        return await sayShard(shard, signal, () => recordPart(study, shard, { ...run, onNote }));
      }
      const shards = flags.gather ? await gatherParts(study, run) : undefined;
      const { artefacts, ledger } = await reproduce(study, { ...run, shards });
      console.log(`${study.recipe.name}: ${study.recipe.description}\n`);
      console.log(artefactTable(study, artefacts));
      console.log(`\n${ledgerTable(ledger)}`);
      const report = join(study.folder, REPORT_FILES.page);
      console.log(`\nReport: ${pathToFileURL(report)}`);
      return { recipe: study.recipe.name, folder: study.folder, report, artefacts, ledger };
    },
  });
}
