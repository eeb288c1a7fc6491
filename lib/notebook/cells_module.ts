/**
 * A notebook's cells as one TypeScript module, for tools that do not read notebooks.
 *
 * @module
 */
import { executableCells } from "./code_cells.ts";
import type { Notebook } from "./nbformat.ts";

/** A line of a cell, from 1; cells are counted from 1 over those that have source. */
export interface CellLine {
  cell: number;
  line: number;
}

// The kernel has Deno.jupyter, whose types are among the unstable ones.
const REFERENCE = '/// <reference lib="deno.unstable" />';
// Formatted cells have their imports at the start of a line.
const IMPORT = /^import\b(?!\s*[(.])[^;]*?["'][^"'\n]*["'](?:\s*with\s*\{[^}]*\})?[ \t]*;?/gm;

/**
 * Makes one module of all code cells. Each cell is a block inside the block of the cell before it:
 * it sees all earlier names and may declare them anew, as in the kernel. Imports cannot stand in
 * blocks and move to the top, repeated ones once.
 *
 * @returns The module's source and, for each of its lines, the line of the notebook that it shows.
 */
export function cellsModule(notebook: Notebook) {
  const imports: ModuleLine[] = [];
  const body: ModuleLine[] = [];
  const seen = new Set<string>();
  let depth = 0;
  for (const { number, source } of executableCells(notebook)) {
    const rest = source.replace(IMPORT, (statement, offset: number) => {
      const line = source.slice(0, offset).split("\n").length;
      if (!seen.has(statement)) imports.push(...linesOf(statement, { cell: number, line }));
      seen.add(statement);
      return statement.replace(/[^\n]/g, " ");
    });
    if (rest.trim() === "") continue;
    body.push({ text: "{" }, ...linesOf(rest, { cell: number, line: 1 }));
    depth++;
  }
  const lines = [{ text: REFERENCE }, ...imports, ...body, ...Array(depth).fill({ text: "}" })];
  return {
    source: lines.map(({ text }) => text + "\n").join(""),
    origins: lines.map(({ origin }: ModuleLine) => origin),
  };
}

interface ModuleLine {
  text: string;
  origin?: CellLine;
}

/** The lines of a text whose first line is from `first`. */
function linesOf(text: string, { cell, line }: CellLine): ModuleLine[] {
  return text.split("\n").map((text, i) => ({ text, origin: { cell, line: line + i } }));
}
