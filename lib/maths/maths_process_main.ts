/**
 * Program of the maths process: a task a line on its input, a reply a line on its output. It ends
 * with its input, even while its worker computes, so that it cannot outlive who started it.
 *
 * @module
 */
import { jsonLines } from "./maths_process.ts";
import type { EngineTask } from "./maths_process.ts";

if (import.meta.main) {
  const module = new URL("./maths_equality_worker.ts", import.meta.url);
  const worker = new Worker(module, { type: "module" });
  worker.onmessage = ({ data }) => {
    Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(data)}\n`));
  };
  for await (const task of jsonLines<EngineTask>(Deno.stdin.readable)) worker.postMessage(task);
  Deno.exit(0);
}
