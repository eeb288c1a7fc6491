/**
 * What the runtime is asked to do, by graph: calls, kernels, tensors brought up and read back, and the
 * host's time. Counts hold on any driver; a GPU is not needed.
 *
 * @module
 */
import { join } from "node:path";
import onnxProto from "onnx-proto";
import * as ort from "onnxruntime-node";
import type { GraphBuilder } from "../model/graph_builder.ts";

const { onnx } = onnxProto;

/** Work of one graph or of several. */
export interface RuntimeCounts {
  calls: number;
  /** Operators that run on the device, copies among them. */
  kernels: number;
  /** Tensors of the host that the device needs, and their bytes. */
  uploads: number;
  bytesUp: number;
  /** Calls that wait for the device to have done all its work, and the bytes that they read. */
  reads: number;
  bytesDown: number;
  /** Milliseconds of the host's thread within calls. */
  milliseconds: number;
}

/** Counts of no work. */
export function noCounts(): RuntimeCounts {
  return {
    calls: 0,
    kernels: 0,
    uploads: 0,
    bytesUp: 0,
    reads: 0,
    bytesDown: 0,
    milliseconds: 0,
  };
}

/** Counts added up. */
export function sumCounts(all: Iterable<RuntimeCounts>): RuntimeCounts {
  const sum = noCounts();
  for (const counts of all) {
    for (const key of Object.keys(sum) as (keyof RuntimeCounts)[]) sum[key] += counts[key];
  }
  return sum;
}

/** Milliseconds that the calling thread has computed; null where the system does not say. */
export function threadMilliseconds(): number | null {
  try {
    const text = Deno.readTextFileSync(`/proc/self/task/${Deno.pid}/schedstat`);
    return Number(text.split(" ")[0]) / 1e6;
  } catch {
    return null;
  }
}

/** Operators that only give a tensor another shape. */
const SHAPES = ["Reshape", "Unsqueeze", "Squeeze", "Identity"];

/** Kernels of an optimised graph: nothing is done for another shape, unless it is a result. */
function kernelsOf(file: string): number {
  const { graph } = onnx.ModelProto.decode(Deno.readFileSync(file));
  const results = new Set(graph?.output?.map(({ name }) => name));
  return (graph?.node ?? []).filter(({ opType, output }) =>
    !SHAPES.includes(opType ?? "") || output?.some((name) => results.has(name))
  ).length;
}

function graphName(bytes: Uint8Array): string {
  return onnx.ModelProto.decode(bytes).graph?.name ?? "";
}

type Create = typeof ort.InferenceSession.create;

/** Kernels of a graph as the runtime has optimised it for a device, by its name. */
export async function countKernels(graph: GraphBuilder): Promise<[string, number]> {
  const bytes = graph.serialize();
  const folder = await Deno.makeTempDir();
  try {
    const optimizedModelFilePath = join(folder, "graph.onnx");
    const session = await ort.InferenceSession.create(bytes, {
      executionProviders: ["webgpu", "cpu"],
      graphOptimizationLevel: "all",
      logSeverityLevel: 4,
      optimizedModelFilePath,
    });
    await session.release();
    return [graphName(bytes), kernelsOf(optimizedModelFilePath)];
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Counts all calls of the runtime from when it is made until it is disposed. */
export class RuntimeCounter implements Disposable {
  readonly #folder = Deno.makeTempDirSync();
  readonly #kernels: ReadonlyMap<string, number>;
  readonly #create: Create = ort.InferenceSession.create;
  #counts = new Map<string, RuntimeCounts>();
  #opened = 0;

  /** @param kernels Of graphs, by name, in place of those of the graphs that run. */
  constructor(kernels: ReadonlyMap<string, number> = new Map()) {
    this.#kernels = kernels;
    const open = this.#open.bind(this) as unknown as Create;
    (ort.InferenceSession as { create: Create }).create = open;
  }

  async #open(bytes: Uint8Array, options: ort.InferenceSession.SessionOptions) {
    const name = graphName(bytes);
    const onDevice =
      options.executionProviders?.some((p) => (typeof p === "string" ? p : p.name) === "webgpu") ??
        false;
    const file = join(this.#folder, `${this.#opened++}.onnx`);
    const session = await this.#create.call(
      ort.InferenceSession,
      bytes,
      onDevice ? { ...options, optimizedModelFilePath: file } : options,
    );
    const kernels = onDevice ? this.#kernels.get(name) ?? kernelsOf(file) : 0;
    const run = session.run.bind(session) as (
      feeds: Record<string, ort.Tensor>,
      fetch: readonly string[],
    ) => Promise<Record<string, ort.Tensor>>;
    session.run = (async (feeds: Record<string, ort.Tensor>, fetch: readonly string[]) => {
      const start = threadMilliseconds() ?? performance.now();
      const results = await run(feeds, fetch);
      const counts = this.#countsOf(onDevice ? name : `${name} (host)`);
      counts.milliseconds += (threadMilliseconds() ?? performance.now()) - start;
      counts.calls++;
      counts.kernels += kernels;
      if (!onDevice) return results;
      // Shapes stay on the host.
      const up = Object.values(feeds).filter(({ location, type }) =>
        location === "cpu" && type !== "int64"
      );
      const down = Object.values(results).filter(({ location }) => location === "cpu");
      const bytesOf = (tensors: ort.Tensor[]) =>
        tensors.reduce((sum, { data }) => sum + (data as Float32Array).byteLength, 0);
      counts.uploads += up.length;
      counts.bytesUp += bytesOf(up);
      counts.reads += down.length > 0 ? 1 : 0;
      counts.bytesDown += bytesOf(down);
      return results;
    }) as typeof session.run;
    return session;
  }

  #countsOf(name: string): RuntimeCounts {
    let counts = this.#counts.get(name);
    if (!counts) this.#counts.set(name, counts = noCounts());
    return counts;
  }

  /** What was done since the last call, by graph. */
  take(): Map<string, RuntimeCounts> {
    const counts = this.#counts;
    this.#counts = new Map();
    return counts;
  }

  [Symbol.dispose](): void {
    (ort.InferenceSession as { create: Create }).create = this.#create;
    Deno.removeSync(this.#folder, { recursive: true });
  }
}
