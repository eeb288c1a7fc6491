/**
 * Decoder layers opened as sessions, each once however many lists of layers hold it.
 *
 * @module
 */
import { type Backend, createBackend } from "./backends.ts";
import type { LayerGraphs, LayerWeights } from "./decoder_layer.ts";
import type { Precision } from "./linear.ts";
import type { ModelPlan } from "./layer_list.ts";
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

/** What the graphs of a model's layers are made by. */
export type LayerFamily = Pick<ModelPlan, "graphs" | "config">;

/** What the sessions of a layer are called in messages, before which layer it is. */
const NAMES: Readonly<Record<keyof LayerGraphs, string>> = {
  project: "the projections",
  mlp: "the MLP",
  mix: "the output projection",
  raise: "the MLP alone",
};

/**
 * Opened layers, by the object that lists their tensors: models that are made of the same layers
 * (splices of two checkpoints) share them. Release it after the models with `await using`.
 */
export class LayerSessions implements AsyncDisposable {
  readonly backend: Backend;
  /** How weights are held. */
  readonly form: WeightForm;
  readonly #layers = new Map<LayerWeights, Map<keyof LayerGraphs, Promise<Session>>>();

  constructor({ precision = "f32", device = "cpu", threads }: LayerSessionsOptions = {}) {
    this.backend = createBackend(device, { precision, threads });
    this.form = { precision, bound: this.backend.bindsWeights };
  }

  /** Layers that are open. */
  get count(): number {
    return this.#layers.size;
  }

  /**
   * The session of one of a layer's graphs, opened at the first call; what cannot be opened is not
   * kept.
   *
   * @param layer Which it is, for messages.
   * @throws {Error} if it cannot be opened.
   */
  get(
    weights: LayerWeights,
    part: keyof LayerGraphs,
    { graphs, config, layer = "an edited layer" }: LayerFamily & { layer?: string },
  ): Promise<Session> {
    const sessions = this.#layers.get(weights) ?? new Map<keyof LayerGraphs, Promise<Session>>();
    this.#layers.set(weights, sessions);
    let session = sessions.get(part);
    if (!session) {
      const foldWeights = this.form.precision !== "bf16";
      const name = `${NAMES[part]} of ${layer}`;
      const graph = graphs[part](weights, config, this.form);
      session = this.backend.open(graph, { foldWeights, name });
      session.catch(() => sessions.delete(part));
      sessions.set(part, session);
    }
    return session;
  }

  /** Releases all sessions. */
  async [Symbol.asyncDispose](): Promise<void> {
    const opened = [...this.#layers.values()].flatMap((sessions) => [...sessions.values()]);
    this.#layers.clear();
    for (const result of await Promise.allSettled(opened)) {
      if (result.status === "fulfilled") await result.value[Symbol.asyncDispose]();
    }
    await this.backend[Symbol.asyncDispose]();
  }
}
