/**
 * A small typed writer of ONNX graphs. Initializers may point into weight files at any byte offset,
 * so that a graph over gigabytes of weights is a few kilobytes.
 *
 * Format: onnx.proto3 of the ONNX project; external data as its ExternalData page describes.
 *
 * @module
 */
import onnxProto from "onnx-proto";
import type { TensorInfo } from "../checkpoint/mod.ts";
import type { WeightSource } from "./weight_source.ts";

const { onnx } = onnxProto;

export type ElementType = "f32" | "f16" | "bf16" | "f64" | "i32" | "i64" | "bool" | "u8" | "u32";

const TYPE_CODES: Readonly<Record<ElementType, number>> = {
  f32: 1,
  u8: 2,
  i32: 6,
  i64: 7,
  bool: 9,
  f16: 10,
  f64: 11,
  u32: 12,
  bf16: 16,
};

const FILE_TYPES: Readonly<Record<string, ElementType>> = {
  BF16: "bf16",
  F16: "f16",
  F32: "f32",
  F64: "f64",
  U32: "u32",
};

/** A value of a graph: an input, an initializer or a node's output, by its unique name. */
export type Value = string;

/**
 * An attribute of a node. ONNX tells integers from floats, and so does this type: `1n` is an
 * integer, `1` a float; arrays likewise.
 */
export type Attribute = bigint | number | string | readonly bigint[] | readonly number[];

/** A dimension: a number, or a name for one that is known only when the graph runs. */
export type Dimension = number | string;

/** Part of a file tensor: rows [from, to) of its first dimension, and another shape for them. */
export interface FileTensorPart {
  from?: number;
  to?: number;
  /** Shape to declare, of as many elements as the rows have; default [to - from, ...rest]. */
  shape?: readonly number[];
}

/** A weight that comes in as a tensor of the device, in place of an initializer. */
export interface BoundWeight {
  /** Name of the graph's input. */
  input: string;
  /** [out, in] matrices or [out] vectors, to be put together along `out`. */
  sources: readonly WeightSource[];
  /** Rows of the sources' first dimension; default: all. */
  rows?: { from: number; to: number };
  /** Matrices come in transposed, [in, out]: a product with them needs no transposition. */
  type: "f16" | "f32";
  /** What its numbers are divided by, default 1. */
  scale?: number;
}

function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}

function attributeProto(name: string, value: Attribute) {
  const { INT, FLOAT, STRING, INTS, FLOATS } = onnx.AttributeProto.AttributeType;
  if (typeof value === "bigint") return { name, type: INT, i: Number(value) };
  if (typeof value === "number") return { name, type: FLOAT, f: value };
  if (typeof value === "string") {
    return { name, type: STRING, s: new TextEncoder().encode(value) };
  }
  const whole = value.every((item) => typeof item === "bigint");
  const items = value.map(Number);
  return whole ? { name, type: INTS, ints: items } : { name, type: FLOATS, floats: items };
}

function valueInfo(name: string, type: ElementType, shape: readonly Dimension[]) {
  const dim = shape.map((d) => typeof d === "number" ? { dimValue: d } : { dimParam: d });
  return { name, type: { tensorType: { elemType: TYPE_CODES[type], shape: { dim } } } };
}

/**
 * Builds one graph. Methods return the names of the values they add, to be used as inputs of later
 * nodes; nodes are written in the order they are added, which must be a valid order to run in.
 */
export class GraphBuilder {
  readonly #name: string;
  readonly #nodes: Parameters<typeof onnx.NodeProto.encode>[0][] = [];
  readonly #initializers: Parameters<typeof onnx.TensorProto.encode>[0][] = [];
  readonly #inputs: ReturnType<typeof valueInfo>[] = [];
  readonly #outputs: ReturnType<typeof valueInfo>[] = [];
  /** Weights that a session is given when it is opened. */
  readonly bound: BoundWeight[] = [];
  readonly #names = new Set<string>();
  readonly #constants = new Map<string, Value>();
  /** Results of nodes that are outputs, by the names they had before. */
  readonly #renamed = new Map<Value, Value>();
  #counter = 0;

  /** @param name Name of the graph, seen in the runtime's error messages. */
  constructor(name: string) {
    this.#name = name;
  }

  #take(name: string): Value {
    if (this.#names.has(name)) {
      throw new Error(`Cannot build graph ${this.#name}: two values are named ${name}`);
    }
    this.#names.add(name);
    return name;
  }

  #fresh(prefix: string): Value {
    return this.#take(`${prefix}_${this.#counter++}`);
  }

  get outputs(): string[] {
    return this.#outputs.map(({ name }) => name!);
  }

  input(name: string, type: ElementType, shape: readonly Dimension[]): Value {
    this.#take(name);
    this.#inputs.push(valueInfo(name, type, shape));
    return name;
  }

  /** Makes `value` an output called `name`. */
  output(name: string, value: Value, type: ElementType, shape: readonly Dimension[]): void {
    this.#take(name);
    // A GPU copies what goes through an Identity: a node's result is renamed instead.
    const maker = this.#nodes.find(({ output }) => output?.includes(value));
    if (maker) {
      const rename = (names: string[]) => names.map((own) => own === value ? name : own);
      maker.output = rename(maker.output ?? []);
      for (const node of this.#nodes) node.input = rename(node.input ?? []);
      this.#renamed.set(value, name);
    } else {
      const input = [this.#renamed.get(value) ?? value];
      this.#nodes.push({ opType: "Identity", input, output: [name], name });
    }
    this.#outputs.push(valueInfo(name, type, shape));
  }

  /**
   * Adds a node of one output.
   *
   * @param type Operator; "com.microsoft:FusedMatMul" names one of another domain.
   * @param inputs Values; "" leaves an optional input out.
   */
  node(
    type: string,
    inputs: readonly Value[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): Value {
    return this.nodes(type, inputs, { attributes, outputs: 1 })[0];
  }

  nodes(
    type: string,
    inputs: readonly Value[],
    options: { attributes?: Readonly<Record<string, Attribute>>; outputs: number },
  ): Value[] {
    for (const input of inputs) {
      if (input !== "" && !this.#names.has(input)) {
        throw new Error(
          `Cannot build graph ${this.#name}: input ${input} of a ${type} node is not defined yet`,
        );
      }
    }
    const colon = type.indexOf(":");
    const opType = type.slice(colon + 1);
    const output = Array.from({ length: options.outputs }, () => this.#fresh(opType));
    this.#nodes.push({
      opType,
      domain: colon < 0 ? "" : type.slice(0, colon),
      name: `${opType}_${this.#nodes.length}`,
      input: inputs.map((input) => this.#renamed.get(input) ?? input),
      output,
      attribute: Object.entries(options.attributes ?? {}).map(([key, value]) =>
        attributeProto(key, value)
      ),
    });
    return output;
  }

  /** Adds an input for a weight that a session is given when it is opened. */
  bind(weight: Omit<BoundWeight, "input">, shape: readonly number[]): Value {
    const input = this.input(`bound_${this.bound.length}`, weight.type, shape);
    this.bound.push({ input, ...weight });
    return input;
  }

  /** Adds an initializer whose bytes stay in their file. Its type is the file's. */
  fileTensor(tensor: TensorInfo, part: FileTensorPart = {}): Value {
    const type = FILE_TYPES[tensor.dtype];
    if (!type) {
      throw new Error(
        `Cannot use tensor ${tensor.name} of ${tensor.file}: dtype ${tensor.dtype} is not one of ` +
          Object.keys(FILE_TYPES).join(", "),
      );
    }
    const [rows = 1, ...rest] = tensor.shape;
    const { from = 0, to = rows } = part;
    if (!(0 <= from && from < to && to <= rows)) {
      throw new RangeError(
        `Cannot use rows ${from} to ${to} of tensor ${tensor.name}: it has ${rows}`,
      );
    }
    const rowBytes = tensor.byteLength / rows;
    const shape = part.shape ?? (tensor.shape.length === 0 ? [] : [to - from, ...rest]);
    if (elementsOf(shape) !== (to - from) * elementsOf(rest)) {
      throw new RangeError(
        `Cannot use ${to - from} rows of tensor ${tensor.name} of shape [${tensor.shape}] as ` +
          `[${shape}]: the number of elements differs`,
      );
    }
    const name = this.#fresh("weight");
    this.#initializers.push({
      name,
      dims: [...shape],
      dataType: TYPE_CODES[type],
      dataLocation: onnx.TensorProto.DataLocation.EXTERNAL,
      externalData: [
        // The session's folder for external data is the root: paths are absolute without the slash.
        { key: "location", value: tensor.file.replace(/^\/+/, "") },
        { key: "offset", value: String(tensor.offset + from * rowBytes) },
        { key: "length", value: String((to - from) * rowBytes) },
      ],
    });
    return name;
  }

  /** Adds a tensor of a file as f32: {@linkcode GraphBuilder.fileTensor} and a Cast if need be. */
  fileTensorAsF32(tensor: TensorInfo, part: FileTensorPart = {}): Value {
    const value = this.fileTensor(tensor, part);
    return tensor.dtype === "F32" ? value : this.cast(value, "f32");
  }

  cast(value: Value, to: ElementType): Value {
    return this.node("Cast", [value], { to: BigInt(TYPE_CODES[to]) });
  }

  /** Adds an initializer whose bytes are in the graph itself. */
  bytes(bytes: Uint8Array, type: ElementType, shape: readonly number[]): Value {
    const name = this.#fresh("constant");
    const dataType = TYPE_CODES[type];
    this.#initializers.push({ name, dims: [...shape], dataType, rawData: bytes });
    return name;
  }

  #constant(
    values: Float32Array | BigInt64Array,
    type: ElementType,
    shape: readonly number[],
  ): Value {
    if (values.length !== elementsOf(shape)) {
      throw new RangeError(
        `Cannot build graph ${this.#name}: ${values.length} values for shape [${shape}]`,
      );
    }
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    const key = values.length > 16 ? "" : `${type} ${shape} ${values}`;
    const known = key && this.#constants.get(key);
    if (known) return known;
    const name = this.bytes(bytes, type, shape);
    if (key) this.#constants.set(key, name);
    return name;
  }

  floats(values: Float32Array, shape: readonly number[] = [values.length]): Value {
    return this.#constant(values, "f32", shape);
  }

  scalar(value: number): Value {
    return this.#constant(new Float32Array([value]), "f32", []);
  }

  /** Adds a 1-D i64 constant: shapes, axes, indices. */
  ints(values: readonly number[]): Value {
    return this.#constant(BigInt64Array.from(values, BigInt), "i64", [values.length]);
  }

  /** Adds a Reshape to `shape`, a value or numbers: 0 keeps a dimension, -1 infers one. */
  reshape(value: Value, shape: Value | readonly number[]): Value {
    return this.node("Reshape", [value, typeof shape === "string" ? shape : this.ints(shape)]);
  }

  transpose(value: Value, permutation: readonly number[]): Value {
    return this.node("Transpose", [value], { perm: permutation.map(BigInt) });
  }

  serialize(): Uint8Array {
    if (this.#outputs.length === 0) {
      throw new Error(`Cannot write graph ${this.#name}: it has no output`);
    }
    return onnx.ModelProto.encode({
      irVersion: 11,
      producerName: "frankenstein",
      opsetImport: [{ domain: "", version: 23 }, { domain: "com.microsoft", version: 1 }],
      graph: {
        name: this.#name,
        node: this.#nodes,
        initializer: this.#initializers,
        input: this.#inputs,
        output: this.#outputs,
      },
    }).finish();
  }
}
