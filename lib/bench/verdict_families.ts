/**
 * Families of models that are made up: their findings have no effect, or the published ones.
 *
 * @module
 */
import type { AbilityReport } from "../evaluation/mod.ts";
import type { Findings } from "../findings/mod.ts";
import { madeAbilities, madeFindings } from "../findings/testdata/made_findings.ts";
import { randomSource } from "../testing/random_source.ts";

/** A family's size. */
export interface FamilySize {
  seed: number;
  /** LLM layers. */
  layers: number;
  /** Samples of each kind. */
  samples: number;
}

type Random = () => number;

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** A profile over depth with mean 0, variance 1 and a correlation of 0.9 between neighbours. */
export function smoothProfile(random: Random, layers: number): number[] {
  const profile = [normal(random)];
  while (profile.length < layers) {
    profile.push(0.9 * profile.at(-1)! + Math.sqrt(1 - 0.9 ** 2) * normal(random));
  }
  return profile;
}

/** No effect: equal chances everywhere, and updates of smooth profiles that know no thirds. */
export function nullFamily({ seed, layers, samples }: FamilySize): Findings {
  const random = randomSource(seed);
  const { energy, diversity, ...rest } = madeFindings({ effect: 0, seed, layers, samples });
  const [sft, rl, gap] = [0, 1, 2].map(() => smoothProfile(random, layers));
  return {
    ...rest,
    energy: energy && {
      ...energy,
      layers: energy.layers.map((own) => ({
        ...own,
        sft: { ...own.sft, fro_norm: Math.exp(0.3 * sft[own.layer_idx - 1]) },
        rl: { ...own.rl, fro_norm: Math.exp(0.3 * rl[own.layer_idx - 1]) },
      })),
    },
    diversity: diversity && {
      ...diversity,
      layers: diversity.layers.map((own) => {
        const decay = 4 + 0.3 * gap[own.layer_idx - 1];
        const singularValues = [1, Math.exp(-decay / 2), Math.exp(-decay)];
        return { ...own, sft: { ...own.sft, singular_values: singularValues } };
      }),
    },
  };
}

/** Shares right of AIcell/Frankenstein-IN and -RL (model cards). */
const PUBLISHED = {
  IN: { perception: 0.34, alignment: 0.21, reasoning: 0.26 },
  RL: { perception: 0.33, alignment: 0.29, reasoning: 0.34 },
} as const;

/** How often a model's fate on a sample is the sample's own, which all models share. */
const SHARED_FATE = 0.6;

/** Which of the published models each label gets its shares from, if the claims are true. */
function publishedReport(
  random: Random,
  { samples }: FamilySize,
  like: Readonly<Record<string, "IN" | "RL">>,
): AbilityReport {
  const labels = Object.keys(like);
  const report = madeAbilities(
    random,
    { samples },
    Object.fromEntries(labels.map((label) => [label, PUBLISHED[like[label]]])),
  );
  const fates = new Map(
    Object.keys(PUBLISHED.IN).map((ability) => [ability, report.outcomes[0].ids.map(random)]),
  );
  return {
    ...report,
    outcomes: report.outcomes.map((outcome) => {
      const { label } = report.models.find(({ name }) => name === outcome.model)!;
      const share = PUBLISHED[like[label]][outcome.ability as keyof typeof PUBLISHED.IN];
      const counted = fates.get(outcome.ability)!
        .map((fate) => (random() < SHARED_FATE ? fate : random()) < share);
      return { ...outcome, counted };
    }),
  };
}

/** Models that are as published, whose splices and frozen variants are as claims 6 and 7 say. */
export function publishedFamily(size: FamilySize): Findings {
  const random = randomSource(size.seed);
  const pair = { IN: "IN", RL: "RL" } as const;
  return {
    transferability: publishedReport(random, size, {
      ...pair,
      "IN:RL:RL": "RL",
      "RL:IN:IN": "IN",
    }),
    necessity: publishedReport(random, size, {
      ...pair,
      "frozen early": "RL",
      "frozen mid": "RL",
      "frozen late": "IN",
    }),
  };
}
