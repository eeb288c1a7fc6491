/**
 * Decoder layers opened as sessions, each once however many lists of layers hold it.
 *
 * @module
 */
import { type Backend, createBackend, type DeviceOptions } from "./backend.ts";
import type { LayerGraphs, LayerWeights } from "./decoder_layer.ts";
import type { ModelPlan } from "./layer_list.ts";
import type { Session } from "./session.ts";

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
  readonly #layers = new Map<LayerWeights, Map<keyof LayerGraphs, Promise<Session>>>();

  constructor(options?: DeviceOptions) {
    this.backend = createBackend(options);
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
      const name = `${NAMES[part]} of ${layer}`;
      session = this.backend.open(graphs[part](weights, config, this.backend.form), { name });
      session.catch(() => sessions.delete(part));
      sessions.set(part, session);
    }
    return session;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const opened = [...this.#layers.values()].flatMap((sessions) => [...sessions.values()]);
    this.#layers.clear();
    for (const result of await Promise.allSettled(opened)) {
      if (result.status === "fulfilled") await result.value[Symbol.asyncDispose]();
    }
    await this.backend[Symbol.asyncDispose]();
  }
}
