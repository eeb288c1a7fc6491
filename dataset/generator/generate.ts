/**
 * `deno task dataset`: regenerates the images and JSON lines of the embedded dataset, or checks that
 * what is there is what the generator makes.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { type DatasetFile, generateDataset } from "./dataset.ts";
import { runCommand } from "../../lib/commands/command_line.ts";

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
  await runCommand({
    name: "deno task dataset",
    summary:
      "Regenerates the embedded images and questions, byte for byte, or checks that what is " +
      "there is\nwhat the generator makes.",
    flags: {
      check: { help: "Write nothing; say which file differs" },
      out: {
        value: "DIR",
        help: "Folder to write or check; default dataset/ of the project",
      },
    },
    run: async ({ check, out = join(import.meta.dirname!, "..") }) => {
      const { files, bytes, different } = await writeDataset(out, { check });
      if (different.length > 0) {
        throw new Error(
          `${different.length} of ${files} files in ${out} differ from what the generator makes, ` +
            `first ${different[0]}; run deno task dataset to write them again`,
        );
      }
      console.log(`${files} files, ${bytes} bytes ${check ? "are as generated" : "written"}.`);
      return { folder: out, files, bytes };
    },
  });
}
