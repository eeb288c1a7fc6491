/**
 * Paths of images named in data sets' files, which must not lead out of the file's folder.
 *
 * @module
 */
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { rowError } from "./dataset_rows.ts";

/** Whether `path` stays inside `folder`. */
function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/**
 * Full path of an image that a row names relative to its file's folder.
 *
 * @param where File, place in it, as "line 3", and field that names the image.
 * @throws {Error} If the path leaves the folder (also through a link), or no file is there.
 */
export async function resolveImage(
  name: string,
  { file, place, field }: { file: string; place: string; field: string },
): Promise<string> {
  const fail = (reason: string, cause?: unknown) =>
    rowError(file, place, `${field}: ${JSON.stringify(name)} ${reason}`, { cause });
  const folder = dirname(file);
  const path = resolve(join(folder, name));
  if (isAbsolute(name) || name.includes("\0") || !isInside(resolve(folder), path)) {
    throw fail("leaves the data set's folder; images must lie inside it");
  }
  try {
    const real = await Deno.realPath(path);
    if (!isInside(await Deno.realPath(folder), real)) {
      throw fail("is a link that leaves the data set's folder; images must lie inside it");
    }
    if (!(await Deno.stat(real)).isFile) throw fail("is not a file");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw fail("is missing; download the data set again, or run `deno task dataset`", error);
  }
  return path;
}
