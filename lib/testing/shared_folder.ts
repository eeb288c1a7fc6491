/**
 * Data beside the checkout that some tests read where they are: the project does not need them.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Path of a file in the folder `shared` beside the checkout, or beside the folder that holds it.
 *
 * @returns Undefined where it is not there; that is said aloud, since a test is skipped then.
 */
export function sharedFile(path: string): string | undefined {
  const found = ["../../../shared", "../../../../shared"]
    .map((folder) => join(fileURLToPath(new URL(folder, import.meta.url)), path)).find(existsSync);
  if (found === undefined) console.warn(`Skipped: there is no shared/${path} beside the checkout`);
  return found;
}
