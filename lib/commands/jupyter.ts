/**
 * `deno task jupyter`: the kernel for Jupyter, and Jupyter on the notebooks.
 *
 * @module
 */
import { relative } from "node:path";
import { installKernel } from "../notebook/mod.ts";
import { NOTEBOOKS } from "../study/mod.ts";
import { CommandError, runCommand } from "./command_line.ts";

/** How to get Jupyter. */
const MISSING = `Jupyter is not on this machine's PATH. One of these gets it:
  pipx install jupyterlab          or: uv tool install jupyterlab
  python3 -m pip install jupyterlab
Then run this again. VS Code needs its extension "Jupyter" instead: open a notebook of
notebooks/ there and select the kernel Deno.`;

/** The first of Jupyter's programs that is there. */
async function findJupyter(): Promise<string | undefined> {
  for (const program of ["lab", "notebook"]) {
    const asked = new Deno.Command("jupyter", {
      args: [program, "--version"],
      ...{ stdout: "null", stderr: "null" },
    });
    if (await asked.output().then(({ success }) => success, () => false)) return program;
  }
}

if (import.meta.main) {
  await runCommand({
    name: "deno task jupyter",
    summary:
      "Installs Deno's kernel for Jupyter, once and so that it lasts, and opens the notebooks in\n" +
      "JupyterLab or Jupyter Notebook.",
    flags: { install_only: { help: "Install the kernel, and do not start Jupyter" } },
    run: async ({ install_only: installOnly }) => {
      const kernel = await installKernel();
      const what = kernel.outcome === "kept" ? "is there already" : "is installed";
      console.log(`The kernel Deno ${what}: ${kernel.folder}, which starts ${kernel.deno}`);
      if (installOnly) return kernel;
      const program = await findJupyter();
      if (program === undefined) {
        console.log(MISSING);
        return { ...kernel, jupyter: null };
      }
      const args = [program, relative(Deno.cwd(), NOTEBOOKS) || "."];
      const jupyter = `jupyter ${args.join(" ")}`;
      console.log(`Starting: ${jupyter}`);
      const { code } = await new Deno.Command("jupyter", { args }).spawn().status;
      if (code !== 0) {
        throw new CommandError(`${jupyter} ended with exit code ${code}; see above for why`, code);
      }
      return { ...kernel, jupyter };
    },
  });
}
