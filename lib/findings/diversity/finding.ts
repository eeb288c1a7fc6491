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
import { type Lead, MATRIX_SETS, type Profile, shiftProfiles, specify } from "../depth_profiles.ts";
import type { Finding, Missing } from "../finding.ts";
import { type FindingOptions, findTriple } from "../finding_study.ts";
import { type Draft, judge, type Question } from "../statement.ts";
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

type Spectrum = DiversityReport["layers"][number]["sft"];

/** All values that are told, and the larger half of them. */
const PARTS: readonly ((spectrum: Spectrum) => Spectrum)[] = [
  (spectrum) => spectrum,
  (spectrum) => ({
    ...spectrum,
    singular_values: spectrum.singular_values.slice(
      0,
      Math.max(2, Math.ceil(spectrum.singular_values.length / 2)),
    ),
  }),
];

/** LLM matrices that both phases change. */
function movedMatrices({ layers }: DiversityReport) {
  const llm = layers.filter(({ section }) => section === "LLM Backbone");
  const moved = llm.filter(({ sft, rl }) => sft.spectral_norm > 0 && rl.spectral_norm > 0);
  return { moved, leftOut: llm.length - moved.length };
}

/** IN's steepness less RL's of each LLM layer, by every part and set of matrices. */
function steepnessGaps(report: DiversityReport): Profile[] {
  const { moved } = movedMatrices(report);
  return PARTS.flatMap((part) =>
    MATRIX_SETS.flatMap((isIn) => {
      const own = moved.filter(({ component }) => isIn(component));
      if (own.length === 0) return [];
      const byLayer = Map.groupBy(own, ({ layer_idx }) => layer_idx - 1);
      return [Array.from({ length: report.metadata.num_llm_layers }, (_, layer) => {
        const gaps = byLayer.get(layer)?.map(({ sft, rl }) =>
          spectrumDecay(part(sft)) - spectrumDecay(part(rl))
        );
        return gaps ? gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length : null;
      })];
    })
  );
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

function judgeSteepness(report: DiversityReport | Missing): Draft[] {
  const profiles = "missing" in report ? report : steepnessGaps(report);
  return STEEPER.map((steeper) => {
    const { question, regions, sign } = steeper;
    if ("missing" in profiles) return judge(question, profiles);
    if (profiles.length === 0) {
      return judge(question, { missing: "No LLM matrix has an update in both phases." });
    }
    const measured = specify(profiles, leadOf(steeper), regions);
    if (!("specifications" in measured)) return judge(question, measured);
    const { leftOut } = movedMatrices(report as DiversityReport);
    const terms = measured.terms.map(({ name, value, low, high }) =>
      sign === 1 ? { name, value, low, high } : { name, value: -value, low: -high, high: -low }
    );
    const notes = [
      leftOut > 0 ? `${leftOut} matrices with a zero update are left out` : "",
      steeper === STEEPER[1] ? anglesText(report as DiversityReport) : "",
    ].filter(Boolean);
    const note = notes.length > 0 ? notes.join(". ") : undefined;
    return judge(question, { ...measured, terms, note });
  });
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
  judge: judgeSteepness,
  shifts: (report) => {
    const [profile] = steepnessGaps(report);
    return profile ? shiftProfiles([{ profile, leads: STEEPER.map(leadOf) }]) : null;
  },
  summary: diversityTable,
  frames: (report) => ({
    diversity: diversitySummaryFrame(report),
    diversity_shapes: spectrumShapeFrame(report),
    diversity_spectra: representativeSpectraFrame(report),
    diversity_angles: updateAnglesFrame(report),
  }),
};
