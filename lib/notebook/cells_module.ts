/**
 * A notebook's cells as one TypeScript module, for tools that do not read notebooks.
 *
 * @module
 */
import { executableCells } from "./code_cells.ts";
import type { Notebook } from "./nbformat.ts";

/** Where a line of a module came from. */
export interface CellLine {
  /** The code cell, counted from 1 over those that have source. */
  cell: number;
  /** The line in the cell, from 1. */
  line: number;
}

/** The code cells of a notebook as one module. */
export interface CellsModule {
  source: string;
  /** For each of its lines the line of the notebook that it shows; undefined for lines between. */
  origins: (CellLine | undefined)[];
}

// The kernel has Deno.jupyter, whose types are among the unstable ones.
const REFERENCE = '/// <reference lib="deno.unstable" />';
// Formatted cells have their imports at the start of a line.
const IMPORT = /^import\b(?!\s*[(.])[^;]*?["'][^"'\n]*["'](?:\s*with\s*\{[^}]*\})?[ \t]*;?/gm;

/**
 * Makes one module of all code cells. Each cell is a block inside the block of the cell before it:
 * it sees all earlier names and may declare them anew, as in the kernel. Imports cannot stand in
 * blocks and move to the top, repeated ones once.
 */
export function cellsModule(notebook: Notebook): CellsModule {
  const imports = new ModuleLines();
  const body = new ModuleLines();
  const seen = new Set<string>();
  let depth = 0;
  for (const { number, source } of executableCells(notebook)) {
    const rest = source.replace(IMPORT, (statement, offset: number) => {
      const line = source.slice(0, offset).split("\n").length;
      if (!seen.has(statement)) imports.add(statement, { cell: number, line });
      seen.add(statement);
      return statement.replace(/[^\n]/g, " ");
    });
    if (rest.trim() === "") continue;
    body.add("{");
    body.add(rest, { cell: number, line: 1 });
    depth++;
  }
  for (let i = 0; i < depth; i++) body.add("}");
  const lines = [REFERENCE, ...imports.lines, ...body.lines];
  return {
    source: lines.map((line) => line + "\n").join(""),
    origins: [undefined, ...imports.origins, ...body.origins],
  };
}

class ModuleLines {
  lines: string[] = [];
  origins: (CellLine | undefined)[] = [];

  /** Adds a text of one or more lines; `from` is the origin of its first line. */
  add(text: string, from?: CellLine): void {
    for (const [i, line] of text.split("\n").entries()) {
      this.lines.push(line);
      this.origins.push(from && { cell: from.cell, line: from.line + i });
    }
  }
}
