/**
 * Frames of abilities of made-up models, from a seed, for tests of figures; values are not
 * measurements.
 *
 * @module
 */
import { ABILITIES, ABILITY_METRICS } from "../../abilities.ts";
import type pl from "nodejs-polars";
import { differenceEstimate, shareEstimate } from "../../statistics/mod.ts";
import { frozenStanding, mergeStanding, type ModelStanding, OTHER_STANDING, roleStanding, STANDING_COLUMNS } from "../abilities/model_standing.ts";
import {
  isMergeExpression,
  PAPER_SPLICES,
  parseMergeExpression,
  REST_SPLICES,
} from "../../merging/mod.ts";
import { withBasis } from "../../basis.ts";
import { frameOf } from "../../frame.ts";
import { randomSource } from "../../testing/random_source.ts";
import { SAMPLE_BASIS } from "./sample_sweeps.ts";

const STANDINGS: Readonly<Record<string, ModelStanding>> = {
  ...{ Base: roleStanding("base"), IN: roleStanding("sft"), RL: roleStanding("rl") },
  ...Object.fromEntries([...PAPER_SPLICES, ...REST_SPLICES].map(({ name, expression }) => [
    name,
    mergeStanding(parseMergeExpression(expression)),
  ])),
  "frozen early": frozenStanding("early"),
  "frozen mid": frozenStanding("middle"),
  "frozen late": frozenStanding("late"),
  "AIcell/Frankenstein-RL-Frozen-Early": frozenStanding("early"),
};

/** Where a made-up model stands: one that is named above, a merge, or any other. */
function standingOf(label: string): ModelStanding {
  if (Object.hasOwn(STANDINGS, label)) return STANDINGS[label];
  return isMergeExpression(label) ? mergeStanding(parseMergeExpression(label)) : OTHER_STANDING;
}

/** What made-up models look like. */
export interface AbilityShape {
  /** For each model the share of samples that count: perception, alignment, reasoning. */
  readonly models: Readonly<Record<string, readonly [number, number, number]>>;
  readonly n: number;
  readonly seed: number;
}

/** The frames of some models. */
export interface SampleAbilities {
  readonly values: pl.DataFrame;
  /** Differences against a model of them. */
  readonly against: (reference: string) => pl.DataFrame;
  readonly transitions: pl.DataFrame;
}

/** Base, IN, RL as published for a 3B model. */
export const TRIPLE: AbilityShape = {
  models: { Base: [0.3, 0.24, 0.2], IN: [0.34, 0.21, 0.26], RL: [0.33, 0.29, 0.34] },
  n: 100,
  seed: 2,
};

/** IN, RL and the six splices. */
export const SPLICES: AbilityShape = {
  models: {
    IN: [0.34, 0.21, 0.26],
    RL: [0.33, 0.36, 0.46],
    "IN:RL:RL": [0.36, 0.33, 0.44],
    "RL:IN:IN": [0.31, 0.22, 0.27],
    "IN:IN:RL": [0.35, 0.26, 0.37],
    "RL:RL:IN": [0.33, 0.3, 0.33],
    "IN:RL:IN": [0.3, 0.29, 0.31],
    "RL:IN:RL": [0.32, 0.27, 0.38],
  },
  n: 100,
  seed: 5,
};

/** IN, RL and RL with a block frozen. */
export const FROZEN: AbilityShape = {
  models: {
    IN: [0.34, 0.21, 0.26],
    RL: [0.33, 0.36, 0.46],
    "frozen early": [0.34, 0.34, 0.43],
    "frozen mid": [0.32, 0.28, 0.4],
    "frozen late": [0.35, 0.31, 0.28],
  },
  n: 100,
  seed: 5,
};

/** Names as merges and hub ids have them. */
export const LONG_NAMES: AbilityShape = {
  models: {
    Base: [0.3, 0.2, 0.1],
    IN: [0.34, 0.21, 0.26],
    RL: [0.33, 0.36, 0.36],
    "RL:IN:RL": [0.32, 0.27, 0.38],
    "AIcell/Frankenstein-RL-Frozen-Early": [0.3, 0.3, 0.35],
    "sft early 2/3 layers + rl late 1/3 layers": [0.3, 0.28, 0.3],
    "sft late 1/3 layers interpolate rl alpha=0.25": [0.35, 0.22, 0.31],
    "sft late 1/3 layers interpolate rl alpha=0.75 component=mlp": [0.36, 0.26, 0.31],
    "sft middle 1/3 layers replaced by base": [0.05, 0.1, 0.02],
    "rl layers 9-17 ablate noise=0.2": [0.0, 0.0, 0.0],
    "an-organisation-with-a-long-name/Qwen2.5-VL-72B-Instruct-RL-step-1200": [1, 0.99, 0.97],
    "gpt-4o-mini": [0.62, 0.55, 0.7],
  },
  n: 50,
  seed: 9,
};

/** Makes the frames; samples that count for one model more likely count for another. */
export function sampleAbilities({ models, n, seed }: AbilityShape): SampleAbilities {
  const random = randomSource(seed);
  const counted = ABILITIES.map((_, a) => {
    const hardness = Array.from({ length: n }, random);
    return Object.values(models).map((shares) =>
      hardness.map((hard) => Number(hard + 0.25 * (random() - 0.5) * shares[a] < shares[a]))
    );
  });
  const labels = Object.keys(models);
  const values = ABILITIES.flatMap((ability, a) =>
    counted[a].map(shareEstimate).map(({ n, mean, low, high }, m) => ({
      label: labels[m],
      ...standingOf(labels[m]),
      ability,
      metric: ABILITY_METRICS[ability],
      ...{ n, value: mean, low, high },
      accuracy_a: mean === null ? null : Math.min(1, mean + 0.25),
      accuracy_b: ability === "reasoning" ? null : mean,
    }))
  );
  const against = (reference: string) => {
    const of = labels.indexOf(reference);
    return withBasis(frameOf(
      ABILITIES.flatMap((ability, a) => {
        const differences = counted[a].map((own) =>
          own.map((right, i) => right - counted[a][of][i])
        );
        return differences.map(differenceEstimate).map(({ n, mean, low, high }, m) => ({
          ...{ label: labels[m], ...standingOf(labels[m]), reference, ability },
          ...{ n, diff: mean, low, high },
        }));
      }).filter(({ label }) => label !== reference),
      {
        ...{ label: "string", reference: "string", ability: "string", n: "int" },
        ...{ diff: "float", low: "float", high: "float", ...STANDING_COLUMNS },
      },
    ), SAMPLE_BASIS);
  };
  const transitions = ABILITIES.slice(0, 2).flatMap((ability, a) =>
    labels.map((label, m) => {
      const hits = counted[a][m].filter((right) => right === 1).length;
      const [other, reverse] = [0.6, 0.3].map((part) => Math.floor((n - hits) * part * random()));
      const counts = ability === "perception"
        ? { n_TT: other, n_TF: hits }
        : { n_TT: hits, n_TF: other };
      const about = { label, ...standingOf(label), ability };
      return { ...about, ...counts, n_FT: reverse, n_FF: n - hits - other - reverse };
    })
  );
  return {
    values: withBasis(frameOf(values, {
      ...{ label: "string", ability: "string", metric: "string", n: "int" },
      ...{ value: "float", low: "float", high: "float", accuracy_a: "float", accuracy_b: "float" },
      ...STANDING_COLUMNS,
    }), SAMPLE_BASIS),
    against,
    transitions: withBasis(frameOf(transitions, {
      ...{ label: "string", ability: "string" },
      ...{ n_TT: "int", n_TF: "int", n_FT: "int", n_FF: "int", ...STANDING_COLUMNS },
    }), SAMPLE_BASIS),
  };
}
