import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { type DiversityReport, spectrumShapes } from "../../spectra/mod.ts";
import { thirdOf } from "../../thirds.ts";
import { judgeClaims } from "../ledger.ts";
import { diversityTable } from "./table.ts";

/** Two singular values a matrix, one matrix a layer, nine layers. */
function spectra(sft: readonly [number, number], rl: readonly [number, number]): DiversityReport {
  const metrics = (values: readonly number[]) => ({
    ...{ spectral_norm: values[0], nuclear_norm: 1, fro_norm: 1, stable_rank: 1 },
    ...{ effective_rank: 1, condition_number: 1, log_volume: 1 },
    singular_values: [...values],
  });
  return {
    metadata: {
      ...{ base_model: "b", sft_model: "s", rl_model: "r" },
      ...{ topk: 2, num_llm_layers: 9 },
    },
    layers: Array.from({ length: 9 }, (_, layer) => ({
      param_name: `model.layers.${layer}.mlp.down_proj.weight`,
      layer_idx: layer + 1,
      section: "LLM Backbone",
      component: "MLP",
      region: thirdOf(layer, 9),
      sft: metrics(sft),
      rl: metrics(rl),
    })),
    summary: [],
  };
}

const statementsOf = (diversity: DiversityReport) =>
  judgeClaims({ diversity }).claims[4].statements;

/** The statement about early layers. */
const earlyOf = (diversity: DiversityReport) => statementsOf(diversity)[0];

Deno.test("a zero singular value is as steep in the table of thirds as in the claim", () => {
  const report = spectra([2, 0], [2, 1]);
  const floor = 12 * Math.LN10;
  const shapes = spectrumShapes(report);
  for (const { phase, decay_mean } of shapes) {
    assertAlmostEquals(decay_mean, phase === "IN" ? floor : Math.LN2, 1e-12);
  }
  const early = earlyOf(report);
  assertEquals(early.terms.map(({ name }) => name), ["early"]);
  assertAlmostEquals(early.terms[0].value, floor - Math.LN2, 1e-12);
  // All values or half, all matrices or those of the MLP, nine pairs of borders.
  assertEquals(earlyOf(spectra([2, 1], [1e-300, 0])).n, 2 * 2 * 9);
});

Deno.test("the overlap of both updates is said beside chance, where a report has it, and judges nothing", () => {
  const plain = spectra([2, 1], [2, 0.5]);
  const side = (overlap: number) => (
    { overlap, chance: 0.25, smallest_angle: 0, largest_angle: 90 }
  );
  const overlapping = {
    ...plain,
    layers: plain.layers.map((layer, i) => ({
      ...layer,
      // The last matrix is one that an update left alone.
      angles: i === 8 ? [] : [
        { size: 1, k: 1, left: side(0), right: side(0) },
        { size: 8, k: 2, left: side(i / 8), right: side(0.5) },
      ],
    })),
  };
  const text = "The 8 leading directions of both updates overlap by 0.438 in outputs (by chance " +
    "0.250), 0.500 in inputs (by chance 0.250).";
  const [before, after] = [plain, overlapping].map((report) => statementsOf(report)[1]);
  assertEquals(after.reason.replace(` ${text}`, ""), before.reason);
  assert(after.reason.includes(text), after.reason);
  assertEquals(after.verdict, before.verdict);
  const table = diversityTable(overlapping);
  const column = table.columns.findIndex(({ label }) => label === "overlap, outputs");
  // Layers 0 to 2 of the early third; IN's rows have none.
  assertEquals(table.rows.slice(0, 2).map((row) => [row[1], row[column]]), [
    ["IN", undefined],
    ["RL", 0.125],
  ]);
});
