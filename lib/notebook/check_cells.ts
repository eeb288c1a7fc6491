/**
 * Checks notebooks as the library is checked: format, lint, types, and the metadata that tools go
 * by. Deno's linter and type checker skip notebooks; here they see the cells.
 *
 * @module
 */
import { rmSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { cellsModule } from "./cells_module.ts";
import { formatNotebook, lintFiles, type ToolMessage, typeCheckFiles } from "./deno_tools.ts";
import { executableCells } from "./code_cells.ts";
import { type Notebook, parseNotebook } from "./nbformat.ts";
import { NotebookError } from "./notebook_error.ts";

/** Something that is wrong in a notebook, or in a module that it imports. */
export interface CellProblem {
  /** The notebook, as the caller named it, or the path of a module. */
  file: string;
  /** The code cell, counted from 1 over those that have source. */
  cell?: number;
  /** The line in the cell, or in the module, from 1. */
  line?: number;
  message: string;
}

interface CheckedNotebook {
  path: string;
  text: string;
  notebook: Notebook;
  module: ReturnType<typeof cellsModule>;
  modulePath: string;
}

/**
 * Checks the code cells and the metadata of notebooks. For linting and type checking the cells of
 * each become a module in the notebook's folder, which is removed afterwards.
 *
 * @returns The problems found, by notebook and cell; an empty list if all is well.
 * @throws If a notebook cannot be read, or Deno's tools cannot be run.
 *
 * @example
 * ```ts
 * const path = await Deno.makeTempFile({ suffix: ".ipynb" });
 * const notebook = { cells: [], metadata: {}, nbformat: 4, nbformat_minor: 5 };
 * await Deno.writeTextFile(path, JSON.stringify(notebook));
 * const problems = await checkCells([path]);
 * if (!formatProblem(problems[0]).includes("kernelspec")) throw new Error("expected a problem");
 * await Deno.remove(path);
 * ```
 */
export async function checkCells(paths: readonly string[]): Promise<CellProblem[]> {
  const problems: CellProblem[] = [];
  const notebooks: CheckedNotebook[] = [];
  for (const path of paths) {
    const text = await Deno.readTextFile(path);
    try {
      const notebook = parseNotebook(text, path);
      const name = `.${basename(path, ".ipynb")}_cells_${crypto.randomUUID().slice(0, 8)}.ts`;
      const modulePath = join(resolve(dirname(path)), name);
      notebooks.push({ path, text, notebook, module: cellsModule(notebook), modulePath });
      problems.push(...metadataProblems(path, notebook));
    } catch (error) {
      if (!(error instanceof NotebookError)) throw error;
      problems.push({ file: path, message: error.message.slice(path.length + 2) });
    }
  }
  for (const notebook of notebooks) problems.push(...await formatProblems(notebook));
  if (notebooks.length > 0) problems.push(...await moduleProblems(notebooks));
  const order = (problem: CellProblem) => paths.indexOf(problem.file);
  return problems.sort((a, b) => order(a) - order(b) || (a.cell ?? 0) - (b.cell ?? 0));
}

/**
 * A problem in one line, or more if the message has more.
 *
 * @example
 * ```ts
 * const text = formatProblem({ file: "a.ipynb", cell: 2, line: 1, message: "`x` is never used" });
 * if (text !== "a.ipynb, code cell 2, line 1: `x` is never used") throw new Error(text);
 * ```
 */
export function formatProblem(problem: CellProblem): string {
  const cell = problem.cell === undefined ? "" : `, code cell ${problem.cell}`;
  const line = problem.line === undefined ? "" : `, line ${problem.line}`;
  return `${problem.file}${cell}${line}: ${problem.message}`;
}

function metadataProblems(file: string, notebook: Notebook): CellProblem[] {
  const { kernelspec, language_info: language } = notebook.metadata;
  const problems: CellProblem[] = [];
  const expected = { name: "deno", display_name: "Deno", language: "typescript" };
  for (const [key, value] of Object.entries(expected)) {
    const given = kernelspec?.[key];
    if (given === value) continue;
    const message = `metadata.kernelspec.${key} is ${JSON.stringify(given)}, expected "${value}"`;
    problems.push({ file, message });
  }
  if (language?.name !== "typescript") {
    const given = JSON.stringify(language?.name);
    const message = `metadata.language_info.name is ${given}, expected "typescript"`;
    problems.push({ file, message });
  }
  return problems;
}

/**
 * Compares with the formatter's own text: `deno fmt --check` (2.9.6) calls every notebook
 * unformatted whose cells do not end in a newline, and Jupyter's do not.
 */
async function formatProblems({ path, text, notebook }: CheckedNotebook): Promise<CellProblem[]> {
  const formatted = await formatNotebook(text, { cwd: resolve(dirname(path)) });
  const wanted = parseNotebook(formatted, path);
  const numbers = new Map(executableCells(notebook).map(({ index, number }) => [index, number]));
  return notebook.cells.flatMap(({ cell_type: type, source }, index) => {
    const difference = firstDifference(source, wanted.cells[index].source);
    if (difference === undefined) return [];
    const { line, message } = difference;
    const cell = numbers.get(index);
    if (cell !== undefined) return [{ file: path, cell, line, message }];
    return [{
      file: path,
      message: `${type} cell at position ${index + 1}, line ${line}: ${message}`,
    }];
  });
}

function firstDifference(
  given: string,
  wanted: string,
): { line: number; message: string } | undefined {
  if (given === wanted) return undefined;
  const givenLines = given.split("\n");
  const wantedLines = wanted.split("\n");
  const at = wantedLines.findIndex((line, i) => line !== givenLines[i]);
  if (at < 0) return { line: wantedLines.length + 1, message: "not formatted: expected no more" };
  return { line: at + 1, message: `not formatted: expected \`${wantedLines[at]}\`` };
}

async function moduleProblems(notebooks: CheckedNotebook[]): Promise<CellProblem[]> {
  const modulePaths = notebooks.map(({ modulePath }) => modulePath);
  const remove = () => modulePaths.forEach((path) => rmSync(path, { force: true }));
  const release = onTermination(remove);
  try {
    for (const { modulePath, module } of notebooks) {
      await Deno.writeTextFile(modulePath, module.source);
    }
    const cwd = dirname(modulePaths[0]);
    const lint = await lintFiles(modulePaths, { cwd });
    // A module that does not parse would end the type check of all others.
    const broken = new Set(lint.filter((m) => m.rule === undefined).map((m) => m.path));
    const parsed = modulePaths.filter((path) => !broken.has(path));
    const types = parsed.length === 0 ? [] : await typeCheckFiles(parsed, { cwd });
    return [...lint, ...types].flatMap((message) => locate(message, notebooks));
  } finally {
    release();
    remove();
  }
}

function locate(message: ToolMessage, notebooks: CheckedNotebook[]): CellProblem[] {
  const checked = notebooks.find(({ modulePath }) => modulePath === message.path);
  if (checked === undefined) {
    const file = message.path === undefined ? "notebooks" : relative(Deno.cwd(), message.path);
    return [{ file, line: message.line, message: message.message }];
  }
  const origin = checked.module.origins[message.line - 1];
  // A parameter is declared with let for the sake of the cell that may assign it later.
  const cells = executableCells(checked.notebook);
  const index = origin && cells[origin.cell - 1].index;
  const tags = index === undefined ? [] : checked.notebook.cells[index].metadata.tags ?? [];
  if (message.rule === "prefer-const" && tags.includes("parameters")) return [];
  return [{ file: checked.path, ...origin, message: message.message }];
}

/**
 * Calls `cleanup` when this process gets SIGINT, SIGTERM or SIGHUP, or exits by `Deno.exit`, until
 * the returned function is called. After a signal the process ends as the signal asks: the signal
 * is raised again once the cleanup has run. `cleanup` must be synchronous and must not throw.
 */
function onTermination(cleanup: () => void): () => void {
  // Windows knows no SIGTERM, and delivers SIGHUP when its console is closed.
  const signals: Deno.Signal[] = Deno.build.os === "windows"
    ? ["SIGINT", "SIGHUP"]
    : ["SIGINT", "SIGTERM", "SIGHUP"];
  const handlers = signals.map((signal) => () => {
    release();
    cleanup();
    Deno.kill(Deno.pid, signal);
  });
  const release = () => {
    signals.forEach((signal, i) => Deno.removeSignalListener(signal, handlers[i]));
    globalThis.removeEventListener("unload", cleanup);
  };
  signals.forEach((signal, i) => Deno.addSignalListener(signal, handlers[i]));
  globalThis.addEventListener("unload", cleanup);
  return release;
}
