/**
 * Where a model computes: the host's cores or a GPU, behind one interface. Everything that depends on
 * the device is behind it; rows, streams, interventions and captures are not.
 *
 * @module
 */
import { HostAttention } from "./host_attention.ts";
import type { Attention } from "./kv_cache.ts";
import type { GraphBuilder } from "./graph_builder.ts";
import type { HeadShape } from "./attention.ts";
import { type Device, GraphSession, type GraphSessionOptions, type Session } from "./session.ts";
import { HOST_TENSORS, type Tensors } from "./tensors.ts";

/** Options of {@linkcode Backend.open}. */
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

/** Too little memory on the device. */
export class DeviceMemoryError extends Error {}

/** One forward pass: its tensors, freed at its end. */
export interface Pass extends Tensors, Disposable {}

/** A device that models compute on. */
export interface Backend extends AsyncDisposable {
  readonly device: Device;
  /** Name of the hardware and its driver, for messages and records. */
  readonly description: string;
  /** Whether weights are tensors of the device, in place of initializers of a graph. */
  readonly bindsWeights: boolean;
  /** Whether this is what other devices are compared with. */
  readonly isReference: boolean;
  /** Bytes that a batch's K, V and hidden states may take, as far as is known; see `planBatches`. */
  readonly batchBytes: number;
  /**
   * Rows that one call takes; 0 where one is too many.
   *
   * @param operations Of a call, after which the host's thread is free for a moment.
   */
  rowsPerCall(row: RowCost, operations: number): number;
  /** Opens a session. */
  open(graph: GraphBuilder, options?: BackendSessionOptions): Promise<Session>;
  /** Opens attention for a head shape. */
  attention(shape: HeadShape): Promise<Attention>;
  /** Begins a forward pass; a device waits until the last one has ended. */
  begin(): Promise<Pass>;
  /** Releases what the device still holds. */
  dispose(): Promise<void>;
}

/** The host's cores. */
export class HostBackend implements Backend {
  readonly device = "cpu";
  readonly description = "cpu";
  readonly bindsWeights = false;
  readonly isReference = true;
  /** 2 GiB: more is no faster. */
  readonly batchBytes = 2 ** 31;
  readonly #threads: number | undefined;

  /** @param threads Of one operator; default: the machine's cores. */
  constructor(threads?: number) {
    this.#threads = threads;
  }

  rowsPerCall(row: RowCost, operations: number): number {
    return Math.floor(operations / row.operations);
  }

  open(graph: GraphBuilder, options: BackendSessionOptions = {}): Promise<Session> {
    return GraphSession.open(graph, { threads: this.#threads, ...options });
  }

  attention(shape: HeadShape): Promise<Attention> {
    return HostAttention.open(this, shape);
  }

  begin(): Promise<Pass> {
    return Promise.resolve({ ...HOST_TENSORS, [Symbol.dispose]: () => {} });
  }

  dispose(): Promise<void> {
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }
}
