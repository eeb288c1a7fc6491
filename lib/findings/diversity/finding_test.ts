import { assertAlmostEquals, assertEquals } from "@std/assert";
import { type DiversityReport, spectrumShapes } from "../../spectra/mod.ts";
import { thirdOf } from "../../thirds.ts";
import { judgeClaims } from "../ledger.ts";

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

/** The statement about early layers. */
const earlyOf = (diversity: DiversityReport) => judgeClaims({ diversity }).claims[4].statements[0];

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
