/**
 * `deno task notebooks`: executes every notebook in place on the embedded recipe and copies its
 * figures beside them, so that the repository shows both.
 *
 * @module
 */
import { basename, join } from "node:path";
import { runNotebook } from "../notebook/mod.ts";
import { listNotebooks, NOTEBOOKS } from "../study/reproduce.ts";
import { openStudy } from "../study/study.ts";
import { runCommand } from "./command_line.ts";

if (import.meta.main) {
  await runCommand({
    name: "deno task notebooks",
    summary:
      "Execute the notebooks in place on the embedded recipe, to commit their outputs, and copy\n" +
      "their figures to notebooks/figures for the README.",
    flags: {},
    run: async (_flags, signal) => {
      for (const name of listNotebooks()) {
        await runNotebook(join(NOTEBOOKS, `${name}.ipynb`), {
          inPlace: true,
          signal,
          handleSignals: false,
        });
        console.log(`Executed ${name}`);
      }
      const from = join(openStudy().folder, "figures");
      const to = join(NOTEBOOKS, "figures");
      await Deno.mkdir(to, { recursive: true });
      for await (const { name } of Deno.readDir(from)) {
        if (name.endsWith(".png")) await Deno.copyFile(join(from, name), join(to, basename(name)));
      }
    },
  });
}
