/**
 * `deno task fuzz`: damaged inputs through every door.
 *
 * @module
 */
import { formatTable } from "../../figures/mod.ts";
import { DOORS, fuzz } from "./fuzz.ts";
import { listText } from "../../list_text.ts";
import { runCommand } from "../../commands/command_line.ts";
import {
  readCount,
  readPositive,
  readWord,
  seedOf,
  wholeNumber,
} from "../../commands/flag_values.ts";

const KINDS = Object.keys(DOORS);
const readKind = readWord(KINDS);
const readFirst = (text: string, flag: string) => wholeNumber(text, flag, { max: 2 ** 31 });

if (import.meta.main) {
  await runCommand({
    name: "deno task fuzz",
    summary:
      "Sends damaged headers, configs, indexes, data lines, records, merge expressions, recipes and\n" +
      "notebooks through the public doors. Each must end in a clean result or a typed error of one\n" +
      "line, in time, and leave its file as it was.",
    flags: {
      budget: { value: "N", help: "Inputs in all", default: "32000", read: readCount },
      seed: { value: "S", help: "Seed of the damage", default: "1", read: seedOf },
      kind: { value: "KIND", help: `One kind alone: ${KINDS.join(", ")}`, read: readKind },
      first: { value: "I", help: "Index of the first case", default: "0", read: readFirst },
      hang: { value: "S", help: "Seconds that a case may take", default: "20", read: readPositive },
    },
    run: async ({ budget, seed, kind, first, hang }, { signal, onProgress }) => {
      const kinds = kind === undefined ? KINDS : [kind];
      const cases = Math.ceil(budget / kinds.length);
      const hangMs = hang * 1000;
      let done = 0;
      const onCase = () => {
        const total = cases * kinds.length;
        onProgress({ label: "fuzz", done: ++done, total, unit: "samples" });
      };
      const { counts, faults } = await fuzz({ cases, seed, kinds, first, hangMs, onCase, signal });
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
      return { seed, first, counts };
    },
  });
}
