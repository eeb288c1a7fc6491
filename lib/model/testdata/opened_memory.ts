/**
 * Opens a splice of two checkpoints in bf16, runs it, and prints how much memory that took: a
 * process of its own, since tests run side by side in one.
 *
 * @module
 */
import { Checkpoint } from "../../checkpoint/mod.ts";
import { Decoder } from "../decoder.ts";
import { generate } from "../generate.ts";
import { planOf, spliceLayers } from "../layer_list.ts";
import { textInput } from "./random_model.ts";

/**
 * Memory that is this process's alone, in bytes. (Private_Dirty would also count mapped pages of
 * files that the system has not written back yet.)
 */
function privateBytes(): number {
  const text = Deno.readTextFileSync("/proc/self/smaps_rollup");
  return 1024 * Number(/^Anonymous:\s+(\d+)/m.exec(text)![1]);
}

if (import.meta.main) {
  using first = Checkpoint.open(Deno.args[0]);
  using second = Checkpoint.open(Deno.args[1]);
  const plan = spliceLayers(planOf(first), planOf(second), { layers: [1] });
  const before = privateBytes();
  await using decoder = await Decoder.open(plan, { precision: "bf16" });
  const opened = privateBytes() - before;
  await generate(decoder, [{ input: textInput([6, 7, 8]) }], { maxNewTokens: 2 });
  console.log(JSON.stringify({ opened, ran: privateBytes() - before }));
}
