/**
 * Sessions of the ONNX runtime: options, devices, one way to run and to release them.
 *
 * @module
 */
import * as ort from "onnxruntime-node";

/** Where graphs run. */
export type Device = "cpu" | "webgpu";

/** A tensor going into or coming out of a graph. */
export interface GraphTensor {
  data: Float32Array | Float16Array | Int32Array | BigInt64Array | Uint8Array;
  dims: readonly number[];
}

/** Options of {@linkcode GraphSession.open}. */
export interface GraphSessionOptions {
  /** Default "cpu". */
  device?: Device;
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

/** What the runtime is told for a session. */
export function sessionOptions(
  options: GraphSessionOptions = {},
): ort.InferenceSession.SessionOptions {
  const { device = "cpu", foldWeights = true, threads } = options;
  return {
    executionProviders: device === "webgpu" ? ["webgpu", "cpu"] : ["cpu"],
    graphOptimizationLevel: "all",
    enableCpuMemArena: options.keepScratch ?? false,
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

/** A tensor as the runtime takes it. */
export function toOrt(tensor: GraphTensor): ort.Tensor {
  const { data, dims } = tensor;
  if (data instanceof Float32Array) return new ort.Tensor("float32", data, dims);
  if (data instanceof Int32Array) return new ort.Tensor("int32", data, dims);
  if (data instanceof BigInt64Array) return new ort.Tensor("int64", data, dims);
  if (data instanceof Uint8Array) return new ort.Tensor("uint8", data, dims);
  // The runtime takes f16 as its bit patterns.
  const bits = new Uint16Array(data.buffer, data.byteOffset, data.length);
  return new ort.Tensor("float16", bits, dims);
}

function whyNoDevice(device: Device, message: string): string {
  if (device !== "webgpu") return message;
  return `${message}. The webgpu device needs a GPU with a Vulkan, Metal or D3D12 driver (on Linux ` +
    "also the libvulkan1 loader); use the cpu device where there is none";
}

/**
 * A graph that can run. A run blocks the calling thread while it computes, but lets timers and
 * signals be served before it starts. Release it with `using` or {@linkcode GraphSession.dispose}.
 */
export class GraphSession implements AsyncDisposable {
  readonly #session: ort.InferenceSession;
  readonly #name: string;
  #disposed = false;

  private constructor(session: ort.InferenceSession, name: string) {
    this.#session = session;
    this.#name = name;
  }

  /**
   * Opens a session over a serialised graph.
   *
   * @throws {Error} if the runtime refuses the graph, a weight file is gone, or the device is not
   * there.
   */
  static async open(graph: Uint8Array, options: GraphSessionOptions = {}): Promise<GraphSession> {
    const { name = "a graph", device = "cpu" } = options;
    try {
      const session = await ort.InferenceSession.create(graph, sessionOptions(options));
      return new GraphSession(session, name);
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`Cannot open ${name} on ${device}: ${whyNoDevice(device, message)}`, {
        cause,
      });
    }
  }

  /**
   * Runs the graph.
   *
   * @param inputs By name; the arrays are read in place and must not change meanwhile.
   * @param fetch Names of the outputs wanted, of type f32; each costs one copy.
   */
  run<Name extends string>(
    inputs: Readonly<Record<string, GraphTensor>>,
    fetch: readonly Name[],
  ): Promise<Record<Name, Float32Array>> {
    return this.#run(inputs, fetch);
  }

  /** {@linkcode GraphSession.run} for outputs of type i32. */
  runInt32<Name extends string>(
    inputs: Readonly<Record<string, GraphTensor>>,
    fetch: readonly Name[],
  ): Promise<Record<Name, Int32Array>> {
    return this.#run(inputs, fetch);
  }

  async #run<Name extends string, Output>(
    inputs: Readonly<Record<string, GraphTensor>>,
    fetch: readonly Name[],
  ): Promise<Record<Name, Output>> {
    if (this.#disposed) throw new Error(`Cannot run ${this.#name}: it has been released`);
    const feeds: Record<string, ort.Tensor> = {};
    for (const name in inputs) feeds[name] = toOrt(inputs[name]);
    let results: ort.InferenceSession.OnnxValueMapType;
    try {
      results = await this.#session.run(feeds, fetch);
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`Cannot run ${this.#name}: ${message}`, { cause });
    }
    const outputs = {} as Record<Name, Output>;
    for (const name of fetch) outputs[name] = results[name].data as Output;
    return outputs;
  }

  /** Releases the session; further calls do nothing. */
  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    await this.#session.release();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }
}
