/**
 * The energy bench's measured process: prints seconds and peak memory of one analysis as JSON.
 *
 * @module
 */
import { computeEnergy } from "../spectra/energy.ts";

if (import.meta.main) {
  const [base, sft, rl] = Deno.args;
  const started = performance.now();
  await computeEnergy({ base, sft, rl });
  const seconds = (performance.now() - started) / 1000;
  const peak = /VmHWM:\s+(\d+) kB/.exec(Deno.readTextFileSync("/proc/self/status"));
  console.log(JSON.stringify({ seconds, peakBytes: Number(peak?.[1]) * 1024 }));
}
