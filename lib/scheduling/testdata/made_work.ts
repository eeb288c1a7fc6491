/**
 * Work in shards that takes a while: made_work.ts RESULTS --shard I/N | --gather. A shard records 40
 * lines, 50 ms each, and goes on from those that are there.
 *
 * @module
 */
import { join } from "node:path";
import { z } from "zod";
import { RecordLog } from "../../experiments/mod.ts";
import { partOf, readShard } from "../../shard.ts";
import { gatherShards, recordShard } from "../../study/mod.ts";

const SETTINGS = { made: true };
const [results, flag, text] = Deno.args;
const controller = new AbortController();
Deno.addSignalListener("SIGTERM", () => controller.abort(new Error("told to end")));
if (flag === "--gather") {
  await gatherShards(results, SETTINGS);
  Deno.writeTextFileSync(join(results, "gathered"), "");
} else if (flag === "--shard") {
  const shard = readShard(text);
  try {
    await recordShard(results, shard, {
      settings: SETTINGS,
      device: "cpu",
      signal: controller.signal,
      record: async (own, signal) => {
        const schema = z.object({ id: z.int() });
        using log = RecordLog.open(join(own, "made.jsonl"), { schema, id: ({ id }) => `${id}` });
        const samples = Array.from({ length: 40 * shard.count }, (_, i) => i);
        for (const id of partOf(samples, shard)) {
          signal.throwIfAborted();
          if (log.records.has(`${id}`)) continue;
          await new Promise((resolve) => setTimeout(resolve, 50));
          log.append({ id });
        }
      },
    });
  } catch (error) {
    if (!controller.signal.aborted) throw error;
    Deno.exit(75);
  }
}
Deno.exit(0);
