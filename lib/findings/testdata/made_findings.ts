/**
 * Findings made up from a seed, with effects as the paper claims them, none, or the opposite.
 *
 * @module
 */
import { ABILITIES, type Ability, ABILITY_METRICS } from "../../abilities.ts";
import type { AbilityReport } from "../abilities/report.ts";
import { OTHER_STANDING } from "../abilities/model_standing.ts";
import { randomSource } from "../../testing/random_source.ts";
import type { AttentionReport } from "../attention/report.ts";
import type { ReasoningReport } from "../reasoning/report.ts";
import type { VisionReport } from "../vision/report.ts";
import type { DiversityReport, EnergyReport } from "../../spectra/mod.ts";
import type { SpectrumMetrics } from "../../spectra/diversity_report.ts";
import type { Findings } from "../findings.ts";
import { madeBases } from "../../testing/made_bases.ts";
import { type Third, thirdOf, THIRDS } from "../../thirds.ts";

/** What made-up findings look like. */
export interface MadeOptions {
  /** 1: as the paper claims; 0: no effect at all; -1: the opposite. */
  effect: 1 | 0 | -1;
  seed?: number;
  /** LLM layers; default 12. */
  layers?: number;
  /** Samples of each kind; default 60. */
  samples?: number;
}

type Random = () => number;
type Made = Required<MadeOptions>;

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

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

/** Three values for effects 1, 0 and -1. */
const pick = <T>({ effect }: Made, [claimed, none, opposite]: readonly [T, T, T]): T =>
  effect === 1 ? claimed : effect === 0 ? none : opposite;

/** Each model's chance on each ability. */
type Chances = Record<string, Partial<Record<Ability, number>> & { all?: number }>;

/** A report of models that get each sample with a chance of their own. */
export function madeAbilities(
  random: Random,
  { samples }: { samples: number },
  chances: Chances,
): AbilityReport {
  const ids = upTo(samples).map(String);
  const models = Object.keys(chances).map((label) => ({
    name: `models/${label}`,
    label,
    kind: "reasoner",
    ...OTHER_STANDING,
  }));
  const outcomes = models.flatMap(({ name, label }) =>
    ABILITIES.map((ability) => {
      const chance = chances[label][ability] ?? chances[label].all ?? 0.5;
      const counted = ids.map(() => random() < chance);
      const other = { counted_other: null, right_a: counted, right_b: null };
      return { model: name, ability, ids, counted, ...other };
    })
  );
  return {
    experiment_type: "v1",
    sample_size: samples,
    sample_seed: 123,
    max_new_tokens: 10,
    basis: madeBases(ABILITIES, samples),
    grading: "sound",
    disagreements: [],
    not_run: {},
    models,
    scores: outcomes.map(({ model, ability, counted }) => ({
      model,
      ability,
      experiment: ability,
      metric: ABILITY_METRICS[ability],
      n: samples,
      value: counted.filter(Boolean).length / samples,
      low: 0,
      high: 1,
      accuracy_a: null,
      accuracy_b: null,
      other_value: null,
      timed_out: 0,
      undecided: 0,
    })),
    outcomes,
  };
}

function madeVision(random: Random, made: Made): VisionReport {
  const layers = upTo(made.layers);
  const claimed: Record<string, readonly [Third, null, Third]> = {
    counting: ["middle", null, "late"],
    ocr: ["middle", null, "early"],
    grounding: ["middle", null, "late"],
    recognition: ["early", null, "late"],
  };
  const tasks = Object.keys(claimed);
  const ids = upTo(made.samples).map(String);
  const lastLayers = tasks.map((task) => {
    const region = pick(made, claimed[task]);
    // The last layer whose swap still changes the answer; mostly in the region, else in any third.
    return ids.map(() => {
      const own = region !== null && random() < 0.8 ? region : THIRDS[Math.floor(random() * 3)];
      const from = layers.filter((layer) => thirdOf(layer, made.layers) === own);
      return from[Math.floor(random() * from.length)];
    });
  });
  return {
    basis: madeBases(tasks, made.samples),
    tasks,
    layers,
    num_samples: made.samples,
    change_rates: {},
    num_layers: made.layers,
    peak_layers: {},
    step_peak_layers: {},
    baseline_accuracy: Object.fromEntries(tasks.map((task) => [task, 1])),
    control: { pairs: 0, changed: 0 },
    receipts: { swaps: 0, layer_tokens_swapped: 0, smallest_swap_norm: 1 },
    places: [],
    outcomes: lastLayers.map((last, i) => ({
      ...{ task: tasks[i], ids },
      changed: layers.map((layer) => last.map((end) => layer <= end ? "1" : "0").join("")),
    })),
    logits: {
      ...{ window: 3, places: [] },
      read_outs: lastLayers.map((last, i) => ({
        ...{ task: tasks[i], ids, turned: last, halved: last },
      })),
    },
  };
}

function madeReasoning(random: Random, made: Made, dataset: string): ReasoningReport {
  const layers = upTo(made.layers);
  const hurt = pick<Third | null>(made, ["late", null, "early"]);
  const baseline = upTo(made.samples).map(() => random() < 0.8);
  const mark = (values: boolean[]) => values.map((value) => value ? "1" : "0").join("");
  const correct = [
    mark(baseline),
    ...layers.map((layer) => {
      const chance = hurt === null || thirdOf(layer, made.layers) === hurt ? 0.3 : 0.9;
      return mark(baseline.map((solved) => solved && random() < chance));
    }),
  ];
  return {
    basis: madeBases([dataset], made.samples),
    grading: "sound",
    disagreements: [],
    dataset,
    model: "m",
    num_layers: made.layers,
    layers,
    places: [],
    levels: [],
    receipts: { ablations: 0, calls_left_out: 0 },
    outcomes: {
      ids: upTo(made.samples).map(String),
      correct,
      correct_other: correct,
      formed: correct.map((marks) => "1".repeat(marks.length)),
    },
  };
}

function madeAttention(random: Random, made: Made): AttentionReport {
  const ids = upTo(made.samples).map(String);
  const own = ids.map(() => 0.01 * normal(random));
  return {
    models: {},
    basis: madeBases(["questions"], made.samples),
    fixed_text: "IN",
    num_layers: made.layers,
    num_heads: 1,
    places: [],
    shifts: [],
    heads: [],
    second_text: "RL",
    outcomes: ([
      ["own", "generated"],
      ["fixed", "generated"],
      ["fixed", "think"],
      ["second", "generated"],
      ["second", "think"],
    ] as const).map(([text, span]) => ({
      ...{ text, span, ids },
      shift: upTo(made.layers).map((layer) => {
        const rise = thirdOf(layer, made.layers) === "early" ? 0 : 0.02 * made.effect;
        return own.map((question) => question + rise + 0.02 * normal(random));
      }),
    })),
  };
}

const PARAMETERS = ["self_attn.q_proj", "self_attn.o_proj", "mlp.up_proj", "mlp.down_proj"];

function parameters(layers: number) {
  return upTo(layers).flatMap((layer) =>
    PARAMETERS.map((name) => ({
      param_name: `model.layers.${layer}.${name}.weight`,
      layer_idx: layer + 1,
      section: "LLM Backbone" as const,
      component: name.startsWith("mlp") ? "MLP" as const : "Attention" as const,
      region: thirdOf(layer, layers) as string,
    }))
  );
}

/** What layers differ by beside an effect: without one, a profile as smooth as those of real updates. */
function layerNoise(random: Random, { effect, layers }: Made): number[] {
  return effect === 0
    ? smoothProfile(random, layers).map((value) => 0.3 * value)
    : upTo(layers).map(() => 0.1 * normal(random));
}

function madeEnergy(random: Random, made: Made): EnergyReport {
  const highest = {
    sft: pick<Third | null>(made, ["late", null, "early"]),
    rl: pick<Third | null>(made, ["middle", null, "late"]),
  };
  const noise = { sft: layerNoise(random, made), rl: layerNoise(random, made) };
  const norm = (phase: "sft" | "rl", layer: number, region: string) =>
    Math.exp(
      (region === highest[phase] ? 1 : 0) + noise[phase][layer] + 0.1 * normal(random),
    );
  return {
    metadata: { base_model: "b", sft_model: "s", rl_model: "r" },
    layers: parameters(made.layers).map(({ region, ...parameter }) => {
      const phase = (name: "sft" | "rl") => {
        const length = norm(name, parameter.layer_idx - 1, region);
        return { fro_norm: length, relative_norm: length / 10 };
      };
      return { ...parameter, sft: phase("sft"), rl: phase("rl") };
    }),
    summary: [],
  };
}

function metrics(decay: number): SpectrumMetrics {
  return {
    spectral_norm: 1,
    nuclear_norm: 1,
    fro_norm: 1,
    stable_rank: 1,
    effective_rank: 1,
    condition_number: 1,
    log_volume: 1,
    singular_values: [1, Math.exp(-decay / 2), Math.exp(-decay)],
  };
}

function madeDiversity(random: Random, made: Made): DiversityReport {
  const noise = layerNoise(random, made);
  return {
    metadata: {
      base_model: "b",
      sft_model: "s",
      rl_model: "r",
      topk: 3,
      num_llm_layers: made.layers,
    },
    layers: parameters(made.layers).map((parameter) => {
      const gap = made.effect * (parameter.region === "early" ? 1 : -1) +
        noise[parameter.layer_idx - 1];
      return {
        ...parameter,
        sft: metrics(4 + gap + 0.2 * normal(random)),
        rl: metrics(4 + 0.2 * normal(random)),
      };
    }),
    summary: [],
  };
}

/** The findings on which the paper's claims rest. */
export function madeFindings(options: MadeOptions) {
  const made: Made = { seed: 1, layers: 12, samples: 60, ...options };
  const random = randomSource(made.seed);
  const chances = (claimed: Chances, opposite: Chances): Chances =>
    pick(made, [
      claimed,
      Object.fromEntries(Object.keys(claimed).map((label) => [label, { all: 0.5 }])),
      opposite,
    ]);
  return {
    monotonicity: madeAbilities(
      random,
      made,
      chances(
        { Base: { all: 0.2 }, IN: { all: 0.5, perception: 0.9 }, RL: { all: 0.9, perception: 0.3 } },
        { Base: { all: 0.05 }, IN: { all: 0.5 }, RL: { all: 0.95 } },
      ),
    ),
    transferability: madeAbilities(
      random,
      made,
      chances(
        {
          ...{ IN: { all: 0.2 }, RL: { all: 0.8 }, "IN:RL:RL": { all: 0.8 } },
          ...{ "RL:IN:IN": { all: 0.2 }, "RL:IN:IN, rest IN": { all: 0.2 } },
          ...{ "IN:RL:RL, rest RL": { all: 0.8 }, "IN:IN:IN, rest RL": { all: 0.2 } },
        },
        {
          ...{ IN: { all: 0.6 }, RL: { all: 0.8 }, "IN:RL:RL": { all: 0.1 } },
          ...{ "RL:IN:IN": { all: 0.8 }, "RL:IN:IN, rest IN": { all: 0.8 } },
          ...{ "IN:RL:RL, rest RL": { all: 0.1 }, "IN:IN:IN, rest RL": { all: 0.8 } },
        },
      ),
    ),
    necessity: madeAbilities(
      random,
      made,
      chances(
        {
          IN: { all: 0.2 },
          RL: { all: 0.9 },
          "frozen early": { all: 0.7 },
          "frozen mid": { all: 0.7 },
          "frozen late": { all: 0.2 },
        },
        {
          IN: { all: 0.8 },
          RL: { all: 0.3 },
          "frozen early": { all: 0.3 },
          "frozen mid": { all: 0.3 },
          "frozen late": { all: 0.8 },
        },
      ),
    ),
    vision: madeVision(random, made),
    reasoning: ["math500", "gsm8k"].map((dataset) => madeReasoning(random, made, dataset)),
    attention: madeAttention(random, made),
    energy: madeEnergy(random, made),
    diversity: madeDiversity(random, made),
  } satisfies Findings;
}
