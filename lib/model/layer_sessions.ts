/**
 * Decoder layers opened as sessions, each once however many lists of layers hold it.
 *
 * @module
 */
import { type Backend, createBackend } from "./backends.ts";
import type { LayerWeights } from "./decoder_layer.ts";
import type { GraphBuilder } from "./graph_builder.ts";
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

/** The two graphs of a layer. */
export type OpenLayer = Record<"project" | "mlp", Session>;

/** What the second of them does, in two steps. */
export type LayerParts = Record<"mix" | "raise", Session>;

/** What a map has, or what is now made for it; what cannot be made is not kept. */
function kept<Key, Value>(
  map: Map<Key, Promise<Value>>,
  key: Key,
  make: () => Promise<Value>,
): Promise<Value> {
  const known = map.get(key);
  if (known) return known;
  const making = make();
  map.set(key, making);
  making.catch(() => map.delete(key));
  return making;
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
  readonly #parts = new Map<LayerWeights, Promise<LayerParts>>();

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
  get(weights: LayerWeights, { graphs, config }: LayerFamily, layer: number): Promise<OpenLayer> {
    return kept(this.#layers, weights, () =>
      this.#open({
        project: [graphs.project(weights, config, this.form), `the projections of layer ${layer}`],
        mlp: [graphs.mlp(weights, config, this.form), `the MLP of layer ${layer}`],
      }));
  }

  /** The layer's second graph in two steps, opened at the first call. */
  parts(weights: LayerWeights, { graphs, config }: LayerFamily): Promise<LayerParts> {
    return kept(this.#parts, weights, () =>
      this.#open({
        mix: [graphs.mix(weights, config, this.form), "the output projection of an edited layer"],
        raise: [graphs.raise(weights, config, this.form), "the MLP of an edited layer"],
      }));
  }

  /** The sessions of a layer that is open. */
  async opened(weights: LayerWeights): Promise<OpenLayer> {
    const layer = await this.#layers.get(weights);
    if (!layer) throw new Error("Cannot run a layer that was not opened: open its list first");
    return layer;
  }

  async #open<Name extends string>(
    graphs: Record<Name, [GraphBuilder, string]>,
  ): Promise<Record<Name, Session>> {
    const foldWeights = this.form.precision !== "bf16";
    const opened: Partial<Record<Name, Session>> = {};
    try {
      for (const [key, [graph, name]] of Object.entries<[GraphBuilder, string]>(graphs)) {
        opened[key as Name] = await this.backend.open(graph, { foldWeights, name });
      }
      return opened as Record<Name, Session>;
    } catch (error) {
      for (const session of Object.values<Session | undefined>(opened)) await session?.dispose();
      throw error;
    }
  }

  /** Releases all sessions. */
  async dispose(): Promise<void> {
    const opened = [...this.#layers.values(), ...this.#parts.values()];
    this.#layers.clear();
    this.#parts.clear();
    for (const result of await Promise.allSettled<Record<string, Session>>(opened)) {
      if (result.status === "rejected") continue;
      for (const session of Object.values(result.value)) await session.dispose();
    }
    await this.backend.dispose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }
}
