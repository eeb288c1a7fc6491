/**
 * Paths of images named in dataset files, which must not lead out of the dataset's folder.
 *
 * @module
 */
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { JsonLineError } from "./json_lines.ts";

/** Where an image is named. */
export interface ImagePlace {
  /** The dataset's folder. */
  folder: string;
  /** The file and line that name the image. */
  file: string;
  line: number;
  /** The field that names it. */
  field: string;
}

/** Whether `path` stays inside `folder`. */
function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/**
 * Full path of an image that a dataset line names relative to its folder.
 *
 * @throws {JsonLineError} If the path leaves the folder (also through a link), or no file is there.
 */
export async function resolveImage(name: string, place: ImagePlace): Promise<string> {
  const fail = (reason: string, cause?: unknown) =>
    new JsonLineError(place.file, place.line, `${place.field}: "${name}" ${reason}`, { cause });
  const path = resolve(join(place.folder, name));
  if (isAbsolute(name) || !isInside(resolve(place.folder), path)) {
    throw fail("leaves the dataset's folder. Images must lie inside it.");
  }
  try {
    const real = await Deno.realPath(path);
    if (!isInside(await Deno.realPath(place.folder), real)) {
      throw fail("is a link that leaves the dataset's folder. Images must lie inside it.");
    }
    if (!(await Deno.stat(real)).isFile) throw fail("is not a file.");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw fail("is missing. Download the dataset again, or run `deno task dataset`.", error);
  }
  return path;
}
