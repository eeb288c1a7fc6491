/**
 * A small DEFLATE encoder (RFC 1951) whose output never changes with a library's version: one block
 * of fixed Huffman codes, matches only at one given distance or at distance 1.
 *
 * @module
 */

/** Writes bits, least significant first. */
class BitWriter {
  #bytes: number[] = [];
  #held = 0;
  #count = 0;

  /** Appends `length` bits of `value`, lowest bit first. */
  bits(value: number, length: number): void {
    this.#held |= value << this.#count;
    this.#count += length;
    while (this.#count >= 8) {
      this.#bytes.push(this.#held & 255);
      this.#held >>>= 8;
      this.#count -= 8;
    }
  }

  /** Appends a Huffman code, whose bits go in highest first. */
  code(value: number, length: number): void {
    let reversed = 0;
    for (let i = 0; i < length; i++) reversed |= (value >> i & 1) << (length - 1 - i);
    this.bits(reversed, length);
  }

  finish(): Uint8Array<ArrayBuffer> {
    if (this.#count > 0) this.#bytes.push(this.#held & 255);
    return Uint8Array.from(this.#bytes);
  }
}

const MIN_MATCH = 3;
const MAX_MATCH = 258;
/** Shortest length of the length codes 257 to 285, and of the distance codes 0 to 29. */
const lengthBases = bases(3, 8, 4, 28).concat(MAX_MATCH);
const distanceBases = bases(1, 4, 2, 30);

/** First values of `count` codes: `plain` codes of one value each, then doubling per `group`. */
function bases(start: number, plain: number, group: number, count: number): number[] {
  const result: number[] = [];
  let value = start;
  for (let code = 0; code < count; code++) {
    result.push(value);
    value += 1 << extraBits(code, plain, group);
  }
  return result;
}

function extraBits(code: number, plain: number, group: number): number {
  return code < plain ? 0 : Math.floor((code - plain) / group) + 1;
}

/** Fixed code of a literal, length code or end of block (RFC 1951, 3.2.6). */
function writeSymbol(out: BitWriter, symbol: number): void {
  if (symbol < 144) out.code(0x30 + symbol, 8);
  else if (symbol < 256) out.code(0x190 + symbol - 144, 9);
  else if (symbol < 280) out.code(symbol - 256, 7);
  else out.code(0xc0 + symbol - 280, 8);
}

function writeMatch(out: BitWriter, length: number, distance: number): void {
  const lengthCode = lengthBases.findLastIndex((base) => base <= length);
  writeSymbol(out, 257 + lengthCode);
  const lengthExtra = length === MAX_MATCH ? 0 : extraBits(lengthCode, 8, 4);
  out.bits(length - lengthBases[lengthCode], lengthExtra);
  const distanceCode = distanceBases.findLastIndex((base) => base <= distance);
  out.code(distanceCode, 5);
  out.bits(distance - distanceBases[distanceCode], extraBits(distanceCode, 4, 2));
}

function matchLength(bytes: Uint8Array, at: number, distance: number): number {
  if (at < distance) return 0;
  const most = Math.min(MAX_MATCH, bytes.length - at);
  let length = 0;
  while (length < most && bytes[at + length] === bytes[at + length - distance]) length++;
  return length;
}

/**
 * Compresses `bytes` with matches at distance 1 and at `stride` (the bytes of an image row), which
 * is nearly all there is to find in a drawing of flat colours.
 *
 * @param stride 1 to 32768.
 * @returns A raw DEFLATE stream.
 */
export function deflateRows(bytes: Uint8Array, stride: number): Uint8Array<ArrayBuffer> {
  if (!Number.isInteger(stride) || stride < 1 || stride > 32768) {
    throw new RangeError(`Cannot match at distance ${stride}: DEFLATE allows 1 to 32768.`);
  }
  const out = new BitWriter();
  out.bits(1, 1); // the last block
  out.bits(1, 2); // fixed Huffman codes
  for (let at = 0; at < bytes.length;) {
    const run = matchLength(bytes, at, 1);
    const above = matchLength(bytes, at, stride);
    const best = Math.max(run, above);
    if (best < MIN_MATCH) {
      writeSymbol(out, bytes[at++]);
      continue;
    }
    writeMatch(out, best, run === best ? 1 : stride);
    at += best;
  }
  writeSymbol(out, 256);
  return out.finish();
}
