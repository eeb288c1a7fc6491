import { assertAlmostEquals, assertEquals } from "@std/assert";
import type { DiversityLayer, DiversityReport } from "./diversity_report.ts";
import type { EnergyReport } from "./energy_report.ts";
import { energyShares, spectrumShapes } from "./regions.ts";
import { spectrumMetrics } from "./spectrum_metrics.ts";

const metadata = { base_model: "b", sft_model: "s", rl_model: "r" };
const place = (layer: number) => ({
  param_name: `model.layers.${layer}.mlp.down_proj.weight`,
  layer_idx: layer + 1,
  section: "LLM Backbone" as const,
  component: "MLP" as const,
});

/** One LLM matrix a layer, with these norms, and a vision block that must not count. */
function energyReport(sft: number[], rl: number[]): EnergyReport {
  const norms = (norm: number) => ({ fro_norm: norm, relative_norm: norm / 100 });
  const layers: EnergyReport["layers"] = sft.map((norm, layer) => ({
    ...place(layer),
    sft: norms(norm),
    rl: norms(rl[layer]),
  }));
  layers.push({
    ...place(0),
    layer_idx: -1,
    section: "Vision Encoder",
    sft: norms(1000),
    rl: norms(1000),
  });
  return { metadata, layers, summary: [] };
}

Deno.test("shares are of squared norms, over the LLM only, and add up to 1", () => {
  const shares = energyShares(energyReport([1, 1, 1, 1, 3, 3], [0, 2, 0, 0, 0, 0]));
  const of = (phase: string) =>
    shares.filter((share) => share.phase === phase).map((share) => share.energy_share!);
  [2 / 22, 2 / 22, 18 / 22].forEach((expected, i) =>
    assertAlmostEquals(of("IN")[i], expected, 1e-15)
  );
  assertEquals(of("RL"), [1, 0, 0]);
});

Deno.test("an update of nothing has no shares", () => {
  const shares = energyShares(energyReport([1, 1, 1], [0, 0, 0]));
  assertEquals(shares.filter(({ phase }) => phase === "RL").map((s) => s.energy_share), [
    null,
    null,
    null,
  ]);
});

Deno.test("spectra are read by third, zero updates left out", () => {
  const steep = spectrumMetrics(new Float64Array([8, 1, 0.5]), 2);
  const flat = spectrumMetrics(new Float64Array([1, 1, 1]), 2);
  const zero = spectrumMetrics(new Float64Array([0, 0, 0]), 2);
  const layers: DiversityLayer[] = [
    { ...place(0), region: "early", sft: steep, rl: flat },
    { ...place(1), region: "middle", sft: flat, rl: zero },
    { ...place(2), region: "late", sft: flat, rl: steep },
  ];
  const report: DiversityReport = {
    metadata: { ...metadata, topk: 2, num_llm_layers: 3 },
    layers,
    summary: [],
  };
  const shapes = spectrumShapes(report);
  assertEquals(shapes.map(({ phase, region }) => `${phase} ${region}`), [
    "IN early",
    "IN middle",
    "IN late",
    "RL early",
    "RL late",
  ]);
  assertAlmostEquals(shapes[0].decay_mean, Math.log(8), 1e-12);
  assertEquals(shapes[1].decay_mean, 0);
});
