/**
 * Links from a notebook to its neighbours, as its last cell.
 *
 * @module
 */
import type { Notebook } from "./nbformat.ts";

/** The title that a notebook's first heading gives it; its name, if there is none. */
export function titleOf({ cells }: Notebook, name: string): string {
  const headings = cells.filter(({ cell_type }) => cell_type === "markdown")
    .flatMap(({ source }) => /^# (.+)$/m.exec(source)?.[1] ?? []);
  return headings[0] ?? name;
}

/**
 * Puts links to the notebooks before and after into a notebook's last cell.
 *
 * @param name Its own name.
 * @param titles Titles of all notebooks by name, in order.
 */
export function linkNotebook(
  notebook: Notebook,
  { name, titles }: { name: string; titles: ReadonlyMap<string, string> },
): Notebook {
  const names = [...titles.keys()];
  const at = names.indexOf(name);
  const link = (other: string, text: string) => `[${text}](${other}.ipynb)`;
  const [before, after] = [names[at - 1], names[at + 1]];
  const links = [
    ...before === undefined ? [] : [link(before, `← ${titles.get(before)}`)],
    ...at > 1 ? [link(names[0], titles.get(names[0])!)] : [],
    ...after === undefined ? [] : [link(after, `${titles.get(after)} →`)],
  ];
  const id = `${name.slice(0, 2)}-links`;
  const cells = notebook.cells.filter((cell) => cell.id !== id);
  if (links.length === 0) return { ...notebook, cells };
  // A list keeps its lines when the cell is formatted.
  const source = links.map((text) => `- ${text}`).join("\n");
  return { ...notebook, cells: [...cells, { cell_type: "markdown", id, metadata: {}, source }] };
}
