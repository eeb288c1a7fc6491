/**
 * Laying tensors out in safetensors files.
 *
 * @module
 */
import { BYTES_PER_ELEMENT, SINGLE_FILE, type TensorInfo } from "../checkpoint/mod.ts";

/** What a header says of a tensor. */
export type HeaderTensor = Pick<TensorInfo, "name" | "dtype" | "shape" | "byteLength">;

export interface Shard<T extends HeaderTensor> {
  file: string;
  tensors: T[];
  /** Bytes of its tensors, without the header. */
  byteLength: number;
}

/**
 * Spreads tensors over files of at most `maxBytes` of weights, in their order; a tensor that is
 * larger has a file to itself. Within a file, larger element types come first, so that every tensor
 * is aligned to its type.
 *
 * @returns One shard, `model.safetensors`, or several, `model-00001-of-00003.safetensors`.
 * @throws {RangeError} if `maxBytes` is not a whole number above 0.
 */
export function planShards<T extends HeaderTensor>(
  tensors: readonly T[],
  maxBytes: number,
): Shard<T>[] {
  if (!Number.isSafeInteger(maxBytes) || maxBytes < 1) {
    throw new RangeError(`Cannot write shards of ${maxBytes} bytes: give a whole number above 0`);
  }
  const groups: { tensors: T[]; byteLength: number }[] = [{ tensors: [], byteLength: 0 }];
  for (const tensor of tensors) {
    let group = groups.at(-1)!;
    if (group.tensors.length > 0 && group.byteLength + tensor.byteLength > maxBytes) {
      groups.push(group = { tensors: [], byteLength: 0 });
    }
    group.tensors.push(tensor);
    group.byteLength += tensor.byteLength;
  }
  const five = (n: number) => String(n).padStart(5, "0");
  return groups.map(({ tensors, byteLength }, i) => ({
    file: groups.length === 1
      ? SINGLE_FILE
      : `model-${five(i + 1)}-of-${five(groups.length)}.safetensors`,
    tensors: tensors.toSorted((a, b) => BYTES_PER_ELEMENT[b.dtype] - BYTES_PER_ELEMENT[a.dtype]),
    byteLength,
  }));
}

/**
 * The beginning of a safetensors file, up to the first tensor's bytes: the header's size, and the
 * header, padded with spaces to a multiple of 8 bytes. Its metadata says `format: pt`, without which
 * transformers refuses a file.
 *
 * @param tensors In the order of their bytes.
 */
export function shardHeader(tensors: readonly HeaderTensor[]): Uint8Array<ArrayBuffer> {
  let offset = 0;
  const entries = tensors.map(({ name, dtype, shape, byteLength }) => {
    const data_offsets = [offset, offset += byteLength];
    return [name, { dtype, shape, data_offsets }] as const;
  });
  const json = JSON.stringify(
    Object.fromEntries([["__metadata__", { format: "pt" }], ...entries]),
  );
  const text = new TextEncoder().encode(json);
  const bytes = new Uint8Array(8 + Math.ceil(text.length / 8) * 8).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(bytes.length - 8), true);
  bytes.set(text, 8);
  return bytes;
}

/** The text of the index file. */
export function shardIndex(shards: readonly Shard<HeaderTensor>[]): string {
  const total_size = shards.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const weight_map = Object.fromEntries(
    shards.flatMap(({ file, tensors }) => tensors.map(({ name }) => [name, file])),
  );
  return `${JSON.stringify({ metadata: { total_size }, weight_map }, null, 2)}\n`;
}
