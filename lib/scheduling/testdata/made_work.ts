/**
 * Work in shards: made_work.ts RESULTS --stall 2,3 --shard I/N | --gather | --prefetch. A shard
 * records 10 lines and goes on from those that are there. After 5 lines those that are to stall do
 * so, once, until they are told to end.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { RecordLog } from "../../experiments/mod.ts";
import { partOf, readShard } from "../../shard.ts";
import { gatherShards, recordShard } from "../../study/mod.ts";

const SETTINGS = { made: true };
const [results, , stalling, flag, text] = Deno.args;
const controller = new AbortController();
Deno.addSignalListener("SIGTERM", () => controller.abort(new Error("told to end")));

/** Waits for the end of the process, or for its abort. */
async function stall(mark: string) {
  Deno.writeTextFileSync(mark, "");
  while (!controller.signal.aborted) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function record(index: number, count: number, own: string) {
  const mark = join(results, `stalled-${index}`);
  const schema = z.object({ id: z.int() });
  using log = RecordLog.open(join(own, "made.jsonl"), { schema, id: ({ id }) => `${id}` });
  const samples = Array.from({ length: 10 * count }, (_, i) => i);
  for (const id of partOf(samples, { index, count })) {
    if (log.records.has(`${id}`)) continue;
    const stalls = log.records.size === 5 && stalling.split(",").includes(`${index}`);
    if (stalls && !existsSync(mark)) await stall(mark);
    controller.signal.throwIfAborted();
    log.append({ id });
  }
}

if (flag === "--gather") {
  await gatherShards(results, SETTINGS);
  Deno.writeTextFileSync(join(results, "gathered"), "");
} else if (flag === "--prefetch") {
  console.log("fetched");
} else {
  const shard = readShard(text);
  try {
    await recordShard(results, shard, {
      settings: SETTINGS,
      device: "cpu",
      signal: controller.signal,
      record: (own) => record(shard.index, shard.count, own),
    });
  } catch (error) {
    if (!controller.signal.aborted) throw error;
    Deno.exit(75);
  }
}
Deno.exit(0);
