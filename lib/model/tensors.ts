/**
 * Tensors where they are computed: arrays on the host, handles on a device, behind one interface.
 * What is done with the rows of a batch is written once, over these few operations.
 *
 * @module
 */
import type { GraphBuilder } from "./graph_builder.ts";

/** A tensor, row-major. Only the device it belongs to looks inside. */
export interface Tensor {
  readonly dims: readonly number[];
}

export interface HostTensor extends Tensor {
  readonly data: Float32Array | Int32Array | BigInt64Array | Uint8Array | Uint16Array | Uint32Array;
}

/** Rows [from, to) of a tensor's first dimension. What is viewed does not change. */
export interface View {
  readonly tensor: Tensor;
  readonly from: number;
  readonly to: number;
}

/**
 * Operations on f32 tensors [rows, width] of one device, and the tensors made by one forward pass.
 */
export interface Tensors {
  /** Values as a tensor; on the host the array itself. */
  upload(data: Float32Array, width: number): Promise<Tensor>;
  /** The values of a tensor; on the host not a copy. */
  read(tensor: Tensor): Promise<Float32Array>;
  /** The rows of views, one view after the other; shares memory where that needs no copy. */
  join(views: readonly View[]): Promise<Tensor>;
  /**
   * Which of `count` rows to compute where the rows `active` are wanted: null for all of them. A
   * device computes a few rows too many rather than move the others out and back.
   */
  rowsToCompute(active: readonly number[], count: number): readonly number[] | null;
  /** The chosen rows; all for null. */
  take(tensor: Tensor, rows: readonly number[] | null): Promise<Tensor>;
  /**
   * `base` with the rows `active` replaced by what was computed for `rows`, as
   * {@linkcode Tensors.rowsToCompute} gave them. Uses `base` up.
   */
  put(base: Tensor, values: Tensor, place: {
    rows: readonly number[] | null;
    active: readonly number[];
  }): Promise<Tensor>;
  /** x scale + shift, a new tensor; scale and shift [width]. */
  adjust(
    x: Tensor,
    by: { scale: Float32Array | null; shift: Float32Array | null },
  ): Promise<Tensor>;
  /** a + b, a new tensor. */
  add(a: Tensor, b: Tensor): Promise<Tensor>;
  /** Gives `use` the sum of (a - b)^2 over all values, as {@linkcode Tensors.readLater} does. */
  squaredDistance(a: Tensor, b: Tensor, use: (sum: number) => void): Promise<void>;
  /**
   * Gives `use` the values of a tensor, at {@linkcode Tensors.settle} or before, in the order of the
   * calls: a device is waited for once for all. On the host they are the tensor's own.
   */
  readLater(tensor: Tensor, use: (values: Float32Array) => void): Promise<void>;
  /** Gives what is still to be read. */
  settle(): Promise<void>;
  /**
   * Values [rows, width] that come again within a pass, as a tensor that stays until its end; `name`
   * is theirs alone.
   */
  constant(name: string, make: () => HostTensor): Promise<Tensor>;
  /** A tensor of nothing known, to put rows into. */
  blank(rows: number, width: number): Promise<Tensor>;
  /**
   * Whether tensors are arrays of the host, which may be written in place. Else what grows is made
   * anew by a graph.
   */
  readonly inPlace: boolean;
  /** Runs a graph of outputs that stay where they are computed; `name` is one graph's alone. */
  runAll(
    name: string,
    make: () => GraphBuilder,
    inputs: Readonly<Record<string, Tensor>>,
  ): Promise<Record<string, Tensor>>;
  /** Frees all tensors made by this pass but those kept. */
  free(kept: Iterable<Tensor>): void;
  /** Lets a tensor outlive the pass: whoever holds it drops it. */
  hold(tensor: Tensor): Tensor;
  /** Frees a tensor that was held. */
  drop(tensor: Tensor): void;
}

export function whole(tensor: Tensor): View {
  return { tensor, from: 0, to: tensor.dims[0] };
}

export function rowsOf(views: readonly View[]): number {
  return views.reduce((sum, { from, to }) => sum + to - from, 0);
}

/** Rows [from, to) of what views hold together. */
export function cut(views: readonly View[], from: number, to: number): View[] {
  const result: View[] = [];
  let at = 0;
  for (const view of views) {
    const length = view.to - view.from;
    const start = Math.max(from, at);
    const end = Math.min(to, at + length);
    if (start < end) {
      result.push({
        tensor: view.tensor,
        from: view.from + start - at,
        to: view.from + end - at,
      });
    }
    at += length;
  }
  return result;
}

/** Views with neighbours that follow each other in one tensor made one. */
export function merged(views: readonly View[]): View[] {
  const result: View[] = [];
  for (const view of views) {
    const last = result.at(-1);
    if (last && last.tensor === view.tensor && last.to === view.from) {
      result[result.length - 1] = { ...last, to: view.to };
    } else result.push(view);
  }
  return result;
}

/** Arrays put one after the other: a new array, or the only one itself. */
export function concatenate(parts: readonly Float32Array[]): Float32Array {
  if (parts.length === 1) return parts[0];
  const result = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}

/** Copies rows of [n, width] in the order given. */
function gather(values: Float32Array, rows: readonly number[], width: number): Float32Array {
  const result = new Float32Array(rows.length * width);
  rows.forEach((row, i) => result.set(values.subarray(row * width, (row + 1) * width), i * width));
  return result;
}

export function hostArray(tensor: Tensor): Float32Array {
  return (tensor as HostTensor).data as Float32Array;
}

/** The rows of a view on the host, in place. */
function hostRows({ tensor, from, to }: View): Float32Array {
  const data = hostArray(tensor);
  const width = data.length / tensor.dims[0];
  return from === 0 && to === tensor.dims[0] ? data : data.subarray(from * width, to * width);
}

export function hostTensor<Data extends HostTensor["data"]>(
  data: Data,
  dims: readonly number[],
): HostTensor & { data: Data } {
  return { data, dims };
}

/** A list of whole numbers, e.g. a shape, as a tensor on the host. */
export function intTensor(values: readonly number[]): HostTensor {
  return { data: BigInt64Array.from(values, BigInt), dims: [values.length] };
}

function rowsTensor(data: Float32Array, width: number): HostTensor {
  return { data, dims: [data.length / width, width] };
}

/** Tensors on the host: plain arrays, nothing to free. */
export const HOST_TENSORS: Omit<Tensors, "runAll"> = {
  inPlace: true,
  upload: (data, width) => Promise.resolve(rowsTensor(data, width)),
  read: (tensor) => Promise.resolve(hostArray(tensor)),
  join(views) {
    const parts = merged(views);
    const [{ tensor }] = parts;
    const width = hostArray(tensor).length / tensor.dims[0];
    return Promise.resolve(rowsTensor(concatenate(parts.map(hostRows)), width));
  },
  rowsToCompute: (active, count) => active.length === count ? null : active,
  take(tensor, rows) {
    if (rows === null) return Promise.resolve(tensor);
    const width = tensor.dims[1];
    return Promise.resolve(rowsTensor(gather(hostArray(tensor), rows, width), width));
  },
  put(base, values, { rows }) {
    if (rows === null) return Promise.resolve(values);
    const [target, source] = [hostArray(base), hostArray(values)];
    const width = base.dims[1];
    rows.forEach((row, i) => target.set(source.subarray(i * width, (i + 1) * width), row * width));
    return Promise.resolve(base);
  },
  adjust(x, { scale, shift }) {
    const [, width] = x.dims;
    const data = hostArray(x).map((value, i) =>
      value * (scale?.[i % width] ?? 1) + (shift?.[i % width] ?? 0)
    );
    return Promise.resolve(rowsTensor(data, width));
  },
  add(a, b) {
    const other = hostArray(b);
    return Promise.resolve(rowsTensor(hostArray(a).map((value, i) => value + other[i]), a.dims[1]));
  },
  squaredDistance(a, b, use) {
    const [data, other] = [hostArray(a), hostArray(b)];
    let sum = 0;
    for (let i = 0; i < data.length; i++) sum += (data[i] - other[i]) ** 2;
    use(sum);
    return Promise.resolve();
  },
  readLater(tensor, use) {
    use(hostArray(tensor));
    return Promise.resolve();
  },
  settle: () => Promise.resolve(),
  constant: (_, make) => Promise.resolve(make()),
  blank: (rows, width) => Promise.resolve(rowsTensor(new Float32Array(rows * width), width)),
  free: () => {},
  hold: (tensor) => tensor,
  drop: () => {},
};
