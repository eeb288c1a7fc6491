/**
 * Programs in bash, in place of Slurm's.
 *
 * @module
 */
import { dirname } from "node:path";

/** Writes a program that bash runs. */
export async function writeProgram(path: string, lines: string): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeTextFile(path, `#!/bin/bash\n${lines}\n`, { mode: 0o755 });
}
