/**
 * `deno task fuzz`: damaged inputs through every door.
 *
 * @module
 */
import { formatTable } from "../../figures/mod.ts";
import { DOORS, fuzz } from "./fuzz.ts";
import { listText } from "../../list_text.ts";
import { showProgress } from "../../study/show_progress.ts";
import { numberOf, oneOf, runCommand, seedOf, wholeNumber } from "../../commands/command_line.ts";

const KINDS = Object.keys(DOORS);

if (import.meta.main) {
  await runCommand({
    name: "deno task fuzz",
    summary:
      "Sends damaged headers, configs, indexes, data lines, records, merge expressions, recipes and\n" +
      "notebooks through the public doors. Each must end in a clean result or a typed error of one\n" +
      "line, in time, and leave its file as it was.",
    flags: {
      budget: { type: "string", value: "N", help: "Inputs in all", default: "32000" },
      seed: { type: "string", value: "S", help: "Seed of the damage", default: "1" },
      kind: { type: "string", value: "KIND", help: `One kind alone: ${KINDS.join(", ")}` },
      first: { type: "string", value: "I", help: "Index of the first case", default: "0" },
      hang: { type: "string", value: "S", help: "Seconds that a case may take", default: "20" },
    },
    run: async (flags, signal) => {
      const kinds = flags.kind === undefined ? KINDS : [oneOf(flags.kind, KINDS, "kind")];
      const budget = wholeNumber(flags.budget, "budget", { min: 1 });
      const cases = Math.ceil(budget / kinds.length);
      const seed = seedOf(flags.seed, "seed");
      const first = wholeNumber(flags.first, "first", { max: 2 ** 31 });
      const hangMs = numberOf(flags.hang, "hang", { positive: true }) * 1000;
      using progress = showProgress();
      let done = 0;
      const onCase = () => {
        const total = cases * kinds.length;
        progress.listener({ label: "fuzz", done: ++done, total, unit: "samples" });
      };
      const { counts, faults } = await fuzz({ cases, seed, kinds, first, hangMs, onCase, signal });
      progress[Symbol.dispose]();
      console.log(
        formatTable(counts.map((count) => ({ ...count })), [
          { key: "kind", label: "kind" },
          { key: "clean", label: "clean results" },
          { key: "refused", label: "typed errors" },
          { key: "faults", label: "faults" },
        ]),
      );
      for (const { kind, index, message } of faults.slice(0, 20)) {
        console.log(`\n${message}`);
        console.log(`  deno task fuzz --budget 1 --seed ${seed} --kind ${kind} --first ${index}`);
      }
      if (faults.length > 0) {
        const of = listText(counts.filter(({ faults }) => faults > 0).map(({ kind }) => kind));
        throw new Error(`${faults.length} of ${done} inputs found a fault, in ${of}`);
      }
    },
  });
}
