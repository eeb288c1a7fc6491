/**
 * Where a weight of a graph comes from: a tensor in a file, a blend of two, or values in memory.
 *
 * @module
 */
import type { FileTensor, GraphBuilder, Value } from "./graph_builder.ts";
import type { Precision } from "./linear.ts";

/** (1 - alpha) a + alpha b, computed in the graph: nothing is written. */
export interface BlendedTensor {
  a: FileTensor;
  b: FileTensor;
  /** Share of `b`. */
  alpha: number;
}

/** A weight held in memory, e.g. with noise added. */
export interface ValuesTensor {
  name: string;
  shape: readonly number[];
  /** Row-major. */
  values: Float32Array;
}

export type WeightSource = FileTensor | BlendedTensor | ValuesTensor;

/** Name of a weight, for error messages. */
export function weightName(source: WeightSource): string {
  return "a" in source ? `${source.a.name} blended with ${source.b.name}` : source.name;
}

export function weightShape(source: WeightSource): readonly number[] {
  return "a" in source ? source.a.shape : source.shape;
}

export interface WeightForm {
  precision: Precision;
  /** Whether they are tensors of a device that the session is given, in place of initializers. */
  bound: boolean;
}

/** Adds a vector of weights as f32. */
export function addVector(graph: GraphBuilder, source: WeightSource, { bound }: WeightForm): Value {
  if (!bound) return addWeight(graph, source);
  return graph.bind({ sources: [source], type: "f32" }, weightShape(source));
}

/**
 * Adds a weight, or rows [from, to) of its first dimension, to a graph as f32.
 *
 * @param rows Default: all.
 * @throws {Error} if the two tensors of a blend have different shapes.
 */
export function addWeight(
  graph: GraphBuilder,
  source: WeightSource,
  rows?: { from: number; to: number },
): Value {
  if ("values" in source) {
    const [count, ...rest] = source.shape;
    const { from = 0, to = count } = rows ?? {};
    const width = source.values.length / count;
    return graph.floats(source.values.subarray(from * width, to * width), [to - from, ...rest]);
  }
  if (!("a" in source)) return graph.fileTensorAsF32(source, rows);
  const { a, b, alpha } = source;
  if (a.shape.join() !== b.shape.join()) {
    throw new Error(
      `Cannot blend ${a.name} of ${a.file} with ${b.name} of ${b.file}: shapes ` +
        `[${a.shape.join(", ")}] and [${b.shape.join(", ")}] differ`,
    );
  }
  return graph.node("Add", [
    graph.node("Mul", [graph.fileTensorAsF32(a, rows), graph.scalar(1 - alpha)]),
    graph.node("Mul", [graph.fileTensorAsF32(b, rows), graph.scalar(alpha)]),
  ]);
}
