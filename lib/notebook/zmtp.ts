/**
 * The wire format of ZMTP 3.0 with the NULL mechanism: greeting, frames, commands. Source: the ZMTP
 * 3.0 specification (ZeroMQ RFC 23).
 *
 * @module
 */
import { Buffer } from "node:buffer";

const GREETING_LENGTH = 64;
const FLAG_MORE = 1;
const FLAG_LONG = 2;
const FLAG_COMMAND = 4;

/** Limits against a peer that announces more than it should. */
const LIMITS = { frameBytes: 2 ** 29, messageBytes: 2 ** 30, frames: 1024 };

/** What a {@link ZmtpReader} found: a whole message, or a command. */
export type ZmtpEvent =
  | { kind: "message"; frames: Uint8Array[] }
  | { kind: "command"; name: string; body: Uint8Array };

/** The bytes received are not ZMTP 3.0, or exceed a limit. */
export class ZmtpError extends Error {
  override name = "ZmtpError";
}

/** The greeting of a client: signature, version 3.0, mechanism NULL. */
export function encodeGreeting(): Uint8Array {
  const bytes = new Uint8Array(GREETING_LENGTH);
  bytes.set([0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0x7f, 3, 0, ...Buffer.from("NULL")]);
  return bytes;
}

function encodeFrame(flags: number, body: Uint8Array): Buffer {
  if (body.length <= 255) return Buffer.concat([Buffer.of(flags, body.length), body]);
  const header = Buffer.alloc(9, flags | FLAG_LONG);
  header.writeBigUInt64BE(BigInt(body.length), 1);
  return Buffer.concat([header, body]);
}

/**
 * One message of one or more frames as bytes.
 *
 * @example
 * ```ts
 * const bytes = encodeMessage([Uint8Array.of(1, 2), new Uint8Array(0)]);
 * // flags "more", length 2, body; flags none, length 0
 * if (bytes.join() !== "1,2,1,2,0,0") throw new Error(bytes.join());
 * ```
 */
export function encodeMessage(frames: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(
    frames.map((body, i) => encodeFrame(i < frames.length - 1 ? FLAG_MORE : 0, body)),
  );
}

/** The READY command that ends the NULL handshake, with its metadata properties. */
export function encodeReady(properties: Record<string, string>): Uint8Array {
  const parts = Object.entries(properties).flatMap(([name, value]) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(value.length);
    return [Buffer.of(name.length), Buffer.from(name), length, Buffer.from(value)];
  });
  return encodeFrame(FLAG_COMMAND, Buffer.concat([Buffer.from("\x05READY"), ...parts]));
}

/** Reads what a peer sends: its greeting, then messages and commands. */
export class ZmtpReader {
  #reader: ReadableStreamBYOBReader;
  #limits: typeof LIMITS;

  constructor(stream: ReadableStream<Uint8Array>, limits: Partial<typeof LIMITS> = {}) {
    this.#reader = stream.getReader({ mode: "byob" });
    this.#limits = { ...LIMITS, ...limits };
  }

  /**
   * Reads the greeting.
   *
   * @throws {ZmtpError} If it is no ZMTP greeting, is older than version 3, or wants a security
   * mechanism other than NULL.
   */
  async greeting(): Promise<void> {
    const bytes = await this.#bytes(GREETING_LENGTH);
    if (bytes === null) throw new ZmtpError("The peer closed the connection during the greeting");
    if (bytes[0] !== 0xff || bytes[9] !== 0x7f) {
      const start = Array.from(bytes.subarray(0, 10), (b) => b.toString(16).padStart(2, "0"));
      throw new ZmtpError(
        `The peer does not speak ZMTP: its first bytes are ${start.join(" ")}, expected ff .. 7f`,
      );
    }
    if (bytes[10] < 3) {
      throw new ZmtpError(`The peer speaks ZMTP version ${bytes[10]}, expected 3 or newer`);
    }
    const mechanism = Buffer.from(bytes.subarray(12, 32)).toString().replace(/\0+$/, "");
    if (mechanism !== "NULL") {
      throw new ZmtpError(`The peer wants the mechanism "${mechanism}", expected NULL`);
    }
  }

  /**
   * The next message or command, or null once the peer has closed the connection.
   *
   * @throws {ZmtpError} If a frame is malformed or exceeds a limit, which is checked before its body
   * is waited for. The reader is of no use afterwards.
   */
  async next(): Promise<ZmtpEvent | null> {
    const frames: Uint8Array[] = [];
    for (let bytes = 0;;) {
      const flags = (await this.#bytes(1))?.[0];
      if (flags === undefined) return null;
      if ((flags & ~(FLAG_MORE | FLAG_LONG | FLAG_COMMAND)) !== 0) {
        throw new ZmtpError(`A frame has the reserved flags 0x${flags.toString(16)} set`);
      }
      const size = await this.#bytes(flags & FLAG_LONG ? 8 : 1);
      const length = size?.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n) ?? 0n;
      const limits = this.#limits;
      if (length > BigInt(limits.frameBytes)) {
        throw new ZmtpError(`A frame announces ${length} bytes, the limit is ${limits.frameBytes}`);
      }
      const body = size && await this.#bytes(Number(length));
      if (body === null) return null;
      if (flags & FLAG_COMMAND) {
        if (flags & FLAG_MORE) throw new ZmtpError("A command frame has the flag MORE set");
        return decodeCommand(body);
      }
      frames.push(body);
      bytes += body.length;
      if (frames.length > limits.frames) {
        throw new ZmtpError(`A message has more than ${limits.frames} frames`);
      }
      if (bytes > limits.messageBytes) {
        throw new ZmtpError(`A message has more than ${limits.messageBytes} bytes`);
      }
      if (!(flags & FLAG_MORE)) return { kind: "message", frames };
    }
  }

  /** So many bytes, or null if the stream ends before. */
  async #bytes(length: number): Promise<Uint8Array | null> {
    let bytes = new Uint8Array(length);
    for (let filled = 0; filled < length;) {
      const { value, done } = await this.#reader.read(bytes.subarray(filled));
      if (done) return null;
      filled += value.length;
      bytes = new Uint8Array(value.buffer);
    }
    return bytes;
  }
}

function decodeCommand(body: Uint8Array): ZmtpEvent {
  const end = 1 + (body[0] ?? 0);
  if (end === 1 || body.length < end) {
    throw new ZmtpError(`A command of ${body.length} bytes has no complete name`);
  }
  const name = new TextDecoder().decode(body.subarray(1, end));
  return { kind: "command", name, body: body.subarray(end) };
}
