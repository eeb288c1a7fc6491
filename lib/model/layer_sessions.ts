/**
 * Decoder layers opened as sessions, each once however many lists of layers hold it.
 *
 * @module
 */
import { type Backend, createBackend } from "./backends.ts";
import { type LayerWeights, mlpGraph, projectionGraph } from "./decoder_layer.ts";
import type { Precision } from "./linear.ts";
import type { QwenTextConfig } from "./qwen_config.ts";
import type { Device, Session } from "./session.ts";
import type { WeightForm } from "./weight_source.ts";

/** How sessions are opened. */
export interface LayerSessionsOptions {
  /** Default "f32". */
  precision?: Precision;
  /** Default "cpu". */
  device?: Device;
  /** Threads of one operator; default: the machine's cores. */
  threads?: number;
}

/** The two graphs of a layer. */
export interface OpenLayer {
  project: Session;
  mlp: Session;
}

/**
 * Opened layers, by the object that lists their tensors: models that are made of the same layers
 * (splices of two checkpoints) share them. Release it after the models with `await using`.
 */
export class LayerSessions implements AsyncDisposable {
  readonly backend: Backend;
  /** How weights are held. */
  readonly form: WeightForm;
  readonly #layers = new Map<LayerWeights, Promise<OpenLayer>>();

  constructor({ precision = "f32", device = "cpu", threads }: LayerSessionsOptions = {}) {
    this.backend = createBackend(device, { precision, threads });
    this.form = { precision, bound: this.backend.bindsWeights };
  }

  /** Layers that are open. */
  get count(): number {
    return this.#layers.size;
  }

  /**
   * The sessions of a layer, opened at the first call.
   *
   * @param layer Its index, for messages.
   * @throws {Error} if they cannot be opened.
   */
  get(weights: LayerWeights, config: QwenTextConfig, layer: number): Promise<OpenLayer> {
    const known = this.#layers.get(weights);
    if (known) return known;
    const opening = this.#open(weights, config, layer);
    this.#layers.set(weights, opening);
    opening.catch(() => this.#layers.delete(weights));
    return opening;
  }

  /** The sessions of a layer that is open. */
  async opened(weights: LayerWeights): Promise<OpenLayer> {
    const layer = await this.#layers.get(weights);
    if (!layer) throw new Error("Cannot run a layer that was not opened: open its list first");
    return layer;
  }

  async #open(weights: LayerWeights, config: QwenTextConfig, layer: number): Promise<OpenLayer> {
    const { backend, form } = this;
    const foldWeights = form.precision !== "bf16";
    const project = await backend.open(projectionGraph(weights, config, form), {
      foldWeights,
      name: `the projections of layer ${layer}`,
    });
    try {
      const mlp = await backend.open(mlpGraph(weights, config, form), {
        foldWeights,
        name: `the MLP of layer ${layer}`,
      });
      return { project, mlp };
    } catch (error) {
      await project.dispose();
      throw error;
    }
  }

  /** Releases all sessions. */
  async dispose(): Promise<void> {
    const opened = await Promise.allSettled(this.#layers.values());
    this.#layers.clear();
    for (const result of opened) {
      if (result.status === "rejected") continue;
      await result.value.project.dispose();
      await result.value.mlp.dispose();
    }
    await this.backend.dispose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }
}
