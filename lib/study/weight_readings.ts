/**
 * What the weight findings say, in words whose numbers come from the reports.
 *
 * @module
 */
import {
  type DiversityReport,
  type EnergyReport,
  type EnergyShare,
  energyShares,
  type SpectrumShape,
  spectrumShapes,
} from "../spectra/mod.ts";
import { Paragraph } from "../report/mod.ts";

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

function largest(shares: EnergyShare[]): EnergyShare | undefined {
  return shares.filter(({ energy_share }) => energy_share !== null)
    .toSorted((a, b) => b.energy_share! - a.energy_share!)[0];
}

function shareSentence(phase: "IN" | "RL", shares: EnergyShare[]): string {
  const own = shares.filter((share) => share.phase === phase);
  const top = largest(own);
  if (!top) return `${phase} changes no LLM weight at all.`;
  const parts = own.map(({ region, energy_share }) => `${percent(energy_share!)} ${region}`);
  return `${phase} puts ${
    parts.join(", ")
  } of its LLM update energy: most in the **${top.region}** ` +
    "third.";
}

/** Reads the energy finding: where each phase's energy lies, beside what the paper claims. */
export function readEnergy(report: EnergyReport): Paragraph {
  const shares = energyShares(report);
  if (shares.length === 0) return new Paragraph("The checkpoints have no LLM layers to compare.");
  const top = (phase: string) => largest(shares.filter((share) => share.phase === phase))?.region;
  const claim = (phase: string, claimed: string) =>
    `for ${phase} (${claimed}) it is ${top(phase) === claimed ? "so" : "not so"} here`;
  const norm = (phase: "sft" | "rl") =>
    Math.hypot(...report.layers.map((layer) => layer[phase].fro_norm));
  return new Paragraph([
    shareSentence("IN", shares),
    shareSentence("RL", shares),
    `Over all weights RL's update is ${
      (norm("rl") / norm("sft")).toFixed(3)
    } times as long as IN's.`,
    `The paper finds IN's energy late and RL's in the middle: ${claim("IN", "late")}, and ` +
    `${claim("RL", "middle")}.`,
  ].join(" "));
}

/** Reads the diversity finding: whose spectrum is steeper where, beside what the paper claims. */
export function readDiversity(report: DiversityReport): Paragraph {
  const shapes = spectrumShapes(report);
  const regions = ["early", "middle", "late"] as const;
  const of = (region: string, phase: string): SpectrumShape | undefined =>
    shapes.find((shape) => shape.region === region && shape.phase === phase);
  const compared = regions.flatMap((region) => {
    const [sft, rl] = [of(region, "IN"), of(region, "RL")];
    return sft && rl
      ? [{ region, sft, rl, steeper: sft.decay_mean > rl.decay_mean ? "IN" : "RL" }]
      : [];
  });
  if (compared.length === 0) {
    return new Paragraph("No third of the LLM has an update in both phases to compare.");
  }
  const sentences = compared.map(({ region, sft, rl, steeper }) =>
    `in the ${region} third ${steeper} (ln σ₁/σₖ ${sft.decay_mean.toFixed(2)} for IN, ` +
    `${rl.decay_mean.toFixed(2)} for RL; effective rank ${
      sft.effective_rank_mean.toFixed(1)
    } and ` +
    `${rl.effective_rank_mean.toFixed(1)})`
  );
  const agrees = compared.filter(({ region, steeper }) =>
    steeper === (region === "early" ? "IN" : "RL")
  ).map(({ region }) => region);
  return new Paragraph(
    `The steeper spectrum, that is the update concentrated in fewer directions, has ` +
      `${sentences.join("; ")}. The paper finds IN steeper in early and RL in middle and late ` +
      `layers: this agrees in ${agrees.length > 0 ? `the ${agrees.join(" and ")}` : "no"} third` +
      `${agrees.length > 1 ? "s" : ""}.`,
  );
}
