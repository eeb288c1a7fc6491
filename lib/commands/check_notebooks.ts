/**
 * Command: checks the notebooks' cells. Exit code 0: all is well; 1: problems; 2: wrong use.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { join, relative } from "node:path";
import { checkCells, formatProblem } from "../notebook/mod.ts";
import { printPlainText } from "../plain_text.ts";

const USAGE = `Checks the cells of notebooks: format, lint, types and metadata.

Usage: deno run -A lib/commands/check_notebooks.ts [FILE.ipynb | FOLDER]...

Without arguments it checks the folder notebooks/ of this project.`;

async function main(args: string[]): Promise<number> {
  printPlainText();
  if (args.includes("--help") || args.includes("-h")) {
    console.log(USAGE);
    return 0;
  }
  const option = args.find((arg) => arg.startsWith("-"));
  if (option !== undefined) {
    console.error(`Unknown option ${option}.\n\n${USAGE}`);
    return 2;
  }
  const project = fileURLToPath(new URL("../../notebooks", import.meta.url));
  const places = args.length > 0 ? args : [relative(Deno.cwd(), project) || "."];
  try {
    const paths = (await Promise.all(places.map(listNotebooks))).flat();
    if (paths.length === 0) {
      console.log(`There are no notebooks in ${places.join(", ")}: nothing to check.`);
      return 0;
    }
    const problems = await checkCells(paths);
    for (const problem of problems) console.error(formatProblem(problem));
    const count = `${paths.length} notebook${paths.length === 1 ? "" : "s"}`;
    if (problems.length > 0) {
      console.error(`Found ${problems.length} problem(s) in ${count}.`);
      return 1;
    }
    console.log(`Checked ${count}.`);
    return 0;
  } catch (error) {
    console.error(`Cannot check the notebooks: ${error instanceof Error ? error.message : error}`);
    return 2;
  }
}

/** The notebooks in a folder by name, without the remains of failed runs; a file is itself. */
async function listNotebooks(place: string): Promise<string[]> {
  let info: Deno.FileInfo;
  try {
    info = await Deno.stat(place);
  } catch (cause) {
    throw new Error(`there is no file or folder ${place}`, { cause });
  }
  if (!info.isDirectory) return [place];
  const names = (await Array.fromAsync(Deno.readDir(place))).map((entry) => entry.name);
  return names.filter((name) => /(?<!\.failed)\.ipynb$/.test(name)).sort()
    .map((name) => join(place, name));
}

if (import.meta.main) Deno.exit(await main(Deno.args));
