/**
 * What a run left in a study's folder.
 *
 * @module
 */
import { join, relative } from "node:path";

/** A file that a run made, or one analysis' folder of records. */
export interface Artefact {
  /** "table", "figure", "notebook", "record" or "report". */
  kind: string;
  /** Path relative to the study's folder; a folder ends with a slash. */
  path: string;
  /** Files in it: 1 for a file. */
  files: number;
  bytes: number;
}

const KINDS: Record<string, string> = {
  tables: "table",
  figures: "figure",
  notebooks: "notebook",
  "report.html": "report",
};

/** Where an artefact is listed: records by their analysis' folder, everything else by itself. */
function listedAs(name: string): string {
  const [top, analysis] = name.split("/");
  return top === "records" ? `${top}/${analysis}/` : name;
}

/** What is under a study's folder, by kind, then path. */
export async function listArtefacts(folder: string): Promise<Artefact[]> {
  const artefacts = new Map<string, Artefact>();
  async function walk(path: string) {
    for await (const entry of Deno.readDir(path)) {
      const child = join(path, entry.name);
      if (entry.isDirectory) await walk(child);
      else {
        const name = relative(folder, child).replaceAll("\\", "/");
        const path = listedAs(name);
        const kind = KINDS[name.split("/")[0]] ?? "record";
        const artefact = artefacts.get(path) ?? { kind, path, files: 0, bytes: 0 };
        artefact.files++;
        artefact.bytes += (await Deno.stat(child)).size;
        artefacts.set(path, artefact);
      }
    }
  }
  await walk(folder);
  const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  return [...artefacts.values()].sort((a, b) => byText(a.kind, b.kind) || byText(a.path, b.path));
}
