/**
 * run.json of a study's folder: what made the results, and which notebooks they are of.
 *
 * @module
 */
import { join } from "node:path";
import { z } from "zod";
import { writeAtomically } from "../atomic_write.ts";
import { readReport } from "../read_report.ts";

const modelSchema = z.object({
  reference: z.string(),
  revision: z.string().nullable(),
  files: z.record(z.string(), z.string()),
});

const notebookSchema = z.object({
  name: z.string(),
  /** "interrupted": by the user; its finished work is kept and reused. */
  status: z.enum(["not run", "done", "failed", "interrupted"]),
  /** Of the run that `finished` ended; work of earlier runs that was reused is not in it. */
  seconds: z.number(),
  finished: z.string().nullable().default(null),
  /** Why it could not be run with the data; null otherwise. */
  reason: z.string().nullable().default(null),
  /** Values of the notebook's parameters. */
  parameters: z.record(z.string(), z.json()).default({}),
});

/** Layout of run.json. */
const runRecordSchema = z.object({
  recipe: z.string(),
  description: z.string(),
  /** By role (base, sft, rl) or variant. */
  models: z.record(z.string(), modelSchema),
  suite: z.object({ version: z.string(), git_commit: z.string().nullable() }),
  runtime: z.record(z.string(), z.string()),
  packages: z.record(z.string(), z.string()),
  platform: z.object({
    os: z.string(),
    arch: z.string(),
    cores: z.int(),
    memory_bytes: z.number(),
  }),
  device: z.string().default("cpu"),
  /** How a GPU computed the first layer and the head of the models; null on the CPU. */
  device_check: z.object({
    /** The GPU and its driver. */
    device: z.string(),
    precision: z.string(),
    /** Largest distance of its logits from the CPU's, over their norm. */
    difference: z.number(),
  }).nullable().default(null),
  /** Where the questions of the last run are from; null where it asked none. */
  data: z.string().nullable(),
  /** The shards that computed the records, if any did. */
  shards: z.array(z.object({
    shard: z.string(),
    host: z.string(),
    device: z.string(),
    started: z.string(),
    finished: z.string().nullable(),
  })).nullable().default(null),
  started: z.string(),
  finished: z.string().nullable(),
  /** Every notebook of the suite, also those that have not run. */
  notebooks: z.array(notebookSchema),
});

/** What made a folder of results. */
export type RunRecord = z.infer<typeof runRecordSchema>;
/** A notebook of a {@linkcode RunRecord}. */
export type RunNotebookRecord = RunRecord["notebooks"][number];

const pathOf = (folder: string) => join(folder, "run.json");

/** Writes run.json of a study's folder. */
export async function writeRunRecord(folder: string, record: RunRecord): Promise<void> {
  await writeAtomically(pathOf(folder), JSON.stringify(record, null, 2) + "\n");
}

/**
 * Reads run.json of a study's folder.
 *
 * @throws {Error} if it is missing or broken; names the file and the field.
 */
export async function readRunRecord(folder: string): Promise<RunRecord> {
  return await readReport(pathOf(folder), runRecordSchema);
}

/** What run.json has in every version of the suite. */
const anyVersionSchema = z.object({
  recipe: z.string(),
  models: z.record(z.string(), z.unknown()),
  notebooks: z.array(z.object({ name: z.string(), status: z.string() })),
});

/** What run.json of a study's folder is: none, a record, an older suite's, or anything else. */
export async function previousRun(
  folder: string,
): Promise<RunRecord | "nothing" | "older" | "foreign"> {
  if (!await Deno.lstat(pathOf(folder)).then(() => true, () => false)) return "nothing";
  const read = <T>(schema: z.ZodType<T>): T | null => {
    try {
      return readReport(pathOf(folder), schema);
    } catch {
      return null;
    }
  };
  return read(runRecordSchema) ?? (read(anyVersionSchema) ? "older" : "foreign");
}

/**
 * Entries for all notebooks: those about to run as not run, others as an earlier run left them, if
 * it was of the same checkpoints. Tables of other checkpoints are not these models' results.
 */
export function carryOver(
  previous: RunRecord | null,
  { names, selected, models }: {
    names: readonly string[];
    selected: readonly string[];
    models: RunRecord["models"];
  },
): RunNotebookRecord[] {
  const files = (of: RunRecord["models"], role: string) => JSON.stringify(of[role]?.files);
  const same = previous !== null &&
    Object.keys(models).every((role) =>
      !(role in previous.models) || files(previous.models, role) === files(models, role)
    );
  return names.map((name) => {
    const before = same ? previous.notebooks.find((entry) => entry.name === name) : undefined;
    return before && !selected.includes(name)
      ? before
      : { name, status: "not run", seconds: 0, finished: null, reason: null, parameters: {} };
  });
}
