/**
 * Frames as the layer sweeps and attention measurements give them, made up from a seed, for tests of
 * figures; values are not measurements.
 *
 * @module
 */
import type pl from "nodejs-polars";
import { withBasis } from "../../basis.ts";
import { type ColumnType, frameOf } from "../../frame.ts";
import { randomSource } from "../../testing/random_source.ts";

/** What a made-up sweep looks like. */
export interface SweepShape {
  /** Layers swept. */
  layers: readonly number[];
  /** LLM layers in all. */
  llmLayers: number;
  heads: number;
  tasks: readonly string[];
  datasets: readonly string[];
  /** Samples of each task or dataset. */
  n: number;
  /** Size of every effect; 0 makes all values 0. */
  effect: number;
  seed: number;
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

/** Like a sweep of Qwen2.5-VL-7B. */
export const SWEEP_7B: SweepShape = {
  layers: upTo(28),
  llmLayers: 28,
  heads: 28,
  tasks: ["counting", "ocr", "grounding", "recognition"],
  datasets: ["gsm8k", "math500"],
  n: 100,
  effect: 1,
  seed: 28,
};

/** Like a sweep of the embedded recipe. */
export const SWEEP_TINY: SweepShape = {
  ...SWEEP_7B,
  layers: upTo(12),
  llmLayers: 12,
  heads: 4,
  datasets: ["math500"],
  n: 50,
  seed: 3,
};

type Cells = Record<string, string | number | null>;
type Columns = Record<string, ColumnType>;

/** The frames of one sweep. */
export interface SampleSweep {
  vision: pl.DataFrame;
  reasoning: pl.DataFrame;
  levels: pl.DataFrame;
  attention: pl.DataFrame;
  shift: pl.DataFrame;
  heads: pl.DataFrame;
}

/** What all made-up frames rest on. */
export const SAMPLE_BASIS = "made up, n = 50, graded by nobody";

/** Makes the frames. */
export function sampleSweep(shape: SweepShape): SampleSweep {
  const random = randomSource(shape.seed);
  const frame = (rows: Cells[], columns: Columns) =>
    withBasis(frameOf(rows, columns), SAMPLE_BASIS);
  return {
    vision: frame(visionRows(shape, random), columnsOf(VISION)),
    reasoning: frame(reasoningRows(shape, random), columnsOf(REASONING)),
    levels: frame(levelRows(shape, random), columnsOf(LEVELS)),
    ...attentionFrames(shape, random),
  };
}

const VISION = {
  string: ["task"],
  int: ["layer", "n"],
  float: [
    ...["change_rate", "change_low", "change_high", "step", "step_low", "step_high"],
    ...["source_rate", "source_low", "source_high"],
  ],
};
const REASONING = {
  string: ["dataset"],
  int: ["layer", "n"],
  float: ["accuracy", "accuracy_low", "accuracy_high", "drop", "drop_low", "drop_high"],
};
const LEVELS = { string: ["dataset"], int: ["level", "layer", "n"], float: ["accuracy", "drop"] };
const ATTENTION = {
  string: ["model", "text", "span", "target"],
  int: ["layer", "n"],
  float: ["mass", "low", "high"],
};
const SHIFT = { ...ATTENTION, string: ["text", "span", "target"], float: ["diff", "low", "high"] };
const HEADS = { string: ["text"], int: ["layer", "head"], float: ["diff"] };

function columnsOf(types: Record<ColumnType, string[]>): Columns {
  return Object.fromEntries(
    (["string", "int", "float"] as const).flatMap((type) =>
      types[type].map((name) => [name, type] as const)
    ),
  );
}

/** A share of n with the interval of its normal approximation, inside [0, 1]. */
function share(value: number, n: number): [number, number, number] {
  const rate = Math.min(1, Math.max(0, Math.round(value * n) / n));
  const half = 1.96 * Math.sqrt(rate * (1 - rate) / n);
  return [rate, Math.max(0, rate - half), Math.min(1, rate + half)];
}

function visionRows({ layers, llmLayers, tasks, n, effect }: SweepShape, random: () => number) {
  const centers: Record<string, number> = {
    counting: 0.5,
    ocr: 0.62,
    grounding: 0.42,
    recognition: 0.2,
  };
  return tasks.flatMap((task) => {
    const rates = layers.map((layer) => {
      const depth = (layer + 0.5) / llmLayers;
      const fall = 1 / (1 + Math.exp((depth - centers[task]) * 14));
      return share(effect * (0.9 * fall + 0.06 * (random() - 0.3)), n);
    });
    return layers.map((layer, i): Cells => {
      const [rate, low, high] = rates[i];
      const [source, source_low, source_high] = share(rate * 0.7 - 0.05 * effect * random(), n);
      const step = rate - (rates[i + 1]?.[0] ?? 0);
      const half = (1.4 / Math.sqrt(n)) * Math.sqrt(Math.abs(step) + 0.01) * effect;
      return {
        task,
        layer,
        n,
        ...{ change_rate: rate, change_low: low, change_high: high },
        ...{ step, step_low: step - half, step_high: step + half },
        ...{ source_rate: source, source_low, source_high },
      };
    });
  });
}

/** What ablating a layer costs, as a share of the baseline's accuracy. */
function ablationCost(layer: number, llmLayers: number): number {
  const depth = (layer + 0.5) / llmLayers;
  return layer === 0 ? 1 : 0.1 + 0.5 * Math.exp(-(((depth - 0.8) / 0.12) ** 2));
}

function reasoningRows(
  { layers, llmLayers, datasets, n, effect }: SweepShape,
  random: () => number,
) {
  return datasets.flatMap((dataset, i) => {
    const whole = share(effect * (0.74 - 0.12 * i), n);
    return [-1, ...layers].map((layer): Cells => {
      const cost = ablationCost(layer, llmLayers) * (0.7 + 0.6 * random());
      const [accuracy, accuracy_low, accuracy_high] = layer < 0
        ? whole
        : share(whole[0] * (1 - cost), n);
      const drop = whole[0] - accuracy;
      const half = layer < 0 ? 0 : effect * 0.8 / Math.sqrt(n);
      return {
        dataset,
        layer,
        n,
        ...{ accuracy, accuracy_low, accuracy_high },
        ...{ drop, drop_low: drop - half, drop_high: drop + half },
      };
    });
  });
}

function levelRows({ layers, llmLayers, datasets, n, effect }: SweepShape, random: () => number) {
  return datasets.flatMap((dataset, i) =>
    [1, 2, 3, 4, 5].slice(0, 5 - 2 * i).flatMap((level) => {
      const count = Math.max(1, Math.round(n * [0.09, 0.18, 0.21, 0.25, 0.27][level - 1]));
      const whole = share(effect * (1.02 - 0.13 * level), count)[0];
      return [-1, ...layers].map((layer): Cells => {
        const cost = ablationCost(layer, llmLayers) * (0.3 * level + random() - 0.6);
        const accuracy = layer < 0 ? whole : share(whole * (1 - cost), count)[0];
        return { dataset, level, layer, n: count, accuracy, drop: whole - accuracy };
      });
    })
  );
}

const BASE_MASS: Record<string, number> = { visual: 0.12, question: 0.07, system: 0.42 };

function attentionFrames(
  { layers, llmLayers, heads, n, effect }: SweepShape,
  random: () => number,
): Pick<SampleSweep, "attention" | "shift" | "heads"> {
  const attention: Cells[] = [];
  const shift: Cells[] = [];
  for (const text of ["own", "fixed"]) {
    for (const span of ["generated", "think", "answer"]) {
      for (const target of ["visual", "question", "system"]) {
        for (const layer of layers) {
          const depth = (layer + 0.5) / llmLayers;
          const bump = Math.exp(-(((depth - 0.65) / 0.2) ** 2));
          const mass = (rise: number) =>
            effect * BASE_MASS[target] * (0.5 + Math.sin(depth * 5) ** 2 / 2 + rise * bump +
              0.06 * random());
          const sign = target === "visual" ? 1 : -0.3;
          const masses = {
            Base: mass(0),
            IN: mass(0.15 * sign),
            RL: mass((text === "own" ? 0.5 : 0.35) * sign),
          };
          const half = effect * 0.1 * BASE_MASS[target] * (50 / n) ** 0.5;
          for (const [model, value] of Object.entries(masses)) {
            attention.push({
              ...{ model, text, span, target, layer, n },
              ...{ mass: value, low: value - half, high: value + half },
            });
          }
          const diff = masses.RL - masses.IN;
          shift.push({
            ...{ text, span, target, layer, n },
            ...{ diff, low: diff - half, high: diff + half },
          });
        }
      }
    }
  }
  const byHead = ["own", "fixed"].flatMap((text) =>
    layers.flatMap((layer) =>
      upTo(heads).map((head): Cells => {
        const bump = Math.exp(-((((layer + 0.5) / llmLayers - 0.65) / 0.2) ** 2));
        const diff = effect * (0.12 * bump * (random() - 0.3) + 0.02 * (random() - 0.5));
        return { text, layer, head, diff };
      })
    )
  );
  return {
    attention: withBasis(frameOf(attention, columnsOf(ATTENTION)), SAMPLE_BASIS),
    shift: withBasis(frameOf(shift, columnsOf(SHIFT)), SAMPLE_BASIS),
    heads: withBasis(frameOf(byHead, columnsOf(HEADS)), SAMPLE_BASIS),
  };
}
