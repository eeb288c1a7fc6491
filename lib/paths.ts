/**
 * What is at a path.
 *
 * @module
 */

function infoOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch {
    return undefined; // Who opens it hears why.
  }
}

/** Whether a file is there, perhaps behind links. */
export function isFile(path: string): boolean {
  return infoOf(path)?.isFile ?? false;
}

/** Whether a folder is there, perhaps behind links. */
export function isFolder(path: string): boolean {
  return infoOf(path)?.isDirectory ?? false;
}
