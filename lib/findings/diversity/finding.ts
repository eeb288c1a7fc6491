/**
 * Claim 5: whose spectrum is steeper where.
 *
 * @module
 */
import type { z } from "zod";
import {
  type DiversityReport,
  diversityReportSchema,
  diversitySummaryFrame,
  representativeSpectraFrame,
  spectrumDecay,
  spectrumShapeFrame,
  updateAngles,
  updateAnglesFrame,
} from "../../spectra/mod.ts";
import { decimalText } from "../../number_format.ts";
import type { Third } from "../../thirds.ts";
import { mean } from "../../statistics/mod.ts";
import { layerProfiles, type Lead, type Profile, specify } from "../depth_profiles.ts";
import type { Finding } from "../finding.ts";
import { type FindingOptions, findTriple } from "../finding_study.ts";
import { judge, type Measured, type Question } from "../statement.ts";
import { DIVERSITY_EXPERIMENT } from "./experiment.ts";
import { COMPARED, diversityTable } from "./table.ts";

const STEEPNESS = "mean ln σ₁/σₖ over the matrices of a layer";
const COMMON = {
  claim: 5,
  of: "specifications (k or half of it, three sets of matrices, borders moved by a layer)",
} as const;

interface Steeper {
  question: Question;
  regions: readonly Third[];
  sign: 1 | -1;
}

const STEEPER: readonly Steeper[] = [
  {
    question: {
      ...COMMON,
      id: "5.early",
      text: "IN's spectrum is steeper than RL's in early layers",
      direction: "IN above RL",
      statistic: { name: `IN less RL in ${STEEPNESS}, early third`, unit: "ln" },
    },
    regions: ["early"],
    sign: 1,
  },
  {
    question: {
      ...COMMON,
      id: "5.mid_late",
      text: "RL's spectrum is steeper than IN's in middle and late layers",
      direction: "RL above IN",
      statistic: { name: `RL less IN in ${STEEPNESS}, mean of middle and late thirds`, unit: "ln" },
    },
    regions: ["middle", "late"],
    sign: -1,
  },
];

const leadOf = ({ regions, sign }: Steeper): Lead => (means) =>
  sign * regions.reduce((sum, region) => sum + means[region], 0) / regions.length;

type Matrix = DiversityReport["layers"][number];

/** How many of k singular values count: all that are told, or the larger half of them. */
const COUNTED: readonly ((k: number) => number)[] = [
  (k) => k,
  (k) => Math.max(2, Math.ceil(k / 2)),
];

/** LLM matrices that both phases change. */
function movedMatrices({ layers }: DiversityReport) {
  const llm = layers.filter(({ section }) => section === "LLM Backbone");
  const moved = llm.filter(({ sft, rl }) => sft.spectral_norm > 0 && rl.spectral_norm > 0);
  return { moved, leftOut: llm.length - moved.length };
}

/** IN's steepness less RL's of each LLM layer, by every count of values and set of matrices. */
function steepnessGaps(report: DiversityReport): Profile[] {
  const ways = COUNTED.map((counted) => (own: readonly Matrix[]) => {
    const steepness = ({ singular_values: all, ...rest }: Matrix["sft"]) =>
      spectrumDecay({ ...rest, singular_values: all.slice(0, counted(all.length)) });
    return mean(own.map(({ sft, rl }) => steepness(sft) - steepness(rl)));
  });
  return layerProfiles(movedMatrices(report).moved, report.metadata.num_llm_layers, ways);
}

/** How far the leading directions of both updates of the LLM are the same. */
function anglesText({ layers }: DiversityReport): string {
  const llm = layers.filter(({ section }) => section === "LLM Backbone");
  const sides = updateAngles(llm).flatMap(({ size, side, overlap_mean, chance_mean }) =>
    size !== COMPARED || overlap_mean === null || chance_mean === null
      ? []
      : [`${decimalText(overlap_mean, 3)} in ${side} (by chance ${decimalText(chance_mean, 3)})`]
  );
  return sides.length === 0
    ? ""
    : `The ${COMPARED} leading directions of both updates overlap by ${sides.join(", ")}`;
}

function measureSteepness(report: DiversityReport, steeper: Steeper): Measured {
  const profiles = steepnessGaps(report);
  if (profiles.length === 0) return { missing: "No LLM matrix has an update in both phases." };
  const { leftOut } = movedMatrices(report);
  const notes = [
    leftOut > 0 ? `${leftOut} matrices with a zero update are left out` : "",
    steeper === STEEPER[1] ? anglesText(report) : "",
  ].filter(Boolean);
  return specify(profiles, { ...steeper, lead: leadOf(steeper), note: notes.join(". ") });
}

/** Spectra of the updates. */
export const DIVERSITY: Finding<
  DiversityReport,
  FindingOptions & z.input<typeof DIVERSITY_EXPERIMENT.options>
> = {
  notebook: "06",
  records: DIVERSITY_EXPERIMENT.name,
  workload: { models: 0, seconds: ({ parameters }, speed) => 4 * parameters / speed.spectraBytes },
  find: async (study, { signal, ...options }) =>
    await study.run(DIVERSITY_EXPERIMENT, {
      models: await findTriple(study, signal),
      options,
      signal,
    }),
  table: "diversity.json",
  claim: 5,
  schema: diversityReportSchema,
  judge: (report) =>
    STEEPER.map((steeper) =>
      judge(
        steeper.question,
        "missing" in report ? report : measureSteepness(report, steeper),
      )
    ),
  shifted: (report) => [{ profile: steepnessGaps(report)[0], leads: STEEPER.map(leadOf) }],
  summary: diversityTable,
  frames: (report) => ({
    diversity: diversitySummaryFrame(report),
    diversity_shapes: spectrumShapeFrame(report),
    diversity_spectra: representativeSpectraFrame(report),
    diversity_angles: updateAnglesFrame(report),
  }),
};
