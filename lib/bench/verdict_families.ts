/**
 * Families of models that are made up: their findings have no effect, or the published ones.
 *
 * @module
 */
import { ABILITIES, type Ability } from "../abilities.ts";
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

/** A model's share of right answers by ability. */
type Shares = Readonly<Record<Ability, number>>;

/** Shares right of AIcell/Frankenstein-IN and -RL (model cards). */
const IN: Shares = { perception: 0.34, alignment: 0.21, reasoning: 0.26 };
const RL: Shares = { perception: 0.33, alignment: 0.29, reasoning: 0.34 };

const sharesOf = (share: (ability: Ability) => number) =>
  Object.fromEntries(ABILITIES.map((ability) => [ability, share(ability)])) as Shares;

/** What all models get alike. */
const same = (share: number) => sharesOf(() => share);

/** How often a model's fate on a sample is the sample's own, which all models share. */
const SHARED_FATE = 0.6;

/** Models with given shares, who mostly agree on what is right: as models of one family do. */
function alikeModels(
  { seed, samples }: FamilySize,
  shares: Readonly<Record<string, Shares>>,
): AbilityReport {
  const random = randomSource(seed);
  const report = madeAbilities(random, { samples }, shares);
  const fates = new Map(
    ABILITIES.map((ability) => [ability as string, report.outcomes[0].ids.map(random)]),
  );
  const byName = new Map(report.models.map(({ name, label }) => [name, shares[label]]));
  return {
    ...report,
    outcomes: report.outcomes.map((outcome) => {
      const share = byName.get(outcome.model)![outcome.ability as Ability];
      const counted = fates.get(outcome.ability)!
        .map((fate) => (random() < SHARED_FATE ? fate : random()) < share);
      return { ...outcome, counted };
    }),
  };
}

/** What claims 6 and 7 rest on, of models with given shares. */
function transfer(size: FamilySize, shares: {
  sft: Shares;
  rl: Shares;
  /** IN:RL:RL. */
  splice: Shares;
  frozen: { early: Shares; mid: Shares; late: Shares };
}): Findings {
  const { sft, rl, splice, frozen } = shares;
  const blocks = {
    ...{ "RL:IN:IN": sft, "RL:IN:IN, rest IN": sft, "IN:IN:IN, rest RL": sft },
    ...{ "IN:RL:RL": splice, "IN:RL:RL, rest RL": splice },
  };
  return {
    transferability: alikeModels(size, { IN: sft, RL: rl, ...blocks }),
    necessity: alikeModels({ ...size, seed: size.seed + 1e6 }, {
      ...{ IN: sft, RL: rl },
      ...{ "frozen early": frozen.early, "frozen mid": frozen.mid, "frozen late": frozen.late },
    }),
  };
}

/**
 * No effect: equal chances everywhere, and updates of smooth profiles that know no thirds. Without an
 * effect no ability rises, and claim 1 is right: here all rise, by just what it takes for a rise.
 */
export function nullFamily(size: FamilySize): Findings {
  const { seed, samples } = size;
  return {
    ...madeFindings({ effect: 0, ...size }),
    monotonicity: madeAbilities(randomSource(seed), { samples }, {
      Base: { all: 0.44 },
      IN: { all: 0.47 },
      RL: { all: 0.5 },
    }),
  };
}

/** No effect on attention, alone. */
export function nullAttention(size: FamilySize): Findings {
  return { attention: madeFindings({ effect: 0, ...size }).attention };
}

/** No effect on abilities, of models that mostly agree on what is right. */
export function alikeFamily(size: FamilySize): Findings {
  const frozen = { early: IN, mid: IN, late: IN };
  return {
    ...transfer(size, { sft: IN, rl: IN, splice: IN, frozen }),
    monotonicity: alikeModels(size, { Base: same(0.44), IN: same(0.47), RL: same(0.5) }),
  };
}

/**
 * All true but one part, which has no effect: of six rises one (claim 1 is right, and must not be
 * contradicted), IN:RL:RL's lead over half of RL's gain, frozen mid's over frozen late.
 */
export function nearFamily(size: FamilySize): Findings {
  const [low, high] = [same(0.2), same(0.8)];
  return {
    ...transfer(size, {
      ...{ sft: low, rl: high },
      splice: { ...high, reasoning: 0.5 },
      frozen: { early: high, mid: low, late: low },
    }),
    monotonicity: alikeModels(size, {
      ...{ Base: same(0.1), IN: same(0.5) },
      RL: { ...same(0.9), reasoning: 0.5 },
    }),
  };
}

/** Models that are as published, whose splices and frozen variants are as claims 6 and 7 say. */
export function publishedFamily(size: FamilySize): Findings {
  const frozen = { early: RL, mid: RL, late: IN };
  return transfer(size, { sft: IN, rl: RL, splice: RL, frozen });
}
