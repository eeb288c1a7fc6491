/**
 * `deno task notebooks`: executes every notebook in place on the embedded recipe and copies its
 * figures beside them, so that the repository shows both.
 *
 * @module
 */
import { basename, join } from "node:path";
import { writeAtomically } from "../atomic_write.ts";
import {
  linkNotebook,
  type Notebook,
  readNotebook,
  runNotebook,
  serializeNotebook,
  titleOf,
} from "../notebook/mod.ts";
import { judgeClaims, readFindings } from "../findings/mod.ts";
import { listNotebooks, NOTEBOOKS, openStudy } from "../study/mod.ts";
import { runCommand } from "./command_line.ts";
import { withFindings } from "./readme_findings.ts";

const pathOf = (name: string) => join(NOTEBOOKS, `${name}.ipynb`);

/** Writes into every notebook where its neighbours are. */
async function linkNotebooks(names: readonly string[]): Promise<void> {
  const notebooks = new Map<string, Notebook>();
  for (const name of names) notebooks.set(name, await readNotebook(pathOf(name)));
  const titles = new Map([...notebooks].map(([name, notebook]) => [name, titleOf(notebook, name)]));
  for (const [name, notebook] of notebooks) {
    const linked = serializeNotebook(linkNotebook(notebook, { name, titles }), name);
    await writeAtomically(pathOf(name), linked);
  }
}

if (import.meta.main) {
  await runCommand({
    name: "deno task notebooks",
    summary:
      "Link the notebooks to their neighbours, execute them in place on the embedded recipe, to\n" +
      "commit their outputs, copy their figures to notebooks/figures, and write the README's table\n" +
      "of findings.",
    flags: { links_only: { help: "Only write the links between notebooks" } },
    run: async ({ links_only: linksOnly }, { signal }) => {
      await linkNotebooks(listNotebooks());
      if (linksOnly) return { notebooks: listNotebooks() };
      for (const name of listNotebooks()) {
        await runNotebook(pathOf(name), { inPlace: true, signal });
        console.log(`Executed ${name}`);
      }
      const study = openStudy();
      const from = join(study.folder, "figures");
      const to = join(NOTEBOOKS, "figures");
      await Deno.mkdir(to, { recursive: true });
      for await (const { name } of Deno.readDir(from)) {
        if (name.endsWith(".png")) await Deno.copyFile(join(from, name), join(to, basename(name)));
      }
      const ledger = judgeClaims(await readFindings(study.folder));
      const readme = join(NOTEBOOKS, "..", "README.md");
      const text = withFindings(await Deno.readTextFile(readme), {
        ledger,
        notebooks: listNotebooks(),
      });
      await writeAtomically(readme, text);
      const { success } = await new Deno.Command(Deno.execPath(), { args: ["fmt", "-q", readme] })
        .output();
      if (!success) throw new Error(`Cannot format ${readme}`);
      return { notebooks: listNotebooks(), readme };
    },
  });
}
