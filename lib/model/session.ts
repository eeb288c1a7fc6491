/**
 * Sessions of the ONNX runtime: options, devices, one way to run and to release them.
 *
 * @module
 */
import * as ort from "onnxruntime-node";
import { GraphBuilder } from "./graph_builder.ts";
import { type HostTensor, hostTensor, type Tensor } from "./tensors.ts";

export type Device = "cpu" | "webgpu";

/** Inputs of a graph, by name; arrays are read in place and must not change meanwhile. */
export type Inputs = Readonly<Record<string, Tensor>>;

/** A graph that can run, until it is released; to release it again does nothing. */
export interface Session extends AsyncDisposable {
  /** Runs the graph; the outputs named stay where they are computed. */
  compute<Name extends string>(
    inputs: Inputs,
    fetch: readonly Name[],
  ): Promise<Record<Name, Tensor>>;
}

export interface GraphSessionOptions {
  /**
   * Whether casts and blends of weights are computed once, at opening, into private memory (true,
   * the default: fastest) or at every run, leaving the weights mapped (false: least memory).
   */
  foldWeights?: boolean;
  /** Threads of one operator; default: the machine's cores. */
  threads?: number;
  /**
   * Whether scratch memory is kept between runs, default false: worth it for the few sessions that
   * run all the time, too much for one of each layer.
   */
  keepScratch?: boolean;
  /** Name for error messages. */
  name?: string;
}

/** Constants above this many bytes stay unfolded without `foldWeights`: norms and biases fold. */
const SMALL_CONSTANT_BYTES = 100_000;

/** Too little memory on the device. */
export class DeviceMemoryError extends Error {}

/** What an error of the runtime, which need not be one, says. */
export function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/** What the runtime is told for a session. */
export function sessionOptions(
  { foldWeights = true, keepScratch = false, threads }: GraphSessionOptions = {},
): ort.InferenceSession.SessionOptions {
  return {
    executionProviders: ["cpu"],
    graphOptimizationLevel: "all",
    enableCpuMemArena: keepScratch,
    intraOpNumThreads: threads ?? navigator.hardwareConcurrency,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
    extra: {
      // External initializers name absolute paths, without the leading slash.
      "session.model_external_initializers_file_folder_path": "/",
      // Hundreds of sessions, one of which runs at a time: their threads must not spin.
      "session.intra_op.allow_spinning": "0",
      ...(foldWeights ? {} : {
        "optimization.constant_folding_max_output_size_in_bytes": String(SMALL_CONSTANT_BYTES),
        "session.disable_prepacking": "1",
      }),
    },
  };
}

/** A tensor of the host as the runtime takes it, of the array's type. */
export function toOrt({ data, dims }: HostTensor): ort.Tensor {
  return new ort.Tensor(data as Float32Array, dims);
}

/**
 * A graph that runs on the host's cores. A run blocks the calling thread while it computes, but lets
 * timers and signals be served before it starts. Release it with `using`.
 */
export class GraphSession implements Session {
  readonly #session: ort.InferenceSession;
  readonly #name: string;
  #disposed = false;

  private constructor(session: ort.InferenceSession, name: string) {
    this.#session = session;
    this.#name = name;
  }

  /**
   * Opens a session over a graph.
   *
   * @throws {Error} if the runtime refuses the graph, or a weight file is gone.
   */
  static async open(
    graph: Uint8Array | GraphBuilder,
    options: GraphSessionOptions = {},
  ): Promise<GraphSession> {
    const { name = "a graph" } = options;
    const bytes = graph instanceof GraphBuilder ? graph.serialize() : graph;
    try {
      const session = await ort.InferenceSession.create(bytes, sessionOptions(options));
      return new GraphSession(session, name);
    } catch (cause) {
      throw new Error(`Cannot open ${name} on cpu: ${messageOf(cause)}`, { cause });
    }
  }

  /**
   * Runs the graph.
   *
   * @param inputs By name; the arrays are read in place and must not change meanwhile.
   * @param fetch Names of the outputs wanted; each costs one copy.
   */
  async compute<Name extends string>(
    inputs: Inputs,
    fetch: readonly Name[],
  ): Promise<Record<Name, HostTensor>> {
    if (this.#disposed) throw new Error(`Cannot run ${this.#name}: it has been released`);
    const feeds: Record<string, ort.Tensor> = {};
    for (const name in inputs) feeds[name] = toOrt(inputs[name] as HostTensor);
    try {
      const results = await this.#session.run(feeds, fetch);
      const outputs = {} as Record<Name, HostTensor>;
      for (const name of fetch) {
        const { data, dims } = results[name];
        outputs[name] = hostTensor(data as HostTensor["data"], dims);
      }
      return outputs;
    } catch (cause) {
      throw new Error(`Cannot run ${this.#name}: ${messageOf(cause)}`, { cause });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    await this.#session.release();
  }
}
