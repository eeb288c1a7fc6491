import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "./command_line.ts";
import { shardOf } from "./shard_flags.ts";

const among = (variables: Record<string, string>) => (name: string) => variables[name];

Deno.test("a shard is named, or read from what a scheduler sets", () => {
  assertEquals(shardOf("3/8"), { index: 3, count: 8 });
  const slurm = {
    SLURM_ARRAY_TASK_ID: "4",
    SLURM_ARRAY_TASK_MIN: "2",
    SLURM_ARRAY_TASK_MAX: "9",
    SLURM_ARRAY_TASK_COUNT: "8",
  };
  assertEquals(shardOf("env", among(slurm)), { index: 3, count: 8 });
  assertEquals(shardOf("env/8", among({ JOB_COMPLETION_INDEX: "0" })), { index: 1, count: 8 });
  // A part of an array that was sent again: tasks 2 and 4 of 8.
  const again = { ...slurm, SLURM_ARRAY_TASK_MAX: "4", SLURM_ARRAY_TASK_COUNT: "2" };
  assertEquals(shardOf("env/8", among(again)), { index: 4, count: 8 });
  assertThrows(() => shardOf("env", among(again)), UsageError, "write env/8");
});

Deno.test("a shard that is none is refused in one line", () => {
  for (
    const [text, why] of [
      ["9/8", "the 8 shards are from 1/8 to 8/8"],
      ["0/8", "the 8 shards are from 1/8 to 8/8"],
      ["3", "write it as 3/8"],
      ["1/0", "write it as 3/8"],
      ["env", "neither SLURM_ARRAY_TASK_ID nor JOB_COMPLETION_INDEX is set"],
      ["environment", "write it as 3/8"],
    ]
  ) assertThrows(() => shardOf(text, among({})), UsageError, why);
  assertThrows(() => shardOf("env", among({ JOB_COMPLETION_INDEX: "1" })), UsageError, "env/8");
});
