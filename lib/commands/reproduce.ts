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
import { formatTable } from "../figures/mod.ts";
import {
  type Artefact,
  builtInRecipes,
  checkEstimate,
  type DeviceChoice,
  estimateRun,
  foreignFile,
  gatherParts,
  notebooksWithout,
  openStudy,
  readRecipe,
  recordPart,
  reproduce,
  runEstimateText,
  runsModel,
  selectNotebooks,
  type Study,
} from "../study/mod.ts";
import { ledgerTable, REPORT_FILES, TABLE_FORMATS, type TableFormat } from "../report/mod.ts";
import { runCommand, UsageError } from "./command_line.ts";
import { useOneGpu } from "./one_gpu.ts";
import { oneOf, readCount, readWords } from "./flag_values.ts";
import { DATA_FLAG, GRADING_FLAG, RUN_FLAGS } from "./flags.ts";
import { sayShard, SHARD_FLAGS } from "./shard_flags.ts";

/** A folder as its full path: notebooks and recipes read a leading dot as relative to themselves. */
function fullReference<T extends string | undefined>(reference: T): T {
  return (reference && /^[./]/.test(reference) ? resolve(reference) : reference) as T;
}

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

function artefactTable({ folder }: Study, artefacts: readonly Artefact[]): string {
  const rows = artefacts.map(({ kind, path, files, bytes }) => ({
    what: kind,
    file: relative(Deno.cwd(), join(folder, path)) +
      (path.endsWith("/") ? ` (${files} files)` : ""),
    size: `${(bytes / 1000).toFixed(1)} kB`,
  }));
  return formatTable(rows, [
    { key: "what", label: "what" },
    { key: "file", label: "file" },
    { key: "size", label: "size" },
  ]);
}

/** Says what a recipe of the hub will take, and stops where the disk cannot hold it. */
async function announce(
  { recipe }: Study,
  options: { notebooks: string[]; sampleSize?: number; device: DeviceChoice; cpuOnly: string[] },
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

function readFormats(text: string, flag: string): TableFormat[] {
  const words = readWords(text).map((word) =>
    oneOf(word, ["json", ...TABLE_FORMATS, "none"] as const, flag)
  );
  return TABLE_FORMATS.filter((format) => words.includes(format));
}

if (import.meta.main) {
  await runCommand({
    name: "deno task reproduce",
    resumes: true,
    summary:
      "Run the notebooks on a recipe's checkpoints and write executed notebooks, tables, figures,\n" +
      "the paper's claims with a verdict each, run.json and report.html under results/RECIPE. An\n" +
      "interrupted run goes on where it stopped, and what is done is reused.",
    flags: {
      recipe: {
        value: "NAME|FILE",
        help: `A recipe: ${builtInRecipes().join(", ")}, or a JSON file`,
        default: "tiny",
      },
      base: {
        value: "MODEL",
        help: "With --sft and --rl: models in place of a recipe",
      },
      sft: { value: "MODEL", help: "IN, the supervised cold start" },
      rl: { value: "MODEL", help: "RL" },
      only: { value: "05,06", help: "Notebooks to run; default all", list: true, read: readWords },
      sample_size: {
        value: "N",
        help: "Samples of each task, dataset and ability; default the notebooks' own",
        read: readCount,
      },
      ...GRADING_FLAG,
      ...DATA_FLAG,
      describer: {
        value: "MODEL",
        help:
          "Describes images, in place of the data set's descriptions or where it has none: base, " +
          "sft, rl, a folder, a hub id, openai:NAME, an OpenAI or Claude name",
      },
      ...RUN_FLAGS,
      results: { value: "DIR", help: "Where results go", default: "results" },
      format: {
        value: "LIST",
        help: "Formats of tables besides JSON, which there always is: csv, parquet, or none",
        default: TABLE_FORMATS.join(","),
        list: true,
        read: readFormats,
      },
      ...SHARD_FLAGS,
      overwrite: {
        help: "Replace files in the results folder that are not of this suite",
      },
    },
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
      await announce(study, { notebooks, sampleSize, device, cpuOnly });
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
