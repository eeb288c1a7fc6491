/**
 * A ZMTP client socket over TCP: the handshake, then whole messages out and in.
 *
 * @module
 */
import {
  encodeGreeting,
  encodeMessage,
  encodeReady,
  ZmtpError,
  type ZmtpEvent,
  ZmtpReader,
} from "./zmtp.ts";

/** The ZeroMQ pattern this end plays: DEALER talks to a ROUTER, SUB listens to a PUB. */
export type ZmtpSocketType = "DEALER" | "SUB";

/** A connected ZMTP socket. */
export class ZmtpSocket {
  #connection: Deno.TcpConn;
  #reader: ZmtpReader;
  #sending: Promise<void> = Promise.resolve();
  #closed = false;

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
    this.#reader = new ZmtpReader(connection.readable);
  }

  /**
   * Connects to a ZMTP 3 peer at a port of this machine and finishes the handshake. A SUB socket
   * subscribes to every topic.
   *
   * @throws {Deno.errors.ConnectionRefused} If nothing listens at the port (yet).
   * @throws {ZmtpError} If the peer does not speak ZMTP 3 with the NULL mechanism.
   */
  static async connect(type: ZmtpSocketType, port: number): Promise<ZmtpSocket> {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    connection.setNoDelay(true);
    const socket = new ZmtpSocket(connection);
    try {
      await socket.#handshake(type);
      return socket;
    } catch (error) {
      socket.close();
      throw error;
    }
  }

  async #handshake(type: ZmtpSocketType): Promise<void> {
    await this.#write(encodeGreeting());
    await this.#reader.greeting();
    await this.#write(encodeReady({ "Socket-Type": type, Identity: "" }));
    for (let ready = false; !ready;) {
      const event = await this.#next();
      if (event === null) throw new ZmtpError("The peer closed the connection before READY");
      ready = event.kind === "command" && event.name === "READY";
    }
    // A subscription is a message of the byte 1 and the topic; the empty topic is all topics.
    if (type === "SUB") await this.send([Uint8Array.of(1)]);
  }

  /** Sends one message. Messages leave in the order of the calls. */
  send(frames: readonly Uint8Array[]): Promise<void> {
    const sent = this.#sending.then(() => this.#write(encodeMessage(frames)));
    this.#sending = sent.catch(() => {});
    return sent;
  }

  /**
   * The next message, or null once either end has closed the connection. One caller at a time.
   *
   * @throws {ZmtpError} If the peer breaks the protocol.
   */
  async receive(): Promise<Uint8Array[] | null> {
    for (;;) {
      const event = await this.#next();
      if (event === null) return null;
      if (event.kind === "message") return event.frames;
    }
  }

  /** Closes the connection; a pending `receive` answers null. */
  close(): void {
    this.#closed = true;
    try {
      this.#connection.close();
    } catch (error) {
      // The end of what it sends closes the connection, too.
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
  }

  async #next(): Promise<ZmtpEvent | null> {
    const event = await this.#reader.next().catch((error) => {
      // Closing our end, or a peer that was killed, ends the stream like an orderly close.
      if (this.#closed || error instanceof Deno.errors.ConnectionReset) return null;
      throw error;
    });
    if (event?.kind === "command" && event.name === "ERROR") {
      const reason = new TextDecoder().decode(event.body.subarray(1));
      throw new ZmtpError(`The peer refused the connection: ${reason}`);
    }
    return event;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      done += await this.#connection.write(bytes.subarray(done));
    }
  }
}
