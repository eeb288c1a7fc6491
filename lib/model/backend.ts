/**
 * Where a model computes: the host's cores or a GPU, behind one interface. Everything that depends on
 * the device is behind it; rows, streams, interventions and captures are not.
 *
 * @module
 */
import type { GraphBuilder } from "./graph_builder.ts";
import type { Precision } from "./linear.ts";
import type { WeightForm } from "./weight_source.ts";
import { GpuBackend } from "./gpu_backend.ts";
import { type Device, GraphSession, type GraphSessionOptions, type Session } from "./session.ts";
import { HOST_TENSORS, type Tensors } from "./tensors.ts";

export interface BackendSessionOptions extends GraphSessionOptions {
  /** Outputs that go to the host wherever the graph runs, of any type. */
  hostOutputs?: readonly string[];
}

/** What a row of a call costs. */
export interface RowCost {
  operations: number;
  /** Of the call's largest result. */
  bytes: number;
}

/** One forward pass: its tensors, freed at its end. */
export interface Pass extends Tensors, Disposable {}

/** A device that models compute on, until it is released. */
export interface Backend extends AsyncDisposable {
  readonly device: Device;
  /** Name of the hardware and its driver, for messages and records. */
  readonly description: string;
  readonly form: WeightForm;
  /** Whether this is what other devices are compared with. */
  readonly isReference: boolean;
  /** Whether the runtime's operators of attention are right here; else products take their place. */
  readonly fusesAttention: boolean;
  /** Attention scores that one call holds, if it holds more than one prompt's. */
  readonly scoreBudget: number;
  /** Bytes that a batch's K, V and hidden states may take, as far as is known; see `planBatches`. */
  readonly batchBytes: number;
  /**
   * Rows that one call takes; 0 where one is too many.
   *
   * @param operations Of a call, after which the host's thread is free for a moment.
   */
  rowsPerCall(row: RowCost, operations: number): number;
  open(graph: GraphBuilder, options?: BackendSessionOptions): Promise<Session>;
  /** Begins a forward pass; a device waits until the last one has ended. */
  begin(): Promise<Pass>;
}

export class HostBackend implements Backend {
  readonly device = "cpu";
  readonly description = "cpu";
  readonly form: WeightForm;
  readonly isReference = true;
  readonly fusesAttention = true;
  /**
   * 1 MB, which stays in a core's cache. 16 prompts of 128 tokens in calls of 4 take 3/4 of the time
   * of one call.
   */
  readonly scoreBudget = 262_144;
  /** 2 GiB: more is no faster. */
  readonly batchBytes = 2 ** 31;
  readonly #threads: number | undefined;
  /** Graphs that passes have run, by name. */
  readonly #operations = new Map<string, { session: Session; outputs: readonly string[] }>();

  /** @param threads Of one operator; default: the machine's cores. */
  constructor(precision: Precision = "f32", threads?: number) {
    this.form = { precision, bound: false };
    this.#threads = threads;
  }

  rowsPerCall(row: RowCost, operations: number): number {
    return Math.floor(operations / row.operations);
  }

  open(graph: GraphBuilder, options: BackendSessionOptions = {}): Promise<Session> {
    const foldWeights = this.form.precision !== "bf16";
    return GraphSession.open(graph, { threads: this.#threads, foldWeights, ...options });
  }

  begin(): Promise<Pass> {
    const runAll: Tensors["runAll"] = async (name, make, inputs) => {
      let operation = this.#operations.get(name);
      if (!operation) {
        const graph = make();
        const session = await this.open(graph, { name, keepScratch: true });
        this.#operations.set(name, operation = { session, outputs: graph.outputs });
      }
      return await operation.session.compute(inputs, operation.outputs);
    };
    return Promise.resolve({ ...HOST_TENSORS, runAll, [Symbol.dispose]: () => {} });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { session } of this.#operations.values()) await session[Symbol.asyncDispose]();
    this.#operations.clear();
  }
}

/** The precisions of each device. */
export const PRECISIONS_OF: Readonly<Record<Device, readonly Precision[]>> = {
  cpu: ["f32", "bf16", "int8"],
  webgpu: ["f16", "f32"],
};

/** Where and how a model computes. */
export interface DeviceOptions {
  /** How weights are held, default "f32". */
  precision?: Precision;
  /** Default "cpu". */
  device?: Device;
  /** Threads of one operator; default: the machine's cores. */
  threads?: number;
}

/**
 * A device to compute on.
 *
 * @throws {Error} if it does not have the precision.
 */
export function createBackend(
  { precision = "f32", device = "cpu", threads }: DeviceOptions = {},
): Backend {
  const has = PRECISIONS_OF[device];
  if (!has.includes(precision)) {
    throw new Error(
      `Cannot run in ${precision} on ${device}: it has ${has.join(", ")}; choose one of these`,
    );
  }
  return device === "cpu" ? new HostBackend(precision, threads) : new GpuBackend(precision);
}
