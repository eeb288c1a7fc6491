/**
 * Claim 4: where the updates put their energy.
 *
 * @module
 */
import { decimalText, percentText, signedText } from "../../number_format.ts";
import {
  energyParameterFrame,
  type EnergyReport,
  energyReportSchema,
  energyShareFrame,
  energySummaryFrame,
  updateOverlap,
} from "../../spectra/mod.ts";
import { type Third, THIRDS, type Thirds } from "../../thirds.ts";
import { mean } from "../../statistics/mod.ts";
import { layerProfiles, type Profile, specify } from "../depth_profiles.ts";
import type { Finding } from "../finding.ts";
import { findTriple } from "../finding_study.ts";
import { judge, type Measured, type Question } from "../statement.ts";
import { otherThirds } from "../third_contrasts.ts";
import { ENERGY_EXPERIMENT } from "./experiment.ts";
import { energyTable } from "./table.ts";

type Phase = "sft" | "rl";
type Norms = { fro_norm: number; relative_norm: number };

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
    of: "specifications (three norms, three sets of matrices, borders moved by a layer)",
  };
}

const squares = (norms: readonly number[]) => norms.reduce((sum, norm) => sum + norm ** 2, 0);

/** What may be called a layer's energy: the first is, the second is what the original plots. */
const LAYER_NORMS: readonly ((norms: readonly Norms[]) => number)[] = [
  (norms) => squares(norms.map(({ fro_norm }) => fro_norm)),
  (norms) => mean(norms.map(({ fro_norm }) => fro_norm)),
  (norms) => mean(norms.map(({ relative_norm }) => relative_norm)),
];

/**
 * Energy of each LLM layer over the mean layer's, by every norm and set of matrices. Thirds are
 * compared by their mean layer: of 28 layers the late third has one more than the others, and a sum
 * would favour it.
 */
function energyProfiles({ layers }: EnergyReport, phase: Phase): Profile[] {
  const llm = layers.filter(({ section }) => section === "LLM Backbone");
  const numLayers = Math.max(...llm.map(({ layer_idx }) => layer_idx));
  const ways = LAYER_NORMS.map((norm) => (own: readonly (typeof llm)[number][]) =>
    norm(own.map((matrix) => matrix[phase]))
  );
  return layerProfiles(llm, numLayers, ways).flatMap((profile) => {
    const average = mean(profile.filter((energy) => energy !== null));
    return average === 0 ? [] : [profile.map((energy) => energy && energy / average)];
  });
}

const leadOf = (claimed: Third) => (means: Thirds<number>) =>
  means[claimed] - Math.max(...otherThirds(claimed).map((other) => means[other]));

function measureEnergy(report: EnergyReport, phase: Phase, claimed: Third): Measured {
  const profiles = energyProfiles(report, phase);
  if (profiles.length === 0) return { nothing: "The update changes no LLM weight" };
  const note = phase === "rl" ? updatesText(report) : undefined;
  return specify(profiles, { lead: leadOf(claimed), regions: THIRDS, note });
}

/** How RL's update of the LLM stands to IN's, and to the steps of the files' numbers. */
function updatesText({ layers }: EnergyReport): string | undefined {
  const llm = layers.filter(({ section }) => section === "LLM Backbone");
  const length = (phase: Phase) => Math.hypot(...llm.map((layer) => layer[phase].fro_norm));
  const { rl_unchanged, cosine, rl_over_rounding } = updateOverlap(llm);
  const times = (value: number) => `${decimalText(value, 3)} times as long as`;
  const ratio = length("rl") / length("sft");
  const parts = [
    Number.isFinite(ratio) ? `RL's update is ${times(ratio)} IN's` : "",
    rl_over_rounding === null ? "" : `${times(rl_over_rounding)} one of rounding alone`,
    cosine === null ? "" : `has a cosine of ${signedText(cosine, 3)} with IN's`,
    rl_unchanged === null ? "" : `leaves ${percentText(rl_unchanged)} of the weights as they were`,
  ].filter(Boolean);
  return parts.length > 0 ? parts.join(", ") : undefined;
}

const CLAIMS = [["IN", "sft", "late"], ["RL", "rl", "middle"]] as const;

/** Energy of the updates. */
export const ENERGY: Finding<EnergyReport> = {
  notebook: "05",
  records: ENERGY_EXPERIMENT.name,
  workload: { models: 0, seconds: ({ parameters }, speed) => 6 * parameters / speed.readBytes },
  find: async (study, { signal }) =>
    await study.run(ENERGY_EXPERIMENT, {
      models: await findTriple(study, signal),
      options: {},
      signal,
    }),
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
  shifted: (report) =>
    CLAIMS.map(([, phase, claimed]) => ({
      profile: energyProfiles(report, phase)[0],
      leads: [leadOf(claimed)],
    })),
  summary: energyTable,
  frames: (report) => ({
    energy: energySummaryFrame(report),
    energy_parameters: energyParameterFrame(report),
    energy_shares: energyShareFrame(report),
  }),
};
