/**
 * What identifies a checkpoint's weights, so that results are only reused for the same ones.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { basename } from "node:path";
import { findTensors } from "../checkpoint/mod.ts";

/** Weight files up to this size are hashed whole. */
const HASHED_BYTES = 512 << 20;

async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  using file = await Deno.open(path);
  for await (const chunk of file.readable) hash.update(chunk);
  return hash.digest("hex");
}

/**
 * Identifies one weight file: by its content's SHA-256 where that is cheap to know (small files, and
 * files of the hub's cache, which are named by it), else by size and time of last change.
 */
async function fingerprintFile(path: string): Promise<string> {
  const target = await Deno.realPath(path);
  if (/^[0-9a-f]{64}$/.test(basename(target))) return `sha256:${basename(target)}`;
  const { size, mtime } = await Deno.stat(target);
  if (size <= HASHED_BYTES) return `sha256:${await sha256(target)}`;
  return `stat:${size}:${mtime?.getTime() ?? 0}`;
}

/**
 * Fingerprint of each weight file of a checkpoint folder.
 *
 * @returns File name -> "sha256:HEX", or "stat:SIZE:MTIME" for a large file outside of the hub's
 * cache.
 * @throws {Error} if the folder's weights cannot be found or read.
 */
export async function fingerprintCheckpoint(folder: string): Promise<Record<string, string>> {
  const files = new Set([...findTensors(folder).values()].map(({ file }) => file));
  const entries = await Promise.all(
    [...files].sort().map(async (file) => [basename(file), await fingerprintFile(file)]),
  );
  return Object.fromEntries(entries);
}

/** Short hash of any JSON value with ordered keys, for keys of stored results. */
export function hashJson(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 16);
}
