import { assert } from "@std/assert";
import { WEIGHTS_BASIS } from "./basis.ts";
import { SPLICES, TRIPLE } from "./findings/testdata/sample_abilities.ts";
import { abilityFigures } from "./findings/testdata/ability_sample_figures.ts";
import { sampleFigures } from "./findings/testdata/sample_figures.ts";
import { LIKE_TINY } from "./findings/testdata/sample_reports.ts";
import { sweepFigures } from "./findings/testdata/sample_sweep_figures.ts";
import { SAMPLE_BASIS, SWEEP_TINY } from "./findings/testdata/sample_sweeps.ts";

Deno.test("every figure says below it and in its alternative text what it rests on", () => {
  const asked = [sweepFigures(SWEEP_TINY), abilityFigures(TRIPLE), abilityFigures(SPLICES)];
  const all = [
    ...asked.map((drawn) => [drawn, SAMPLE_BASIS] as const),
    [
      sampleFigures(LIKE_TINY),
      WEIGHTS_BASIS,
    ] as const,
  ].flatMap(([drawn, basis]) => Object.values(drawn).map((figure) => ({ figure, basis })));
  for (const { figure: { svg, alt, title }, basis } of all) {
    const texts = [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);
    assert(texts.includes(`Data: ${basis}.`), title);
    assert(alt.includes(`Data: ${basis}.`), title);
  }
});
