/**
 * `deno task reproduce`: every notebook on one recipe, headless.
 *
 * @module
 */
import { join, relative, resolve } from "node:path";
import { writeAtomically } from "../atomic_write.ts";
import { formatTable } from "../figures/mod.ts";
import { builtInRecipes } from "../study/recipe.ts";
import { reproduce, selectNotebooks } from "../study/reproduce.ts";
import { showProgress } from "../study/show_progress.ts";
import { openStudy } from "../study/study.ts";
import { runCommand } from "./command_line.ts";

/** Three models given by hand become a recipe file in the results folder. */
async function recipeOfModels(
  results: string,
  models: { base: string; sft: string; rl: string },
): Promise<string> {
  // A recipe reads a leading dot as relative to its own file.
  const absolute = Object.fromEntries(
    Object.entries(models).map(([role, reference]) => [
      role,
      /^[./]/.test(reference) ? resolve(reference) : reference,
    ]),
  );
  const path = join(results, "custom", "recipe.json");
  const recipe = { name: "custom", description: "Models given by hand", models: absolute };
  await writeAtomically(path, JSON.stringify(recipe, null, 2) + "\n");
  return path;
}

if (import.meta.main) {
  await runCommand({
    name: "deno task reproduce",
    summary:
      "Run the notebooks on a recipe's three checkpoints and write executed notebooks, tables,\n" +
      "figures and run.json under results/RECIPE. An interrupted run goes on where it stopped.",
    flags: {
      recipe: {
        type: "string",
        value: "NAME|FILE",
        help: `A recipe: ${builtInRecipes().join(", ")}, or a JSON file`,
        default: "tiny",
      },
      base: {
        type: "string",
        value: "MODEL",
        help: "With --sft and --rl: models in place of a recipe",
      },
      sft: { type: "string", value: "MODEL", help: "IN, the supervised cold start" },
      rl: { type: "string", value: "MODEL", help: "RL" },
      only: { type: "string", value: "05,06", help: "Notebooks to run; default all" },
      results: { type: "string", value: "DIR", help: "Where results go", default: "results" },
    },
    run: async ({ recipe, base, sft, rl, only, results }, signal) => {
      selectNotebooks(only?.split(","));
      const given = [base, sft, rl].filter((model) => model !== undefined);
      if (given.length !== 0 && given.length !== 3) {
        throw new Error("Give all of --base, --sft and --rl, or none and a --recipe");
      }
      const name = base && sft && rl
        ? await recipeOfModels(resolve(results), { base, sft, rl })
        : recipe.endsWith(".json")
        ? resolve(recipe)
        : recipe;
      const study = openStudy({ recipe: name, results: resolve(results) });
      using progress = showProgress();
      const artefacts = await reproduce(study, {
        recipe: name,
        only: only?.split(","),
        onProgress: progress.listener,
        signal,
      });
      progress[Symbol.dispose]();
      const rows = artefacts.map(({ kind, path, files, bytes }) => ({
        what: kind,
        file: relative(Deno.cwd(), join(study.folder, path)) +
          (path.endsWith("/") ? ` (${files} files)` : ""),
        size: `${(bytes / 1000).toFixed(1)} kB`,
      }));
      console.log(`${study.recipe.name}: ${study.recipe.description}\n`);
      console.log(formatTable(rows, [
        { key: "what", label: "what" },
        { key: "file", label: "file" },
        { key: "size", label: "size" },
      ]));
    },
  });
}
