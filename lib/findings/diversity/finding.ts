/**
 * Claim 5: whose spectrum is steeper where. Layers are the unit, as for the updates' energy.
 *
 * @module
 */
import { type DiversityReport, diversityReportSchema, spectrumDecay } from "../../spectra/mod.ts";
import { CONFIDENCE, fewMean } from "../../statistics/mod.ts";
import { byThird, type Third } from "../../thirds.ts";
import type { Finding, Missing } from "../finding.ts";
import { judge, type Question, type Statement } from "../statement.ts";
import { term } from "../third_contrasts.ts";
import { diversityTable } from "./table.ts";

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

function judgeSteepness(report: DiversityReport | Missing): Statement[] {
  const compared = "missing" in report ? report : steepnessGaps(report);
  return STEEPER.map(({ regions, sign, ...question }) => {
    if ("missing" in compared) return judge(question, compared);
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

/** Spectra of the updates. */
export const DIVERSITY: Finding<DiversityReport> = {
  notebook: "06",
  table: "diversity.json",
  claim: 5,
  schema: diversityReportSchema,
  judge: judgeSteepness,
  summary: diversityTable,
};
