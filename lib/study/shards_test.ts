import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { z } from "zod";
import { RecordLog, runExperiment } from "../experiments/mod.ts";
import { ENERGY_EXPERIMENT, VISION_EXPERIMENT, type VisionReport } from "../findings/mod.ts";
import { partOf, PartRecorded, type Shard } from "../shard.ts";
import { randomSource } from "../testing/random_source.ts";
import { withTempFolder } from "../testing/temp_folder.ts";
import { tinyFolder } from "../testing/tiny_model.ts";
import { readShardState, shardFolder, type ShardState, writeShardState } from "./shard_state.ts";
import { gatherShards, recordShard } from "./shards.ts";

const FILE = "records/made/answers.jsonl";
const schema = z.object({ id: z.int(), value: z.number() });
const SAMPLES = Array.from({ length: 500 }, (_, id) => id);

/** Records a part of made-up work; it goes on from what is there, and may be stopped after a few. */
function recordMade(folder: string, shard: Shard, most = Infinity) {
  using log = RecordLog.open(join(folder, FILE), { schema, id: ({ id }) => `${id}` });
  let left = most;
  for (const id of partOf(SAMPLES, shard)) {
    if (log.records.has(`${id}`)) continue;
    if (left-- <= 0) throw new Error("killed");
    log.append({ id, value: Math.sin(id) });
  }
}

const SETTINGS = { settings: { sample_size: 500 }, device: "cpu" };

function run(folder: string, shard: Shard, most?: number): Promise<ShardState> {
  const record = (own: string) => Promise.resolve(recordMade(own, shard, most));
  return recordShard(folder, shard, { ...SETTINGS, record });
}

function linesOf(path: string): string[] {
  return Deno.readTextFileSync(path).split("\n").filter((line) => line !== "");
}

const shardsOf = (count: number) =>
  Array.from({ length: count }, (_, i): Shard => ({ index: i + 1, count }));

Deno.test("64 shards in any order, twice at once, killed and torn, are gathered when all are whole", () =>
  withTempFolder(async (folder) => {
    const random = randomSource(7);
    const shards = shardsOf(64).map((shard) => ({ shard, order: random() }))
      .sort((a, b) => a.order - b.order).map(({ shard }) => shard);
    const gather = () => gatherShards(folder, SETTINGS.settings);
    for (const [i, shard] of shards.entries()) {
      await assertRejects(gather, Error, "Cannot gather");
      if (i % 5 === 0) {
        await assertRejects(() => run(folder, shard, 3), Error, "killed");
        // What a process leaves that was killed while it wrote.
        Deno.writeTextFileSync(join(shardFolder(folder, shard), FILE), `{"id": 1, "va`, {
          append: true,
        });
        await assertRejects(gather, Error, `${shard.index} (failed: killed)`);
      }
      if (i % 7 === 0) await Promise.all([run(folder, shard), run(folder, shard)]);
      else await run(folder, shard);
    }
    assertEquals((await gather()).length, 64);
    const once = join(folder, "once");
    recordMade(once, { index: 1, count: 1 });
    const sorted = (path: string) => linesOf(path).sort();
    assertEquals(sorted(join(folder, FILE)), sorted(join(once, FILE)));
    const bytes = Deno.readTextFileSync(join(folder, FILE));
    await gather();
    assertEquals(Deno.readTextFileSync(join(folder, FILE)), bytes);
  }));

Deno.test("shards are refused that are missing, foreign, changed, or of other settings", () =>
  withTempFolder(async (folder) => {
    const gather = (settings = SETTINGS.settings) => gatherShards(folder, settings);
    await assertRejects(() => gather(), Error, "it has no shards; run them first");
    const [first, second] = shardsOf(2);
    await run(folder, first);
    await assertRejects(() => gather(), Error, "not complete are 2 (not begun)");
    const record = () => Promise.resolve();
    await assertRejects(
      () => recordShard(folder, first, { ...SETTINGS, settings: { sample_size: 5 }, record }),
      Error,
      "begun with other settings, sample_size (500 there, 5 here)",
    );
    await recordShard(folder, second, { ...SETTINGS, settings: { sample_size: 5 }, record });
    await assertRejects(
      () => gather(),
      Error,
      "2 (made with other settings, sample_size (5 there, 500 here))",
    );
    Deno.removeSync(`${shardFolder(folder, second)}.json`);
    await run(folder, second);
    const path = join(shardFolder(folder, second), FILE);
    const whole = Deno.readFileSync(path);
    Deno.writeFileSync(path, whole.subarray(0, -1));
    await assertRejects(() => gather(), Error, `2 (complete, but ${path} was changed since)`);
    assert(!await Deno.stat(join(folder, FILE)).then(() => true, () => false));
    await run(folder, second);
    assertEquals(Deno.readFileSync(path), whole);
    await gather();
    await run(folder, { index: 3, count: 4 });
    await assertRejects(() => gather(), Error, "it has shards of 2, 4; remove from");
  }));

Deno.test("a shard whose process was killed is gone on with; one that is told to stop says so", () =>
  withTempFolder(async (folder) => {
    const shard = { index: 1, count: 2 };
    const controller = new AbortController();
    const stopped = recordShard(folder, shard, {
      ...SETTINGS,
      signal: controller.signal,
      record: (own, signal) => {
        recordMade(own, { index: 1, count: 50 });
        controller.abort(new Error("time is up"));
        signal.throwIfAborted();
        return Promise.resolve();
      },
    });
    await assertRejects(() => stopped, Error, "time is up");
    assertEquals((await readShardState(folder, shard))!.state, "interrupted");
    // A process that has ended: its claim and its last word.
    const dead = new Deno.Command(Deno.execPath(), { args: ["eval", "1"] }).spawn();
    await dead.status;
    const state = (await readShardState(folder, shard))!;
    await writeShardState(folder, { ...state, state: "running", pid: dead.pid });
    const claim = { host: state.host, pid: dead.pid, token: "t" };
    Deno.writeTextFileSync(`${shardFolder(folder, shard)}.claim`, JSON.stringify(claim));
    await assertRejects(
      () => gatherShards(folder, SETTINGS.settings),
      Error,
      `1 (running on ${state.host}, or killed there); 2 (not begun)`,
    );
    assertEquals((await run(folder, shard)).state, "complete");
    assertEquals(linesOf(join(shardFolder(folder, shard), FILE)).length, 250);
  }));

Deno.test("a shard ends that has lost its claim, and leaves the other's word", () =>
  withTempFolder(async (folder) => {
    const shard = { index: 1, count: 1 };
    await run(folder, shard, 0).catch(() => {});
    const { host } = (await readShardState(folder, shard))!;
    const path = `${shardFolder(folder, shard)}.claim`;
    Deno.writeTextFileSync(path, JSON.stringify({ host, pid: Deno.pid, token: "other" }));
    const controller = new AbortController();
    const waiting = recordShard(folder, shard, {
      ...SETTINGS,
      record: () => Promise.resolve(),
      signal: controller.signal,
      onNote: () => controller.abort(new Error("enough")),
    });
    await assertRejects(() => waiting, Error, "enough");
    assert(Deno.readTextFileSync(path).includes("other"));
  }));

/** Work in shards that ends with `PartRecorded`. */
async function inParts(
  folder: string,
  count: number,
  part: (own: string, shard: Shard) => Promise<unknown>,
) {
  for (const shard of shardsOf(count)) {
    const record = async (own: string) => {
      await assertRejects(() => part(own, shard), PartRecorded, `shard ${shard.index}/${count}`);
    };
    await recordShard(folder, shard, { ...SETTINGS, record });
  }
  await gatherShards(folder, SETTINGS.settings);
}

Deno.test("an experiment in shards gives the report of one run, with nothing left to compute", () =>
  withTempFolder(async (folder) => {
    const folderOf = tinyFolder();
    const localize = (output: string, shard?: Shard, onLeft?: () => void): Promise<VisionReport> =>
      runExperiment(VISION_EXPERIMENT, {
        models: { model: { name: "base", folder: folderOf } },
        data: "embedded",
        output,
        options: { tasks: ["ocr"], numSamples: 5, layers: [0, 1, 11], maxNewTokens: 8 },
        shard,
        onProgress: onLeft,
      });
    const whole = await localize(join(folder, "whole"));
    const parts = join(folder, "parts");
    await inParts(parts, 3, localize);
    const left = () => {
      throw new Error("something was left to compute");
    };
    assertEquals(await localize(parts, undefined, left), whole);
  }));

Deno.test("energy in shards, one of them with no tensor, gives the report of one run", () =>
  withTempFolder(async (folder) => {
    const model = (role: "base" | "in" | "rl") => ({ folder: tinyFolder(role), name: role });
    const models = { base: model("base"), sft: model("in"), rl: model("rl") };
    const energy = (output: string, shard?: Shard) =>
      runExperiment(ENERGY_EXPERIMENT, { models, output: join(output, "records/energy"), shard });
    const whole = await energy(join(folder, "whole"));
    const parts = join(folder, "parts");
    await inParts(parts, 3, energy);
    assertEquals(await energy(parts), whole);
  }));

Deno.test("shards that share a GPU are told so", () =>
  withTempFolder(async (folder) => {
    const [first, second] = shardsOf(2);
    const device = "webgpu: a GPU, driver 1, /dev/nvidia0";
    const notes: string[] = [];
    const start = (shard: Shard, record: () => Promise<unknown>) =>
      recordShard(folder, shard, {
        ...{ settings: {}, device, onNote: (note) => notes.push(note) },
        record: async () => void await record(),
      });
    await start(first, () => start(second, () => Promise.resolve()));
    assertEquals(notes, [
      `shard 1/2 is running on the same GPU (${device}): give each its own, with --gpu`,
    ]);
  }));
