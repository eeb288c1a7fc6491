/**
 * A ZMTP client socket over TCP: the handshake, then whole messages out and in.
 *
 * @module
 */
import {
  checkGreeting,
  encodeGreeting,
  encodeMessage,
  encodeReady,
  GREETING_LENGTH,
  ZmtpDecoder,
  ZmtpError,
  type ZmtpEvent,
  type ZmtpLimits,
} from "./zmtp.ts";

/** Options of {@link connectZmtp}. */
export interface ConnectZmtpOptions extends ZmtpLimits {
  /** The ZeroMQ pattern this end plays: DEALER talks to a ROUTER, SUB listens to a PUB. */
  socketType: "DEALER" | "SUB";
  /** The port at 127.0.0.1 to connect to. */
  port: number;
  /** The identity a ROUTER gives this end; by default the ROUTER chooses one. */
  identity?: string;
}

/** A connected ZMTP socket. */
export interface ZmtpSocket {
  /** Sends one message. Messages leave in the order of the calls. */
  send(frames: readonly Uint8Array[]): Promise<void>;
  /**
   * The next message, or null once either end has closed the connection. One caller at a time.
   *
   * @throws {ZmtpError} If the peer breaks the protocol.
   */
  receive(): Promise<Uint8Array[] | null>;
  /** Closes the connection; a pending `receive` answers null. */
  close(): void;
}

/**
 * Connects to a ZMTP 3 peer on this machine and finishes the handshake. A SUB socket subscribes to
 * every topic.
 *
 * @throws {Deno.errors.ConnectionRefused} If nothing listens at the port (yet).
 * @throws {ZmtpError} If the peer does not speak ZMTP 3 with the NULL mechanism.
 */
export async function connectZmtp(options: ConnectZmtpOptions): Promise<ZmtpSocket> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port: options.port });
  try {
    connection.setNoDelay(true);
    const socket = new TcpZmtpSocket(connection, options);
    await socket.handshake(options);
    return socket;
  } catch (error) {
    closeQuietly(connection);
    throw error;
  }
}

class TcpZmtpSocket implements ZmtpSocket {
  #connection: Deno.TcpConn;
  #decoder: ZmtpDecoder;
  #buffer = new Uint8Array(65536);
  #messages: Uint8Array[][] = [];
  #sending: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(connection: Deno.TcpConn, limits: ZmtpLimits) {
    this.#connection = connection;
    this.#decoder = new ZmtpDecoder(limits);
  }

  async handshake(options: ConnectZmtpOptions): Promise<void> {
    await this.#write(encodeGreeting());
    const greeting = new Uint8Array(GREETING_LENGTH);
    for (let filled = 0; filled < GREETING_LENGTH;) {
      const n = await this.#connection.read(greeting.subarray(filled));
      if (n === null) throw new ZmtpError("The peer closed the connection during the greeting");
      filled += n;
    }
    checkGreeting(greeting);
    const properties: Record<string, string> = { "Socket-Type": options.socketType };
    if (options.socketType === "DEALER") properties["Identity"] = options.identity ?? "";
    await this.#write(encodeReady(properties));
    let ready = false;
    while (!ready) {
      const events = await this.#read();
      if (events === null) throw new ZmtpError("The peer closed the connection before READY");
      for (const event of events) {
        if (event.kind === "command") ready ||= event.name === "READY";
        else this.#messages.push(event.frames);
      }
    }
    // A subscription is a message of the byte 1 and the topic; the empty topic is all topics.
    if (options.socketType === "SUB") await this.send([Uint8Array.of(1)]);
  }

  send(frames: readonly Uint8Array[]): Promise<void> {
    const bytes = encodeMessage(frames);
    const sent = this.#sending.then(() => this.#write(bytes));
    this.#sending = sent.catch(() => {});
    return sent;
  }

  async receive(): Promise<Uint8Array[] | null> {
    for (;;) {
      const message = this.#messages.shift();
      if (message !== undefined) return message;
      const events = await this.#read();
      if (events === null) return null;
      for (const event of events) {
        if (event.kind === "message") this.#messages.push(event.frames);
      }
    }
  }

  close(): void {
    this.#closed = true;
    closeQuietly(this.#connection);
  }

  async #read(): Promise<ZmtpEvent[] | null> {
    let n: number | null;
    try {
      n = await this.#connection.read(this.#buffer);
    } catch (error) {
      // Closing our end, or a peer that was killed, ends the stream like an orderly close.
      if (this.#closed || error instanceof Deno.errors.ConnectionReset) return null;
      throw error;
    }
    if (n === null) return null;
    const events = this.#decoder.push(this.#buffer.slice(0, n));
    for (const event of events) {
      if (event.kind === "command" && event.name === "ERROR") {
        const reason = new TextDecoder().decode(event.body.subarray(1));
        throw new ZmtpError(`The peer refused the connection: ${reason}`);
      }
    }
    return events;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      done += await this.#connection.write(bytes.subarray(done));
    }
  }
}

function closeQuietly(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}
