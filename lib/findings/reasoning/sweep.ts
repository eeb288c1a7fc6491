/**
 * The ablations of a reasoning sweep: which layers, how, and the edits that make them.
 *
 * @module
 */
import { type ModelKind, questionMessages } from "../../benchmarks/mod.ts";
import { hashJson } from "../../experiments/mod.ts";
import {
  type Edit,
  layerMeans,
  meanAblation,
  type ModelInput,
  type VisionLanguageModel,
  zeroLayer,
} from "../../model/mod.ts";
import type { AblatedLayer, Ablation, ReasoningRecord } from "./records.ts";

/** A problem in words. */
export interface ReasoningProblem {
  id: string;
  question: string;
  /** What is right. */
  answer: string;
  /** Difficulty; null where the data state none. */
  level: number | null;
}

/** What {@linkcode AblationSweep} is made of. */
export interface SweepOptions {
  /** Decoder layers of the model. */
  numLayers: number;
  /** Layers to ablate, one at a time, 0-based. */
  layers: readonly number[];
  /** How; default "zero" alone. */
  ways?: readonly Ablation[];
  /** How the model was trained to be asked. */
  kind: ModelKind;
  /** The problems whose prompts, answers left out, means are over: the whole sample. */
  reference?: readonly ReasoningProblem[];
}

/** An ablation's edits, and what a record says of its mean. */
export interface AblationEdits extends Pick<ReasoningRecord, "mean_norm" | "mean_over"> {
  edits: Edit[];
}

type Means = Awaited<ReturnType<typeof layerMeans>>;

/** The whole model and each layer ablated in each way, of one model. */
export class AblationSweep {
  /** The whole model first. */
  readonly cases: readonly AblatedLayer[];
  readonly #options: SweepOptions;
  #means: Promise<{ vectors: Means; over: string }> | undefined;

  constructor(options: SweepOptions) {
    this.#options = options;
    const { layers, ways = ["zero"] } = options;
    this.cases = [
      { ablated_layer: -1, replaced_with: "zero" },
      ...ways.flatMap((replaced_with) =>
        layers.map((ablated_layer) => ({ ablated_layer, replaced_with }))
      ),
    ];
  }

  /** First layer in which a case differs from the whole model. */
  touch({ ablated_layer: layer }: AblatedLayer): number {
    return layer < 0 ? this.#options.numLayers : layer;
  }

  /** The prompts of problems. */
  prompts(
    problems: readonly ReasoningProblem[],
    { model, signal }: { model: VisionLanguageModel; signal?: AbortSignal },
  ): Promise<ModelInput[]> {
    const { kind } = this.#options;
    const asked = problems.map(({ question }) =>
      questionMessages({ question }, { kind, inputType: "question_only" })
    );
    return model.prepare(asked, { signal });
  }

  /**
   * A case's edits. The first one with a mean runs the model over all prompts of the reference.
   *
   * @throws {RangeError} if there is a mean, but no prompt to take it over.
   */
  async edits(
    { ablated_layer: layer, replaced_with: way }: AblatedLayer,
    context: { model: VisionLanguageModel; signal?: AbortSignal },
  ): Promise<AblationEdits> {
    if (layer < 0) return { edits: [], mean_norm: null, mean_over: null };
    if (way === "zero") return { edits: [zeroLayer(layer)], mean_norm: null, mean_over: null };
    const { vectors, over } = await (this.#means ??= this.#takeMeans(context));
    const norm = Math.hypot(...vectors[layer]);
    return {
      edits: meanAblation(layer, vectors[layer]),
      // Digits that do not depend on the device's order of sums.
      mean_norm: Number(norm.toPrecision(4)),
      mean_over: over,
    };
  }

  async #takeMeans(context: { model: VisionLanguageModel; signal?: AbortSignal }) {
    const { reference = [] } = this.#options;
    const prompts = await this.prompts(reference, context);
    const vectors = await layerMeans(context.model, prompts, context);
    return { vectors, over: hashJson(prompts.map(({ ids }) => [...ids])) };
  }
}
