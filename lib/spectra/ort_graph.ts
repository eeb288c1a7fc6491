/**
 * Graphs of f64 matrix products for ONNX Runtime, written from TypeScript.
 *
 * @module
 */
import onnxProto from "onnx-proto";
import { InferenceSession, Tensor } from "onnxruntime-node";

const DOUBLE = 11;
const IR_VERSION = 8;
const OPSET = 17;

type Attribute = { name: string; type: number; i?: number; f?: number; ints?: number[] };

/** Options of {@linkcode OrtGraph.gemm}. */
export interface GemmOptions {
  /** A matrix of the result's shape to add. */
  add?: string;
  /** What the product is multiplied with, default 1. */
  alpha?: number;
  transposeA?: boolean;
  transposeB?: boolean;
  /** The result's name, default one of its own. */
  to?: string;
}

/**
 * A graph in the making. Dimensions are names: one session serves matrices of any size, also
 * without any rows.
 */
export class OrtGraph {
  readonly #nodes: object[] = [];
  readonly #inputs: object[] = [];
  readonly #outputs: object[] = [];

  /** Adds an input matrix and returns its name. */
  input(name: string): string {
    this.#inputs.push(this.#matrix(name));
    return name;
  }

  /** Makes a matrix an output of the graph. */
  output(name: string): void {
    this.#outputs.push(this.#matrix(name));
  }

  /** alpha * A * B (+ add); returns the result's name. */
  gemm(a: string, b: string, options: GemmOptions = {}): string {
    const { add, alpha = 1, transposeA = false, transposeB = false, to } = options;
    return this.#node("Gemm", add === undefined ? [a, b] : [a, b, add], to, [
      { name: "alpha", type: 1, f: alpha },
      { name: "transA", type: 2, i: Number(transposeA) },
      { name: "transB", type: 2, i: Number(transposeB) },
    ]);
  }

  /** The transpose of a matrix. */
  transpose(a: string): string {
    return this.#node("Transpose", [a], undefined, [{ name: "perm", type: 7, ints: [1, 0] }]);
  }

  /** Matrices of equally many rows, side by side. */
  concatColumns(parts: string[], to: string): string {
    return this.#node("Concat", parts, to, [{ name: "axis", type: 2, i: 1 }]);
  }

  /** Builds a session; the caller releases it. */
  session(threads: number): Promise<InferenceSession> {
    const { onnx } = onnxProto;
    const bytes = onnx.ModelProto.encode(onnx.ModelProto.fromObject({
      irVersion: IR_VERSION,
      opsetImport: [{ domain: "", version: OPSET }],
      graph: {
        name: "products",
        node: this.#nodes,
        input: this.#inputs,
        output: this.#outputs,
      },
    })).finish();
    return InferenceSession.create(bytes, {
      intraOpNumThreads: threads,
      graphOptimizationLevel: "disabled",
      // Sizes change from run to run: a memory plan would be made for the first only.
      enableMemPattern: false,
      logSeverityLevel: 3,
      // A spinning pool steals the cores from the scalar loops between the products.
      extra: { session: { intra_op: { allow_spinning: "0" } } },
    });
  }

  #matrix(name: string): object {
    const shape = { dim: [{ dimParam: `${name}_rows` }, { dimParam: `${name}_columns` }] };
    return { name, type: { tensorType: { elemType: DOUBLE, shape } } };
  }

  #node(opType: string, input: string[], to: string | undefined, attribute: Attribute[]): string {
    const output = to ?? `${opType}_${this.#nodes.length}`;
    this.#nodes.push({ opType, input, output: [output], attribute });
    return output;
  }
}

/** An f64 matrix as a session takes it, without a copy. */
export function matrixTensor(data: Float64Array, rows: number, columns: number): Tensor {
  return new Tensor("float64", data, [rows, columns]);
}

/** The data of a session's output. */
export function matrixData(outputs: InferenceSession.OnnxValueMapType, name: string): Float64Array {
  return outputs[name].data as Float64Array;
}
