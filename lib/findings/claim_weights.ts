/**
 * Claims 4 and 5: where the updates put their energy, and whose spectrum is steeper where.
 *
 * Weights are no sample. What an interval can say is whether a difference between thirds is more
 * than the difference between the layers inside of them. So layers are the unit, each with all of
 * its matrices, so that like parameters are compared with like; and since a third has few layers,
 * the interval is Student's: resampling four to twelve of them would make it too narrow, and
 * resampling matrices as if they were independent more so, because those of one layer are alike.
 *
 * @module
 */
import { type DiversityReport, type EnergyReport, spectrumDecay } from "../spectra/mod.ts";
import { CONFIDENCE, fewMean } from "../statistics/mod.ts";
import { type Findings, notRun } from "./findings.ts";
import { judge, type Measured, type Question, type Statement } from "./statement.ts";
import { exceedsByLayers, term } from "./third_contrasts.ts";
import { byThird, type Third } from "../thirds.ts";

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

/** The statements of claim 4. */
export function judgeEnergy(findings: Findings): Statement[] {
  const { energy } = findings;
  const claims = [["IN", "sft", "late"], ["RL", "rl", "middle"]] as const;
  return claims.map(([name, phase, claimed]) =>
    judge(
      energyQuestion(name, claimed),
      energy ? measureEnergy(energy, phase, claimed) : notRun("energy", findings),
    )
  );
}

const STEEPNESS = "mean ln σ₁/σₖ over the matrices of a layer";

const STEEPER: readonly (Question & { regions: readonly Third[]; sign: 1 | -1 })[] = [
  {
    id: "5.early",
    claim: 5,
    text: "IN's spectrum is steeper than RL's in early layers",
    direction: "IN above RL",
    statistic: { name: `IN less RL in ${STEEPNESS}, early third`, unit: "ln" },
    of: "layers",
    regions: ["early"],
    sign: 1,
  },
  {
    id: "5.mid_late",
    claim: 5,
    text: "RL's spectrum is steeper than IN's in middle and late layers",
    direction: "RL above IN",
    statistic: { name: `RL less IN in ${STEEPNESS}, middle and late thirds`, unit: "ln" },
    of: "layers",
    regions: ["middle", "late"],
    sign: -1,
  },
];

/** IN's steepness less RL's of each LLM layer, mean over its matrices, by third. */
function steepnessGaps({ layers, metadata }: DiversityReport) {
  const llm = layers.filter(({ section }) => section === "LLM Backbone");
  const moved = llm.filter(({ sft, rl }) => sft.spectral_norm > 0 && rl.spectral_norm > 0);
  const gaps = [...Map.groupBy(moved, ({ layer_idx }) => layer_idx)].map(([index, own]) => ({
    layer: index - 1,
    gap: own.reduce((sum, { sft, rl }) => sum + spectrumDecay(sft) - spectrumDecay(rl), 0) /
      own.length,
  }));
  const thirds = byThird(gaps, ({ layer }) => layer, metadata.num_llm_layers);
  return { thirds, leftOut: llm.length - moved.length };
}

/** The statements of claim 5. */
export function judgeDiversity(findings: Findings): Statement[] {
  const { diversity } = findings;
  const compared = diversity ? steepnessGaps(diversity) : undefined;
  return STEEPER.map(({ regions, sign, ...question }) => {
    if (!compared) return judge(question, notRun("diversity", findings));
    const { thirds, leftOut } = compared;
    const values = (region: Third) => thirds[region].map(({ gap }) => sign * gap);
    const all = regions.flatMap(values);
    if (all.length < 2) {
      return judge(question, {
        missing: `${all.length} layers there have an update in both phases: two are needed.`,
      });
    }
    return judge(question, {
      estimate: fewMean(all)(CONFIDENCE),
      n: all.length,
      terms: regions.filter((region) => thirds[region].length > 1)
        .map((region) => term(region, fewMean(values(region)))),
      note: leftOut > 0 ? `${leftOut} matrices with a zero update are left out` : undefined,
    });
  });
}
