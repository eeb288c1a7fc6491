/**
 * Worker of the energy bench's baseline: reads one file from end to end and does nothing with it.
 *
 * @module
 */
import { serveTasks } from "../worker_pool.ts";

serveTasks(({ file, blockBytes }: { file: string; blockBytes: number }): number => {
  using handle = Deno.openSync(file);
  const buffer = new Uint8Array(blockBytes);
  let total = 0;
  for (let count = handle.readSync(buffer); count !== null; count = handle.readSync(buffer)) {
    total += count;
  }
  return total;
});
