/**
 * Families of models that are made up: their findings have no effect, or the published ones.
 *
 * @module
 */
import type { AbilityReport } from "../findings/abilities/report.ts";
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

/** No effect: equal chances everywhere, and updates of smooth profiles that know no thirds. */
export function nullFamily(size: FamilySize): Findings {
  return madeFindings({ effect: 0, ...size });
}

/** Every ability rises at every step, by just what claim 1 takes for a rise: the claim is wrong. */
export function risingFamily({ seed, samples }: FamilySize): Findings {
  return {
    monotonicity: madeAbilities(randomSource(seed), { samples }, {
      Base: { all: 0.44 },
      IN: { all: 0.47 },
      RL: { all: 0.5 },
    }),
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
      "RL:IN:IN, rest IN": "IN",
    }),
    necessity: publishedReport(random, size, {
      ...pair,
      "frozen early": "RL",
      "frozen mid": "RL",
      "frozen late": "IN",
    }),
  };
}
