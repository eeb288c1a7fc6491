/**
 * Writes checkpoints for tests: safetensors files, shards with an index, config.json.
 *
 * @module
 */
import { join } from "node:path";
import { BYTES_PER_ELEMENT } from "../checkpoint/dtype.ts";
import { indicesOf } from "../checkpoint/tensor_place.ts";

/** A tensor to write. Values are rounded to the dtype (BF16 to nearest even). */
export interface TensorToWrite {
  dtype: "BF16" | "F16" | "F32" | "F64";
  shape: number[];
  values: ArrayLike<number>;
}

/** Bit pattern of the BF16 nearest to `value`. */
export function toBf16(value: number): number {
  const bits = new Uint32Array(new Float32Array([value]).buffer)[0];
  if ((bits & 0x7f800000) === 0x7f800000) {
    return (bits >>> 16) | ((bits & 0xffff) !== 0 ? 0x40 : 0);
  }
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

function encode({ dtype, values }: TensorToWrite): Uint8Array {
  const list = Array.from(values);
  switch (dtype) {
    case "BF16":
      return new Uint8Array(new Uint16Array(list.map(toBf16)).buffer);
    case "F16":
      return new Uint8Array(new Float16Array(list).buffer);
    case "F32":
      return new Uint8Array(new Float32Array(list).buffer);
    case "F64":
      return new Uint8Array(new Float64Array(list).buffer);
  }
}

/** The bytes of a safetensors file. */
export function safetensorsBytes(tensors: Record<string, TensorToWrite>): Uint8Array<ArrayBuffer> {
  const header: Record<string, unknown> = { __metadata__: { format: "pt" } };
  const blocks: Uint8Array[] = [];
  let offset = 0;
  for (const [name, tensor] of Object.entries(tensors)) {
    const bytes = encode(tensor);
    const elements = tensor.shape.reduce((a, b) => a * b, 1);
    if (bytes.length !== elements * BYTES_PER_ELEMENT[tensor.dtype]) {
      throw new Error(`${name}: ${tensor.values.length} values for shape [${tensor.shape}]`);
    }
    header[name] = {
      dtype: tensor.dtype,
      shape: tensor.shape,
      data_offsets: [offset, offset + bytes.length],
    };
    offset += bytes.length;
    blocks.push(bytes);
  }
  return withHeader(JSON.stringify(header), blocks);
}

/** A safetensors file with a given header text, whether or not it fits the data. */
export function withHeader(header: string, blocks: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + text.length + blocks.reduce((sum, b) => sum + b.length, 0));
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  let position = 8 + text.length;
  for (const block of blocks) {
    bytes.set(block, position);
    position += block.length;
  }
  return bytes;
}

/** Options of {@linkcode writeCheckpoint}. */
export interface WriteCheckpointOptions {
  /** Number of shards; 1 writes model.safetensors. */
  shards?: number;
  /** config.json; default: as many LLM layers and vision blocks as there are tensors of. */
  config?: unknown;
}

/** config.json in the flat layout of a model with these tensors; vision_config only if it has blocks. */
export function configFor(names: Iterable<string>): Record<string, unknown> {
  const { blocks, layers } = indicesOf(names);
  return {
    model_type: blocks.size > 0 ? "qwen2_5_vl" : "qwen2",
    num_hidden_layers: layers.size,
    ...(blocks.size > 0 && { vision_config: { depth: blocks.size } }),
  };
}

/** Writes a checkpoint folder; returns its path. */
export function writeCheckpoint(
  folder: string,
  tensors: Record<string, TensorToWrite>,
  { shards = 1, config = configFor(Object.keys(tensors)) }: WriteCheckpointOptions = {},
): string {
  Deno.mkdirSync(folder, { recursive: true });
  Deno.writeTextFileSync(join(folder, "config.json"), JSON.stringify(config));
  if (shards === 1) {
    Deno.writeFileSync(join(folder, "model.safetensors"), safetensorsBytes(tensors));
    return folder;
  }
  const names = Object.keys(tensors);
  const weight_map: Record<string, string> = {};
  for (let shard = 0; shard < shards; shard++) {
    const file = `model-0000${shard + 1}-of-0000${shards}.safetensors`;
    const mine = names.filter((_, i) => i % shards === shard);
    for (const name of mine) weight_map[name] = file;
    Deno.writeFileSync(
      join(folder, file),
      safetensorsBytes(Object.fromEntries(mine.map((name) => [name, tensors[name]]))),
    );
  }
  Deno.writeTextFileSync(
    join(folder, "model.safetensors.index.json"),
    JSON.stringify({ metadata: {}, weight_map }),
  );
  return folder;
}

/** `count` standard normal values of a `randomSource` (Box-Muller). */
export function randomNormal(count: number, random: () => number): Float64Array {
  return Float64Array.from({ length: count }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    return radius * Math.cos(2 * Math.PI * random());
  });
}
