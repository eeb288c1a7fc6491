/**
 * The wire format of ZMTP 3.0 with the NULL mechanism: greeting, frames, commands. Pure: bytes in,
 * bytes out. Source: the ZMTP 3.0 specification (ZeroMQ RFC 23).
 *
 * @module
 */

/** Bytes of the greeting that each peer sends first. */
export const GREETING_LENGTH = 64;

const FLAG_MORE = 1;
const FLAG_LONG = 2;
const FLAG_COMMAND = 4;
const MECHANISM_OFFSET = 12;
const MECHANISM_LENGTH = 20;

/** Limits against a peer that announces more than it should. */
export interface ZmtpLimits {
  /** Largest frame body in bytes. Default 512 MiB. */
  maxFrameBytes?: number;
  /** Most bytes that the frames of one message may hold together. Default 1 GiB. */
  maxMessageBytes?: number;
  /** Most frames in one message. Default 1024. */
  maxFrames?: number;
}

/** What a {@link ZmtpDecoder} found: a whole message, or a command. */
export type ZmtpEvent =
  | { kind: "message"; frames: Uint8Array[] }
  | { kind: "command"; name: string; body: Uint8Array };

/** The bytes received are not ZMTP 3.0, or exceed a limit. */
export class ZmtpError extends Error {
  override name = "ZmtpError";
}

/**
 * The 64-byte greeting of a client: signature, version 3.0, mechanism NULL.
 *
 * @example
 * ```ts
 * const greeting = encodeGreeting();
 * checkGreeting(greeting);
 * ```
 */
export function encodeGreeting(): Uint8Array {
  const bytes = new Uint8Array(GREETING_LENGTH);
  bytes[0] = 0xff;
  bytes[9] = 0x7f;
  bytes[10] = 3;
  bytes.set(new TextEncoder().encode("NULL"), MECHANISM_OFFSET);
  return bytes;
}

/**
 * Checks a peer's greeting.
 *
 * @throws {ZmtpError} If it is no ZMTP greeting, is older than version 3, or wants a security
 * mechanism other than NULL.
 */
export function checkGreeting(bytes: Uint8Array): void {
  if (bytes.length !== GREETING_LENGTH || bytes[0] !== 0xff || bytes[9] !== 0x7f) {
    const start = Array.from(bytes.subarray(0, 10), (b) => b.toString(16).padStart(2, "0"));
    throw new ZmtpError(
      `The peer does not speak ZMTP: its first bytes are ${start.join(" ")}, expected ff .. 7f`,
    );
  }
  if (bytes[10] < 3) {
    throw new ZmtpError(`The peer speaks ZMTP version ${bytes[10]}, expected 3 or newer`);
  }
  const field = bytes.subarray(MECHANISM_OFFSET, MECHANISM_OFFSET + MECHANISM_LENGTH);
  const mechanism = new TextDecoder().decode(field).replace(/\0+$/, "");
  if (mechanism !== "NULL") {
    throw new ZmtpError(`The peer wants the mechanism ${JSON.stringify(mechanism)}, expected NULL`);
  }
}

/**
 * One message of one or more frames as bytes. Bodies of up to 255 bytes get the one-byte length,
 * longer ones the eight-byte length.
 *
 * @example
 * ```ts
 * const bytes = encodeMessage([Uint8Array.of(1, 2), new Uint8Array(0)]);
 * // flags "more", length 2, body; flags none, length 0
 * if (bytes.join() !== "1,2,1,2,0,0") throw new Error(bytes.join());
 * ```
 */
export function encodeMessage(frames: readonly Uint8Array[]): Uint8Array {
  if (frames.length === 0) throw new ZmtpError("Cannot send a message without frames");
  return concat(frames.flatMap((body, i) => {
    const more = i < frames.length - 1 ? FLAG_MORE : 0;
    return [frameHeader(more, body.length), body];
  }));
}

/** The READY command that ends the NULL handshake, with its metadata properties. */
export function encodeReady(properties: Record<string, string>): Uint8Array {
  const encoder = new TextEncoder();
  const parts: Uint8Array[] = [Uint8Array.of(5), encoder.encode("READY")];
  for (const [name, value] of Object.entries(properties)) {
    const nameBytes = encoder.encode(name);
    const valueBytes = encoder.encode(value);
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, valueBytes.length);
    parts.push(Uint8Array.of(nameBytes.length), nameBytes, length, valueBytes);
  }
  const body = concat(parts);
  return concat([frameHeader(FLAG_COMMAND, body.length), body]);
}

/**
 * Cuts a byte stream, given in pieces of any size, into messages and commands.
 *
 * @example
 * ```ts
 * const decoder = new ZmtpDecoder();
 * const bytes = encodeMessage([Uint8Array.of(7)]);
 * const events = [...decoder.push(bytes.subarray(0, 1)), ...decoder.push(bytes.subarray(1))];
 * if (events.length !== 1 || events[0].kind !== "message") throw new Error("expected a message");
 * ```
 */
export class ZmtpDecoder {
  #chunks: Uint8Array[] = [];
  #buffered = 0;
  #frames: Uint8Array[] = [];
  #messageBytes = 0;
  #limits: Required<ZmtpLimits>;

  /** Makes a decoder that expects the bytes after the greeting. */
  constructor(limits: ZmtpLimits = {}) {
    this.#limits = {
      maxFrameBytes: limits.maxFrameBytes ?? 2 ** 29,
      maxMessageBytes: limits.maxMessageBytes ?? 2 ** 30,
      maxFrames: limits.maxFrames ?? 1024,
    };
  }

  /**
   * Takes the next bytes and returns what they completed, in order.
   *
   * @throws {ZmtpError} If a frame header is malformed or a limit is exceeded. The limits are
   * checked on the header, before the body is waited for. The decoder is of no use afterwards.
   */
  push(chunk: Uint8Array): ZmtpEvent[] {
    if (chunk.length > 0) this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    const events: ZmtpEvent[] = [];
    for (let frame = this.#frame(); frame !== undefined; frame = this.#frame()) {
      const event = this.#accept(frame.flags, frame.body);
      if (event !== undefined) events.push(event);
    }
    return events;
  }

  #frame(): { flags: number; body: Uint8Array } | undefined {
    if (this.#buffered < 2) return undefined;
    const head = this.#peek(9);
    const flags = head[0];
    if ((flags & ~(FLAG_MORE | FLAG_LONG | FLAG_COMMAND)) !== 0) {
      throw new ZmtpError(`A frame has the reserved flags 0x${flags.toString(16)} set`);
    }
    const long = (flags & FLAG_LONG) !== 0;
    const headerLength = long ? 9 : 2;
    if (head.length < headerLength) return undefined;
    const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
    const length = long ? view.getBigUint64(1) : BigInt(head[1]);
    if (length > BigInt(this.#limits.maxFrameBytes)) {
      throw new ZmtpError(
        `A frame announces ${length} bytes, the limit is ${this.#limits.maxFrameBytes}`,
      );
    }
    const total = headerLength + Number(length);
    if (this.#buffered < total) return undefined;
    return { flags, body: this.#take(total).subarray(headerLength) };
  }

  #accept(flags: number, body: Uint8Array): ZmtpEvent | undefined {
    if ((flags & FLAG_COMMAND) !== 0) {
      if ((flags & FLAG_MORE) !== 0) throw new ZmtpError("A command frame has the flag MORE set");
      return decodeCommand(body);
    }
    this.#frames.push(body);
    this.#messageBytes += body.length;
    if (this.#frames.length > this.#limits.maxFrames) {
      throw new ZmtpError(`A message has more than ${this.#limits.maxFrames} frames`);
    }
    if (this.#messageBytes > this.#limits.maxMessageBytes) {
      throw new ZmtpError(`A message has more than ${this.#limits.maxMessageBytes} bytes`);
    }
    if ((flags & FLAG_MORE) !== 0) return undefined;
    const frames = this.#frames;
    this.#frames = [];
    this.#messageBytes = 0;
    return { kind: "message", frames };
  }

  /** Up to `length` bytes from the front, without consuming them. */
  #peek(length: number): Uint8Array {
    if (this.#chunks[0].length >= length || this.#chunks.length === 1) {
      return this.#chunks[0].subarray(0, length);
    }
    const out = new Uint8Array(Math.min(length, this.#buffered));
    let filled = 0;
    for (const chunk of this.#chunks) {
      if (filled === out.length) break;
      const piece = chunk.subarray(0, out.length - filled);
      out.set(piece, filled);
      filled += piece.length;
    }
    return out;
  }

  /** Consumes `length` buffered bytes. Chunks are joined once a frame is whole, not at each read. */
  #take(length: number): Uint8Array {
    const all = this.#chunks.length === 1 ? this.#chunks[0] : concat(this.#chunks);
    const rest = all.subarray(length);
    this.#chunks = rest.length > 0 ? [rest] : [];
    this.#buffered = rest.length;
    return all.subarray(0, length);
  }
}

function decodeCommand(body: Uint8Array): ZmtpEvent {
  const nameLength = body[0] ?? 0;
  if (nameLength === 0 || body.length < 1 + nameLength) {
    throw new ZmtpError(`A command of ${body.length} bytes has no complete name`);
  }
  const name = new TextDecoder().decode(body.subarray(1, 1 + nameLength));
  return { kind: "command", name, body: body.subarray(1 + nameLength) };
}

function frameHeader(flags: number, length: number): Uint8Array {
  if (length <= 255) return Uint8Array.of(flags, length);
  const header = new Uint8Array(9);
  header[0] = flags | FLAG_LONG;
  new DataView(header.buffer).setBigUint64(1, BigInt(length));
  return header;
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}
