/**
 * Where results come from: versions, machine, models.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import config from "../../deno.json" with { type: "json" };
import type { ResolvedModel } from "../checkpoint/mod.ts";
import { fingerprintCheckpoint } from "./run_identity.ts";

/** What made a set of results. */
export interface Provenance {
  suite: { version: string; git_commit: string | null };
  runtime: { deno: string; v8: string; typescript: string };
  /** Pinned npm packages. */
  packages: Record<string, string>;
  platform: { os: string; arch: string; cores: number; memory_bytes: number };
}

/** A model as run.json records it. */
export interface ModelProvenance {
  reference: string;
  /** Commit on the hub, null for a folder. */
  revision: string | null;
  /** Fingerprint of each file that can change an answer. */
  files: Record<string, string>;
}

async function gitCommit(): Promise<string | null> {
  try {
    const cwd = fileURLToPath(new URL("../../", import.meta.url));
    const git = async (...args: string[]) => {
      const { success, stdout } = await new Deno.Command("git", { args, cwd, stderr: "null" })
        .output();
      if (!success) throw new Error("not a repository");
      return new TextDecoder().decode(stdout).trim();
    };
    const commit = await git("rev-parse", "HEAD");
    return (await git("status", "--porcelain")) === "" ? commit : `${commit} with changes`;
  } catch {
    // No git, or not a clone: the version must do.
    return null;
  }
}

/** Versions and machine of this process. */
export async function provenance(): Promise<Provenance> {
  const packages = Object.entries(config.imports).filter(([, target]) => target.startsWith("npm:"));
  return {
    suite: { version: config.version, git_commit: await gitCommit() },
    runtime: { ...Deno.version },
    packages: Object.fromEntries(
      packages.map(([name, target]) => [name, target.slice(target.lastIndexOf("@") + 1)]),
    ),
    platform: {
      os: Deno.build.os,
      arch: Deno.build.arch,
      cores: navigator.hardwareConcurrency,
      memory_bytes: Deno.systemMemoryInfo().total,
    },
  };
}

/** A resolved model's identity; `reference` is how reports name it. */
export async function modelProvenance(
  { revision, folder }: ResolvedModel,
  reference: string,
): Promise<ModelProvenance> {
  return { reference, revision, files: await fingerprintCheckpoint(folder) };
}
