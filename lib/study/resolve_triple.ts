/**
 * From three model references to folders.
 *
 * @module
 */
import { relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type ResolvedModel, resolveModel, type ResolveModelOptions } from "../checkpoint/mod.ts";
import type { TripleFolders } from "../spectra/mod.ts";

/** Three models found. */
export interface ResolvedTriple {
  models: Record<keyof TripleFolders, ResolvedModel>;
  folders: TripleFolders;
  /** How reports name them. */
  modelNames: TripleFolders;
}

const PROJECT = fileURLToPath(new URL("../../", import.meta.url));

/** A hub id as it is; a folder of the project without this machine's path to it. */
export function modelName({ ref, folder, revision }: ResolvedModel): string {
  if (revision !== null) return ref;
  const inside = relative(PROJECT, resolve(folder));
  return inside.startsWith("..") ? ref : inside.replaceAll("\\", "/");
}

/**
 * Finds three models, downloading what the hub cache lacks.
 *
 * @param references Folders or hub ids (`org/name`, `org/name@revision`).
 * @throws {Error} if one cannot be found; says what was looked for, where, and how to fetch it.
 */
export async function resolveTriple(
  references: TripleFolders,
  options: ResolveModelOptions = {},
): Promise<ResolvedTriple> {
  // One after the other: downloads share one connection's bandwidth, and one bar.
  const base = await resolveModel(references.base, options);
  const sft = await resolveModel(references.sft, options);
  const rl = await resolveModel(references.rl, options);
  for (const { warning } of [base, sft, rl]) if (warning !== null) console.warn(warning);
  return {
    models: { base, sft, rl },
    folders: { base: base.folder, sft: sft.folder, rl: rl.folder },
    modelNames: { base: modelName(base), sft: modelName(sft), rl: modelName(rl) },
  };
}
