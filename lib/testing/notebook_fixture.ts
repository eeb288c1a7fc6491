/**
 * Notebooks in temporary folders, for tests.
 *
 * @module
 */

/** A code cell by its source, or a cell with more. */
export type FixtureCell = string | { source: string; tags?: string[]; type?: "markdown" | "raw" };

/** The JSON text of a notebook for Deno's kernel. */
export function notebookText(cells: FixtureCell[], metadata?: Record<string, unknown>): string {
  const notebook = {
    cells: cells.map((cell, i) => {
      const { source, tags, type } = typeof cell === "string" ? { source: cell } : cell;
      const base = { id: `cell-${i}`, metadata: tags === undefined ? {} : { tags }, source };
      return type === undefined
        ? { ...base, cell_type: "code", execution_count: null, outputs: [] }
        : { ...base, cell_type: type };
    }),
    metadata: metadata ?? {
      kernelspec: { name: "deno", display_name: "Deno", language: "typescript" },
      language_info: { name: "typescript" },
    },
    nbformat: 4,
    nbformat_minor: 5,
  };
  return JSON.stringify(notebook);
}

/** Calls `use` with the path of a notebook in a temporary folder, which is removed afterwards. */
export async function withNotebook(
  cells: FixtureCell[],
  use: (path: string, folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "notebook_test_" });
  try {
    const path = `${folder}/test.ipynb`;
    await Deno.writeTextFile(path, notebookText(cells));
    await use(path, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
