/**
 * Regenerates the images and JSON lines of the embedded dataset, or checks that what is there is
 * what the generator makes.
 *
 * Usage: deno task dataset [--check] [--out dataset]
 *
 * @module
 */
import { parseArgs } from "node:util";
import { dirname, join } from "node:path";
import { type DatasetFile, generateDataset } from "../synthetic/mod.ts";

/** What was done with the generated files. */
export interface DatasetReport {
  files: number;
  bytes: number;
  /** Paths whose content is missing or different; empty unless `check` was asked for. */
  different: string[];
}

async function sameOnDisk({ bytes }: DatasetFile, path: string): Promise<boolean> {
  let found: Uint8Array;
  try {
    found = await Deno.readFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
  return found.length === bytes.length && found.every((byte, i) => byte === bytes[i]);
}

/** Writes the dataset under `folder`, or compares with it. */
export async function writeDataset(
  folder: string,
  options: { check?: boolean } = {},
): Promise<DatasetReport> {
  const report: DatasetReport = { files: 0, bytes: 0, different: [] };
  for (const file of generateDataset()) {
    const path = join(folder, file.path);
    report.files++;
    report.bytes += file.bytes.length;
    if (options.check) {
      if (!await sameOnDisk(file, path)) report.different.push(path);
      continue;
    }
    await Deno.mkdir(dirname(path), { recursive: true });
    await Deno.writeFile(path, file.bytes);
  }
  return report;
}

if (import.meta.main) {
  const { values } = parseArgs({
    args: Deno.args,
    options: { check: { type: "boolean", default: false }, out: { type: "string" } },
  });
  const folder = values.out ?? join(import.meta.dirname!, "..", "..", "dataset");
  const { files, bytes, different } = await writeDataset(folder, { check: values.check });
  if (different.length > 0) {
    console.error(
      `${different.length} of ${files} files differ from what the generator makes, ` +
        `first ${different[0]}. Run \`deno task dataset\` to write them again.`,
    );
    Deno.exit(1);
  }
  console.log(`${files} files, ${bytes} bytes ${values.check ? "are as generated" : "written"}.`);
}
