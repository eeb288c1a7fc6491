import { assertEquals } from "@std/assert";
import type { Notebook } from "./nbformat.ts";
import { linkNotebook, titleOf } from "./notebook_links.ts";

const notebook = (title: string): Notebook => ({
  nbformat: 4,
  nbformat_minor: 5,
  metadata: {},
  cells: [{ cell_type: "markdown", id: "a", metadata: {}, source: `# ${title}\n\ntext` }],
});
const titles = new Map([["00_start", "Start"], ["01_one", "One"], ["02_two", "Two"]]);

Deno.test("a notebook links to its neighbours and to the first, once however often it is done", () => {
  const links = (name: string) => {
    const once = linkNotebook(notebook("x"), { name, titles });
    assertEquals(linkNotebook(once, { name, titles }), once);
    return once.cells.at(-1)!.source;
  };
  assertEquals(links("00_start"), "- [One →](01_one.ipynb)");
  assertEquals(links("01_one"), "- [← Start](00_start.ipynb)\n- [Two →](02_two.ipynb)");
  assertEquals(links("02_two"), "- [← One](01_one.ipynb)\n- [Start](00_start.ipynb)");
});

Deno.test("a title is the first heading", () => {
  assertEquals(titleOf(notebook("Finding 1: abilities"), "01"), "Finding 1: abilities");
  assertEquals(titleOf({ ...notebook("x"), cells: [] }, "01_one"), "01_one");
});
