import { assert } from "@std/assert";
import { compareMaths } from "./mod.ts";
import { changesOfNotation, changesOfValue, drawGolds } from "./testdata/golds.ts";

/** Gold answers; `MATHS_GOLDS=1000 deno test -A lib/maths/mutants_test.ts` tries more. */
const COUNT = Number(Deno.env.get("MATHS_GOLDS") ?? 70);

Deno.test("changes of value make another answer, changes of notation do not", () => {
  const { golds, draw } = drawGolds(COUNT, 1);
  const [equals, others]: string[][] = [[], []];
  let [values, notations, undecided] = [0, 0, 0];
  for (const gold of golds) {
    for (const { name, tex } of changesOfValue(gold, draw)) {
      values++;
      const verdict = compareMaths(gold.tex, tex);
      if (verdict === "undecided") undecided++;
      if (verdict === "equal") equals.push(`${gold.shape}, ${name}: ${gold.tex} | ${tex}`);
    }
    for (const { name, tex } of changesOfNotation(gold)) {
      notations++;
      const verdict = compareMaths(gold.tex, tex);
      if (verdict !== "equal") {
        others.push(`${gold.shape}, ${name}: ${gold.tex} | ${tex} (${verdict})`);
      }
    }
  }
  if (COUNT > 100) {
    console.log(`${COUNT} golds: ${equals.length} of ${values} changes of value are equal`);
    console.log(
      `(${undecided} undecided), ${others.length} of ${notations} changes of notation not`,
    );
    console.log([...equals, ...others].join("\n"));
  }
  assert(values > 8 * COUNT && notations > 8 * COUNT);
  assert(equals.length <= 0.001 * values, equals.slice(0, 10).join("\n"));
  assert(others.length <= 0.01 * notations, others.slice(0, 10).join("\n"));
});
