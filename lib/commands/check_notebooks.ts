/**
 * Command: checks the notebooks' cells. Exit code 0: all is well; 1: problems; 2: wrong use.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { join, relative } from "node:path";
import { checkCells, formatProblem } from "../notebook/mod.ts";
import { runCommand, UsageError } from "./command_line.ts";

/** The notebooks in a folder by name, without the remains of failed runs; a file is itself. */
async function listNotebooks(place: string): Promise<string[]> {
  const info = await Deno.stat(place).catch((cause) => {
    throw new UsageError(`there is no file or folder ${place}`, { cause });
  });
  if (!info.isDirectory) return [place];
  const names = (await Array.fromAsync(Deno.readDir(place))).map((entry) => entry.name);
  return names.filter((name) => /(?<!\.failed)\.ipynb$/.test(name)).sort()
    .map((name) => join(place, name));
}

if (import.meta.main) {
  await runCommand({
    name: "deno run -A lib/commands/check_notebooks.ts",
    summary: "Checks the cells of notebooks: format, lint, types and metadata. Without words it " +
      "checks the\nfolder notebooks/ of this project.",
    flags: {},
    words: "[FILE.ipynb | FOLDER]...",
    run: async ({ words }) => {
      const project = fileURLToPath(new URL("../../notebooks", import.meta.url));
      const places = words.length > 0 ? words : [relative(Deno.cwd(), project) || "."];
      const paths = (await Promise.all(places.map(listNotebooks))).flat();
      if (paths.length === 0) {
        console.log(`There are no notebooks in ${places.join(", ")}: nothing to check.`);
        return { notebooks: [] };
      }
      const problems = await checkCells(paths);
      for (const problem of problems) console.error(formatProblem(problem));
      const count = `${paths.length} notebook${paths.length === 1 ? "" : "s"}`;
      if (problems.length > 0) throw new Error(`Found ${problems.length} problem(s) in ${count}.`);
      console.log(`Checked ${count}.`);
      return { notebooks: paths };
    },
  });
}
