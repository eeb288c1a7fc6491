/**
 * The kernel as Jupyter knows it: a folder with a kernel.json that says how Deno is started.
 *
 * @module
 */
import { join } from "node:path";
import { z } from "zod";
import { writeAtomically } from "../atomic_write.ts";
import { readStrictJson } from "../strict_json.ts";

const SPEC = z.looseObject({ argv: z.array(z.string()).min(1) });

/** Where Jupyter looks for what a user installed. Source: jupyter_core.paths.jupyter_data_dir. */
export function jupyterDataFolder(
  get: (name: string) => string | undefined = (name) => Deno.env.get(name),
  os: string = Deno.build.os,
): string {
  const stated = get("JUPYTER_DATA_DIR");
  if (stated) return stated;
  const home = get("HOME") ?? get("USERPROFILE") ?? ".";
  if (os === "darwin") return join(home, "Library", "Jupyter");
  if (os === "windows") return join(get("APPDATA") ?? home, "jupyter");
  return join(get("XDG_DATA_HOME") || join(home, ".local", "share"), "jupyter");
}

/** A package manager's copy of Deno, as npx has one, goes when its folder is cleaned. */
const passing = (path: string) => /[/\\](?:node_modules|_npx)[/\\]/.test(path);

/** "2.9.6" of a Deno; null if it does not run. */
async function versionOf(deno: string): Promise<string | null> {
  try {
    const { stdout } = await new Deno.Command(deno, { args: ["--version"] }).output();
    return /^deno (\d+\.\d+\.\d+)/.exec(new TextDecoder().decode(stdout))?.[1] ?? null;
  } catch {
    return null;
  }
}

const isAsNew = (version: string, as: string) =>
  version.localeCompare(as, "en", { numeric: true }) >= 0;

/**
 * Installs the kernel "deno", which the notebooks name, for this user, so that it lasts: a Deno that
 * a package manager keeps in its cache is copied beside the kernel.json.
 *
 * @returns The kernel's folder, the Deno that it starts, and "kept" if a kernel was there whose Deno
 * stays and is as new.
 * @throws {Error} if the folder cannot be written.
 */
export async function installKernel(
  { dataFolder = jupyterDataFolder(), deno = Deno.execPath() }: {
    dataFolder?: string;
    deno?: string;
  } = {},
): Promise<{ folder: string; deno: string; outcome: "kept" | "installed" }> {
  const folder = join(dataFolder, "kernels", "deno");
  const path = join(folder, "kernel.json");
  const found = SPEC.safeParse(readStrictJson(path)).data?.argv[0];
  if (found !== undefined && !passing(found)) {
    const version = await versionOf(found);
    if (version !== null && isAsNew(version, Deno.version.deno)) {
      return { folder, deno: found, outcome: "kept" };
    }
  }
  let lasting = deno;
  if (passing(deno)) {
    lasting = join(folder, Deno.build.os === "windows" ? "deno.exe" : "deno");
    await writeAtomically(lasting, await Deno.readFile(deno));
    if (Deno.build.os !== "windows") await Deno.chmod(lasting, 0o755);
  }
  const spec = {
    argv: [lasting, "jupyter", "--kernel", "--conn", "{connection_file}"],
    display_name: "Deno",
    language: "typescript",
    env: { NO_COLOR: "1" },
  };
  await writeAtomically(path, `${JSON.stringify(spec, null, 2)}\n`);
  return { folder, deno: lasting, outcome: "installed" };
}
