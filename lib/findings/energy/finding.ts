/**
 * Claim 4: where the updates put their energy.
 *
 * Weights are no sample. What an interval can say is whether a difference between thirds is more
 * than the difference between the layers inside of them. So layers are the unit, each with all of
 * its matrices, so that like parameters are compared with like; and since a third has few layers,
 * the interval is Student's: resampling four to twelve of them would make it too narrow, and
 * resampling matrices as if they were independent more so, because those of one layer are alike.
 *
 * @module
 */
import { type EnergyReport, energyReportSchema } from "../../spectra/mod.ts";
import { byThird, type Third } from "../../thirds.ts";
import type { Finding } from "../finding.ts";
import { judge, type Measured, type Question } from "../statement.ts";
import { exceedsByLayers } from "../third_contrasts.ts";
import { energyTable } from "./table.ts";

type Phase = "sft" | "rl";

function energyQuestion(phase: "IN" | "RL", claimed: Third): Question {
  return {
    id: `4.${phase.toLowerCase()}`,
    claim: 4,
    text: `${phase}'s update energy is highest in ${claimed} layers`,
    direction: `${claimed} above both other thirds`,
    statistic: {
      name: `energy of a ${claimed} layer less that of a layer of the stronger other third, ` +
        "over the mean layer's",
      unit: "mean layers",
    },
    of: "layers a third",
  };
}

/** Length of a phase's whole update, over all weights. */
function updateNorm(report: EnergyReport, phase: Phase): number {
  return Math.hypot(...report.layers.map((layer) => layer[phase].fro_norm));
}

/**
 * Energy of each LLM layer, the sum of its matrices' squared Frobenius norms, over the mean layer's.
 * Thirds are compared by their mean layer: of 28 layers the late third has one more than the others,
 * and a sum would favour it.
 */
function measureEnergy(report: EnergyReport, phase: Phase, claimed: Third): Measured {
  const energies = new Map<number, number>();
  for (const { section, layer_idx, ...own } of report.layers) {
    if (section !== "LLM Backbone") continue;
    energies.set(layer_idx, (energies.get(layer_idx) ?? 0) + own[phase].fro_norm ** 2);
  }
  const total = [...energies.values()].reduce((sum, energy) => sum + energy, 0);
  if (total === 0) {
    return { estimate: null, n: 0, terms: [], note: "The update changes no LLM weight" };
  }
  const numLayers = Math.max(...energies.keys());
  const layers = [...energies].map(([index, energy]) => ({
    layer: index - 1,
    energy: energy * energies.size / total,
  }));
  const thirds = byThird(layers, ({ layer }) => layer, numLayers);
  const values = (region: Third) => thirds[region].map(({ energy }) => energy);
  const measured = exceedsByLayers(
    { early: values("early"), middle: values("middle"), late: values("late") },
    claimed,
  );
  const ratio = updateNorm(report, "rl") / updateNorm(report, "sft");
  return phase === "sft" || !Number.isFinite(ratio)
    ? measured
    : { ...measured, note: `RL's update is ${ratio.toFixed(3)} times as long as IN's` };
}

const CLAIMS = [["IN", "sft", "late"], ["RL", "rl", "middle"]] as const;

/** Energy of the updates. */
export const ENERGY: Finding<EnergyReport> = {
  notebook: "05",
  table: "energy.json",
  claim: 4,
  schema: energyReportSchema,
  judge: (report) =>
    CLAIMS.map(([name, phase, claimed]) =>
      judge(
        energyQuestion(name, claimed),
        "missing" in report ? report : measureEnergy(report, phase, claimed),
      )
    ),
  summary: energyTable,
};
