/**
 * Reports as the two weight analyses write them, made up from a seed, for tests of figures: sizes
 * and trends are like those of real triples, values are not measurements.
 *
 * @module
 */
import type {
  DiversityReport,
  SpaceAngles,
  SpectrumMetrics,
} from "../../spectra/diversity_report.ts";
import type { EnergyReport } from "../../spectra/energy_report.ts";
import { thirdOf } from "../../thirds.ts";
import { randomSource } from "../../testing/random_source.ts";

/** What a made-up model looks like. */
export interface SampleShape {
  visionBlocks: number;
  projector: boolean;
  llmLayers: number;
  /** Rows of the LLM's matrices; sets norms and ranks. */
  hiddenSize: number;
  /** Size of RL's update over IN's; 0 makes RL identical to IN. */
  rlScale: number;
  seed: number;
}

/** Like Qwen2.5-VL-7B: 32 vision blocks, 28 LLM layers, an RL update 30 times smaller than IN's. */
export const LIKE_7B: SampleShape = {
  visionBlocks: 32,
  projector: true,
  llmLayers: 28,
  hiddenSize: 3584,
  rlScale: 1 / 30,
  seed: 7,
};

/** Like the embedded recipe: 6 vision blocks, 12 LLM layers. */
export const LIKE_TINY: SampleShape = {
  visionBlocks: 6,
  projector: true,
  llmLayers: 12,
  hiddenSize: 128,
  rlScale: 1 / 5,
  seed: 12,
};

type Section = EnergyReport["layers"][number]["section"];

interface SampleParameter {
  param_name: string;
  layer_idx: number;
  section: Section;
  component: "Attention" | "MLP" | "Other";
  rows: number;
  /** Relative size of either update here. */
  sft: number;
  rl: number;
  noise: () => number;
}

function parametersOf(shape: SampleShape): SampleParameter[] {
  const random = randomSource(shape.seed);
  const noise = () => 1 + 0.12 * (random() - 0.5);
  const parameters: SampleParameter[] = [];
  const visionRows = Math.round(shape.hiddenSize / 2.8);
  for (let i = 0; i < shape.visionBlocks; i++) {
    const depth = (i + 1) / shape.visionBlocks;
    for (const name of ["attn.qkv", "attn.proj", "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"]) {
      parameters.push({
        param_name: `visual.blocks.${i}.${name}.weight`,
        layer_idx: i - shape.visionBlocks,
        section: "Vision Encoder",
        component: name.startsWith("attn") ? "Attention" : "MLP",
        rows: visionRows,
        sft: 0.4 + 0.15 * depth,
        rl: 0.5,
        noise,
      });
    }
  }
  for (const name of shape.projector ? ["mlp.0", "mlp.2"] : []) {
    parameters.push({
      param_name: `visual.merger.${name}.weight`,
      layer_idx: 0,
      section: "Projector",
      component: "MLP",
      rows: shape.hiddenSize,
      sft: 0.7,
      rl: 0.6,
      noise,
    });
  }
  const attention = ["q_proj", "k_proj", "v_proj", "o_proj"].map((name) => `self_attn.${name}`);
  const mlp = ["gate_proj", "up_proj", "down_proj"].map((name) => `mlp.${name}`);
  for (let i = 0; i < shape.llmLayers; i++) {
    const depth = (i + 0.5) / shape.llmLayers;
    for (const name of [...attention, ...mlp]) {
      parameters.push({
        param_name: `model.layers.${i}.${name}.weight`,
        layer_idx: i + 1,
        section: "LLM Backbone",
        component: name.startsWith("mlp") ? "MLP" : "Attention",
        rows: shape.hiddenSize,
        sft: (0.8 + 0.7 * depth ** 3) * (name.startsWith("mlp") ? 1.3 : 0.8),
        rl: (0.8 + 0.5 * Math.exp(-(((depth - 0.55) / 0.22) ** 2))) *
          (name.startsWith("mlp") ? 1.3 : 0.8),
        noise,
      });
    }
  }
  return parameters;
}

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

function byLayer<T extends { layer_idx: number }>(layers: T[]): T[][] {
  const indices = [...new Set(layers.map(({ layer_idx }) => layer_idx))].sort((a, b) => a - b);
  return indices.map((index) => layers.filter(({ layer_idx }) => layer_idx === index));
}

const MODELS = { base_model: "base", sft_model: "in", rl_model: "rl" };

/** An energy report of a made-up triple. */
export function sampleEnergyReport(shape: SampleShape): EnergyReport {
  const layers = parametersOf(shape).map((parameter) => {
    const { param_name, layer_idx, section, component, rows, noise } = parameter;
    const phase = (size: number) => {
      const relative_norm = 0.02 * size * noise();
      return { fro_norm: relative_norm * 0.02 * rows, relative_norm };
    };
    const sft = phase(parameter.sft);
    const rl = phase(parameter.rl * shape.rlScale);
    return { param_name, layer_idx, section, component, sft, rl };
  });
  const summary = byLayer(layers).map((group) => {
    const phase = (name: "sft" | "rl") => {
      const norms = group.map((layer) => layer[name].fro_norm);
      return {
        fro_norm_mean: mean(norms),
        fro_norm_sum: mean(norms) * norms.length,
        relative_norm_mean: mean(group.map((layer) => layer[name].relative_norm)),
      };
    };
    const { layer_idx, section } = group[0];
    return { layer_idx, section, n_params: group.length, sft: phase("sft"), rl: phase("rl") };
  });
  return { metadata: MODELS, layers, summary };
}

function sampleMetrics(
  fro_norm: number,
  options: { rows: number; decay: number },
): SpectrumMetrics {
  const count = Math.min(options.rows, 250);
  const shape = Array.from({ length: count }, (_, i) => (1 + i / 3) ** -options.decay);
  const scale = fro_norm / Math.sqrt(shape.reduce((sum, value) => sum + value * value, 0));
  const values = shape.map((value) => value * scale);
  const nuclear_norm = values.reduce((sum, value) => sum + value, 0);
  const entropy = values.reduce((sum, value) => {
    const share = value / nuclear_norm;
    return value > 1e-12 ? sum - share * Math.log(share) : sum;
  }, 0);
  const singular_values = values.slice(0, 50);
  return {
    spectral_norm: values[0],
    nuclear_norm,
    fro_norm,
    stable_rank: fro_norm ** 2 / (values[0] ** 2 + 1e-12),
    effective_rank: Math.exp(entropy),
    condition_number: values[0] / (values.at(-1)! + 1e-12),
    log_volume: singular_values.reduce((sum, value) => sum + Math.log(value + 1e-12), 0),
    singular_values,
  };
}

/** RL goes on in what IN's update writes in late layers, and by chance in what it reads. */
function sampleAngles(depth: number, rows: number): SpaceAngles[] {
  return [1, 8, 64].map((size) => {
    const k = Math.min(size, Math.floor(rows / 2));
    const side = (excess: number) => {
      const overlap = k / rows + (1 - k / rows) * excess;
      const degrees = Math.acos(Math.sqrt(overlap)) * 180 / Math.PI;
      return { overlap, chance: k / rows, smallest_angle: degrees / 2, largest_angle: 90 };
    };
    return { size, k, left: side(0.6 * depth ** 3 / Math.cbrt(k)), right: side(0) };
  });
}

/** A diversity report of a made-up triple: IN steeper in early layers, RL in later ones. */
export function sampleDiversityReport(shape: SampleShape): DiversityReport {
  const layers = parametersOf(shape).map((parameter) => {
    const { param_name, layer_idx, section, component, rows, noise } = parameter;
    const llm = section === "LLM Backbone";
    const depth = llm ? layer_idx / shape.llmLayers : 0.3;
    const norm = (size: number) => 0.0004 * rows * size * noise();
    return {
      param_name,
      layer_idx,
      section,
      component,
      region: llm ? thirdOf(layer_idx - 1, shape.llmLayers) : null,
      sft: sampleMetrics(norm(parameter.sft), { rows, decay: (0.55 - 0.2 * depth) * noise() }),
      rl: sampleMetrics(norm(parameter.rl * shape.rlScale), {
        rows,
        decay: (0.3 + 0.2 * depth) * noise(),
      }),
      angles: parameter.rl * shape.rlScale > 0 ? sampleAngles(depth, rows) : [],
    };
  });
  const summary = byLayer(layers).map((group) => {
    const phase = (name: "sft" | "rl") => {
      const meanOf = (key: Exclude<keyof SpectrumMetrics, "singular_values">) =>
        mean(group.map((layer) => layer[name][key] ?? 0));
      return {
        spectral_norm_mean: meanOf("spectral_norm"),
        stable_rank_mean: meanOf("stable_rank"),
        effective_rank_mean: meanOf("effective_rank"),
        log_volume_mean: meanOf("log_volume"),
      };
    };
    const { layer_idx, section, region } = group[0];
    return {
      layer_idx,
      section,
      region,
      n_params: group.length,
      sft: phase("sft"),
      rl: phase("rl"),
    };
  });
  return {
    metadata: { ...MODELS, weight_filter: null, topk: 50, num_llm_layers: shape.llmLayers },
    layers,
    summary,
  };
}
