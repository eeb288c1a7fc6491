/**
 * A GPU, through the runtime's WebGPU provider: tensors stay on it from session to session, weights
 * are tensors of it, and a graph is compiled once however many layers run it.
 *
 * @module
 */
import * as ort from "onnxruntime-node";
import type { Backend, BackendSessionOptions, Pass, RowCost } from "./backend.ts";
import { describeGpu, findGpu, GPU_WORKING_BYTES, gpuBatchBytes } from "./gpu_adapter.ts";
import { GpuTensors } from "./gpu_tensors.ts";
import { GpuWeights } from "./gpu_weights.ts";
import type { BoundWeight, GraphBuilder } from "./graph_builder.ts";
import type { Precision } from "./linear.ts";
import type { WeightForm } from "./weight_source.ts";
import type { Inputs, Session } from "./session.ts";
import type { Tensor } from "./tensors.ts";
import { explainGpuError, runOnGpu } from "./gpu_run.ts";

/**
 * Buffers of more bytes are not kept by the runtime, and to get them anew takes longer than the
 * product.
 */
const KEPT_BYTES = 160e6;
/** Products of 2,048 rows in f16 have been seen to give NaN in every row, without an error. */
const MOST_ROWS = 1024;

/** Sessions of one graph on the device; kept open until the device is released. */
type Compiled = Promise<ort.InferenceSession>;

/** A compiled graph and the names of its outputs. */
interface Operation {
  session: ort.InferenceSession;
  outputs: readonly string[];
}

export class GpuBackend implements Backend {
  readonly device = "webgpu";
  readonly form: WeightForm;
  readonly isReference = false;
  readonly fusesAttention = false;
  /** 256 MB. */
  readonly scoreBudget = 2 ** 26;
  readonly #compiled = new Map<string, Compiled>();
  readonly #weights = new GpuWeights(this);
  /** Ends when the pass under way has ended. */
  #turn: Promise<void> = Promise.resolve();
  #disposed = false;
  #description: string | undefined;

  constructor(precision: Precision) {
    this.form = { precision, bound: true };
  }

  get description(): string {
    return this.#description ??= describeGpu();
  }

  get batchBytes(): number {
    return gpuBatchBytes(
      findGpu()?.memoryBytes ?? null,
      this.#weights.bytes + GPU_WORKING_BYTES,
    );
  }

  rowsPerCall({ bytes }: RowCost): number {
    return Math.min(MOST_ROWS, Math.floor(KEPT_BYTES / bytes));
  }

  /** A graph as a session of the runtime, shared by all that have the same. */
  async compile(
    graph: GraphBuilder,
    { name = "a graph", hostOutputs = [] }: BackendSessionOptions = {},
  ): Promise<ort.InferenceSession> {
    if (this.#disposed) throw new Error(`Cannot open ${name} on webgpu: it has been released`);
    const bytes = graph.serialize();
    const key = `${hostOutputs} ${new TextDecoder("latin1").decode(bytes)}`;
    let compiled = this.#compiled.get(key);
    if (!compiled) {
      const location = Object.fromEntries(
        graph.outputs.map((output) => [
          output,
          hostOutputs.includes(output) ? "cpu" as const : "gpu-buffer" as const,
        ]),
      );
      compiled = ort.InferenceSession.create(bytes, {
        // The driver's commands are checked, the default: a full memory is known by what is invalid
        // then, and without the checks the process would crash.
        executionProviders: ["webgpu", "cpu"],
        graphOptimizationLevel: "all",
        enableCpuMemArena: false,
        logSeverityLevel: 4,
        preferredOutputLocation: location,
      });
      this.#compiled.set(key, compiled);
    }
    try {
      return await compiled;
    } catch (cause) {
      this.#compiled.delete(key);
      throw explainGpuError(`open ${name} on webgpu`, cause);
    }
  }

  readonly #operations = new Map<string, Operation>();

  /** The session of a graph that is made at its first use; `name` is this graph's alone. */
  async operation(
    name: string,
    make: () => GraphBuilder,
    hostOutputs: readonly string[] = [],
  ): Promise<Operation> {
    let operation = this.#operations.get(name);
    if (!operation) {
      const graph = make();
      const session = await this.compile(graph, { name, hostOutputs });
      operation = { session, outputs: graph.outputs };
      this.#operations.set(name, operation);
    }
    return operation;
  }

  async open(graph: GraphBuilder, options: BackendSessionOptions = {}): Promise<Session> {
    const session = await this.compile(graph, options);
    const { name = "a graph" } = options;
    return await GpuSession.open(session, {
      name,
      bound: graph.bound,
      weights: this.#weights,
      tensors: () => this.#tensors,
    });
  }

  #current: GpuTensors | undefined;

  /** The tensors of the pass under way. */
  get #tensors(): GpuTensors {
    if (!this.#current) throw new Error("Cannot compute on webgpu outside of a pass");
    return this.#current;
  }

  async begin(): Promise<Pass> {
    const before = this.#turn;
    let end!: () => void;
    this.#turn = new Promise((resolve) => end = resolve);
    await before;
    const tensors = new GpuTensors(this, () => {
      this.#current = undefined;
      end();
    });
    this.#current = tensors;
    return tensors;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    await this.#turn;
    // Tensors must go before the sessions that made them.
    this.#weights.dispose();
    for (const compiled of this.#compiled.values()) {
      await (await compiled.catch(() => null))?.release();
    }
    this.#compiled.clear();
  }
}

interface GpuSessionParts {
  name: string;
  bound: readonly BoundWeight[];
  weights: GpuWeights;
  tensors: () => GpuTensors;
}

/** A graph on the device and the weights it runs with. */
class GpuSession implements Session {
  readonly #session: ort.InferenceSession;
  readonly #parts: GpuSessionParts;
  readonly #bound: Record<string, Tensor>;
  #disposed = false;

  private constructor(
    session: ort.InferenceSession,
    parts: GpuSessionParts,
    bound: Record<string, Tensor>,
  ) {
    this.#session = session;
    this.#parts = parts;
    this.#bound = bound;
  }

  static async open(session: ort.InferenceSession, parts: GpuSessionParts): Promise<GpuSession> {
    const bound: Record<string, Tensor> = {};
    try {
      for (const weight of parts.bound) bound[weight.input] = await parts.weights.load(weight);
    } catch (error) {
      for (const tensor of Object.values(bound)) parts.weights.free(tensor);
      throw error;
    }
    return new GpuSession(session, parts, bound);
  }

  async compute<Name extends string>(
    inputs: Inputs,
    fetch: readonly Name[],
  ): Promise<Record<Name, Tensor>> {
    const { name, tensors } = this.#parts;
    if (this.#disposed) throw new Error(`Cannot run ${name}: it has been released`);
    const given = { ...inputs, ...this.#bound };
    const results = await runOnGpu(this.#session, { name, inputs: given, fetch });
    for (const result of Object.values(results)) {
      if (result.location === "gpu-buffer") tensors().own(result);
    }
    return results as Record<Name, Tensor>;
  }

  [Symbol.asyncDispose](): Promise<void> {
    if (!this.#disposed) {
      this.#disposed = true;
      for (const tensor of Object.values(this.#bound)) this.#parts.weights.free(tensor);
    }
    return Promise.resolve();
  }
}
