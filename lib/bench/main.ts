/**
 * `deno task bench`: speed, side by side with what it is compared with, as ratios; and how often
 * verdicts err on families that are made up.
 *
 * @module
 */
import type { BenchResult } from "./bench_result.ts";
import { benchEnergy } from "./energy.ts";
import { benchGpu } from "./gpu.ts";
import { benchGpuHost } from "./gpu_host.ts";
import { benchModel } from "./model.ts";
import { benchSingularValues } from "./singular_values.ts";
import { benchSweeps } from "./sweeps.ts";
import { benchVerdicts } from "./verdicts.ts";
import { formatTable } from "../figures/mod.ts";
import { runCommand } from "../commands/command_line.ts";
import { oneOf, readWords } from "../commands/flag_values.ts";

const MEASUREMENTS: Record<string, () => Promise<BenchResult[]>> = {
  spectra: () => benchSingularValues(),
  energy: benchEnergy,
  sweeps: () => benchSweeps(),
  gpu: () => benchGpu(),
  "gpu-host": () => benchGpuHost(),
  verdicts: () => Promise.resolve([...benchVerdicts()]),
  model: async () =>
    (await benchModel()).map(({ name, value, unit, baseline, against, bound }) => ({
      what: name,
      ours: `${value.toPrecision(3)} ${unit}`,
      reference: baseline === null ? "-" : `${against} ${baseline.toPrecision(3)}`,
      ratio: baseline === null ? null : value / baseline,
      target: "",
      note: bound,
    })),
};

function describeMachine(): string {
  const model = /model name\s*:\s*(.*)/.exec(tryRead("/proc/cpuinfo"))?.[1] ?? Deno.build.arch;
  const memory = (Deno.systemMemoryInfo().total / 2 ** 30).toFixed(0);
  const [load] = Deno.loadavg();
  return `${navigator.hardwareConcurrency} cores of ${model}, ${memory} GiB, load ${
    load.toFixed(1)
  }, Deno ${Deno.version.deno}`;
}

function tryRead(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}

if (import.meta.main) {
  await runCommand({
    name: "deno task bench",
    summary:
      "Measure speed side by side: spectra and model against PyTorch where python3 has torch,\n" +
      "energy against reading the files; verdicts on families without effects. Takes minutes and\n" +
      "about 7 GB of temporary files; let the machine rest meanwhile.",
    flags: {
      only: {
        value: Object.keys(MEASUREMENTS).join(","),
        help:
          "What to measure; default all but verdicts, gpu, which needs one and transformers, and " +
          "gpu-host, which counts a GPU's work without one",
        list: true,
        read: (text: string, flag: string) =>
          readWords(text).map((name) => oneOf(name, Object.keys(MEASUREMENTS), flag)),
      },
    },
    run: async ({ only }) => {
      const names = only ??
        Object.keys(MEASUREMENTS).filter((name) => !["gpu", "gpu-host", "verdicts"].includes(name));
      const measured: Record<string, BenchResult[]> = {};
      console.log(`${describeMachine()}\n`);
      for (const name of names) {
        const results = await MEASUREMENTS[name]();
        measured[name] = results;
        const rows = results.map(({ ratio, ...rest }) => ({
          ...rest,
          ratio: ratio === null ? "-" : ratio.toFixed(2),
        }));
        console.log(
          formatTable(rows, [
            { key: "what", label: name },
            { key: "ours" },
            { key: "reference" },
            { key: "ratio", align: "right" },
            { key: "target" },
            { key: "note", label: "bound by" },
          ]) + "\n",
        );
      }
      return { machine: describeMachine(), measured };
    },
  });
}
