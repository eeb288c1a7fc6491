/**
 * `deno task notebooks`: executes every notebook in place on the embedded recipe and copies its
 * figures beside them, so that the repository shows both.
 *
 * @module
 */
import { basename, join } from "node:path";
import { writeAtomically } from "../atomic_write.ts";
import { runNotebook } from "../notebook/mod.ts";
import { judgeClaims, readFindings } from "../findings/mod.ts";
import { listNotebooks, NOTEBOOKS, openStudy } from "../study/mod.ts";
import { runCommand } from "./command_line.ts";
import { withFindings } from "./readme_findings.ts";

if (import.meta.main) {
  await runCommand({
    name: "deno task notebooks",
    summary:
      "Execute the notebooks in place on the embedded recipe, to commit their outputs, copy their\n" +
      "figures to notebooks/figures, and write the README's table of findings.",
    flags: {},
    run: async (_flags, { signal }) => {
      for (const name of listNotebooks()) {
        await runNotebook(join(NOTEBOOKS, `${name}.ipynb`), {
          inPlace: true,
          signal,
          handleSignals: false,
        });
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
