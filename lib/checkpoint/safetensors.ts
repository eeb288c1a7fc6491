/**
 * Safetensors headers: where each tensor lies in a file, checked before anything is allocated.
 *
 * Layout (format specification of the safetensors project): 8 bytes little-endian N, N bytes of
 * JSON, then the tensors' bytes back to back; offsets count from the end of the header.
 *
 * @module
 */
import { z } from "zod";
import { parseStrictJson } from "../strict_json.ts";
import { BYTES_PER_ELEMENT } from "./dtype.ts";
import { valueText } from "../list_text.ts";

/** A tensor in a safetensors file. */
export interface TensorInfo {
  /** Name as the file gives it. */
  name: string;
  /** Element type as the file gives it, e.g. "BF16". */
  dtype: string;
  /** Dimensions, outermost first; empty for a scalar. */
  shape: number[];
  /** Path of the file that holds it. */
  file: string;
  /** Absolute offset of the first byte in the file. */
  offset: number;
  /** Size in bytes. */
  byteLength: number;
}

/** The format's own limit on the header's size, in bytes. */
const MAX_HEADER_BYTES = 100_000_000;

/** Beyond what any model has: names and shapes stand in messages. */
const MAX_DIMENSIONS = 16;
const MAX_NAME = 512;

const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(z.int().nonnegative()).max(MAX_DIMENSIONS),
  data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
});

function fail(file: string, why: string): never {
  throw new Error(`Cannot read ${file}: ${why}`);
}

/** Reads until `into` is full or the file ends; returns how many bytes were read. */
export function readInto(handle: Deno.FsFile, into: Uint8Array): number {
  let filled = 0;
  while (filled < into.length) {
    const count = handle.readSync(filled === 0 ? into : into.subarray(filled));
    if (count === null) break;
    filled += count;
  }
  return filled;
}

/** Checks one header entry against the size of the data section. */
function parseEntry(
  file: string,
  [name, value]: [string, unknown],
  dataStart: number,
  dataBytes: number,
): TensorInfo {
  if (name.length > MAX_NAME) {
    const start = JSON.stringify(name.slice(0, 40));
    fail(file, `a tensor's name, ${start}..., has ${name.length} characters, above ${MAX_NAME}`);
  }
  const parsed = entrySchema.safeParse(value);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0];
    fail(file, `tensor ${name}: ${path.join(".") || "entry"}: ${message}`);
  }
  const { dtype, shape, data_offsets: [begin, end] } = parsed.data;
  const size = Object.hasOwn(BYTES_PER_ELEMENT, dtype) ? BYTES_PER_ELEMENT[dtype] : undefined;
  if (size === undefined) {
    fail(
      file,
      `tensor ${name} has unknown dtype ${valueText(dtype)}; known are ` +
        Object.keys(BYTES_PER_ELEMENT).join(", "),
    );
  }
  if (begin > end || end > dataBytes) {
    fail(
      file,
      `tensor ${name} has data_offsets [${begin}, ${end}] outside of the file's ${dataBytes} ` +
        "bytes of data; the file is truncated or damaged: download it again",
    );
  }
  const elements = shape.reduce((product, dimension) => product * dimension, 1);
  if (elements * size !== end - begin) {
    fail(
      file,
      `tensor ${name} of shape [${shape.join(", ")}] and dtype ${dtype} needs ` +
        `${elements * size} bytes, but data_offsets [${begin}, ${end}] hold ${end - begin}`,
    );
  }
  return { name, dtype, shape, file, offset: dataStart + begin, byteLength: end - begin };
}

/** Tensors must tile the data section: an overlap or a gap means a damaged header. */
function checkTiling(file: string, tensors: TensorInfo[], dataStart: number, fileBytes: number) {
  const ordered = [...tensors].sort((a, b) => a.offset - b.offset || a.byteLength - b.byteLength);
  let position = dataStart;
  let previous = "the header";
  for (const { name, offset, byteLength } of ordered) {
    if (offset < position) {
      fail(file, `tensor ${name} overlaps ${previous} by ${position - offset} bytes`);
    }
    if (offset > position) {
      fail(file, `${offset - position} bytes before tensor ${name} belong to no tensor`);
    }
    position = offset + byteLength;
    previous = `tensor ${name}`;
  }
  if (position !== fileBytes) {
    fail(file, `${fileBytes - position} bytes after ${previous} belong to no tensor`);
  }
}

/**
 * Reads and checks the header of a safetensors file.
 *
 * @param file Path of the file.
 * @returns Its tensors, in the header's order.
 * @throws {Error} if the file cannot be opened, is shorter than its header says, or its header is
 * malformed; names the file, the tensor and the field.
 */
export function readSafetensorsHeader(file: string): TensorInfo[] {
  let handle: Deno.FsFile;
  try {
    handle = Deno.openSync(file);
  } catch (cause) {
    throw new Error(`Cannot open ${file}: ${(cause as Error).message}`, { cause });
  }
  try {
    const fileBytes = handle.statSync().size;
    const prefix = new Uint8Array(8);
    if (fileBytes < 8 || readInto(handle, prefix) < 8) {
      fail(file, `${fileBytes} bytes are too few for a safetensors file`);
    }
    const headerBytes = new DataView(prefix.buffer).getBigUint64(0, true);
    if (headerBytes > BigInt(fileBytes - 8)) {
      fail(
        file,
        `the header is said to have ${headerBytes} bytes, but the file has only ${fileBytes}; ` +
          "the file is truncated or is not safetensors",
      );
    }
    if (headerBytes > BigInt(MAX_HEADER_BYTES)) {
      fail(file, `the header's ${headerBytes} bytes are over the limit of ${MAX_HEADER_BYTES}`);
    }
    const header = new Uint8Array(Number(headerBytes));
    if (readInto(handle, header) < header.length) fail(file, "it ended inside the header");
    const json = parseStrictJson(header, { source: `the header of ${file}` });
    if (json === null || typeof json !== "object" || Array.isArray(json)) {
      fail(file, "the header is not a JSON object");
    }
    const dataStart = 8 + header.length;
    const tensors = Object.entries(json)
      .filter(([name]) => name !== "__metadata__")
      .map((entry) => parseEntry(file, entry, dataStart, fileBytes - dataStart));
    checkTiling(file, tensors, dataStart, fileBytes);
    return tensors;
  } finally {
    handle.close();
  }
}
