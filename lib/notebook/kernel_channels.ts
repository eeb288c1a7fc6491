/**
 * The connections to a running kernel: requests with their replies, and what it publishes.
 *
 * @module
 */
import { sleep } from "../signals.ts";
import {
  decodeJupyterMessage,
  encodeJupyterMessage,
  type JsonObject,
  type JupyterMessage,
  newRequest,
} from "./jupyter_message.ts";
import type { ConnectionInfo } from "./kernel_process.ts";
import { ZmtpSocket, type ZmtpSocketType } from "./zmtp_socket.ts";

/** The channels used: code, interrupt and shutdown, and outputs. */
type ChannelName = "shell" | "control" | "iopub";

/** Signed channels to one kernel. */
export class KernelChannels {
  /** Gets the type and content of each message that the kernel publishes, in order. */
  onPublish: (type: string, content: JsonObject) => void = () => {};
  /** Rejects once the channels are of no more use; the reason is the error of all requests. */
  readonly failure: Promise<never>;
  #connection: ConnectionInfo;
  #session = crypto.randomUUID();
  #sockets = new Map<ChannelName, ZmtpSocket>();
  #pumps: Promise<void>[] = [];
  #replies = new Map<string, (content: JsonObject) => void>();
  #fail: (error: unknown) => void;
  #closed = false;

  /** Takes the kernel's connection file; nothing is connected yet. */
  constructor(connection: ConnectionInfo) {
    this.#connection = connection;
    const { promise, reject } = Promise.withResolvers<never>();
    promise.catch(() => {});
    this.failure = promise;
    this.#fail = reject;
  }

  /**
   * Connects all channels; retries while the kernel does not listen yet.
   *
   * @throws {ZmtpError} If something else listens at a port.
   */
  async connect(): Promise<void> {
    for (const name of ["iopub", "shell", "control"] as const) {
      const socketType = name === "iopub" ? "SUB" : "DEALER";
      const socket = await this.#connectWhenReady(socketType, this.#connection[`${name}_port`]);
      this.#sockets.set(name, socket);
      this.#pumps.push(this.#pump(name, socket));
    }
  }

  request(
    type: string,
    content: JsonObject,
    options: { channel: "shell" | "control" } = { channel: "shell" },
  ): Promise<JsonObject> {
    const socket = this.#sockets.get(options.channel);
    if (socket === undefined) {
      throw new Error(`Cannot send ${type}: the channel ${options.channel} is not connected`);
    }
    const request = newRequest(type, content, { session: this.#session });
    const { promise, resolve } = Promise.withResolvers<JsonObject>();
    this.#replies.set(request.header.msg_id, resolve);
    const sent = socket.send(encodeJupyterMessage(request, this.#connection.key));
    return Promise.race([sent.then(() => promise), this.failure]);
  }

  get connected(): boolean {
    return this.#sockets.size === 3;
  }

  /** Resolves when all connections have ended and all that had come has been handed on. */
  async drained(): Promise<void> {
    await Promise.all(this.#pumps);
  }

  /** Fails the pending and all later requests with `reason`. */
  fail(reason: Error): void {
    this.#fail(reason);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const socket of this.#sockets.values()) socket.close();
    await this.drained();
  }

  async #connectWhenReady(type: ZmtpSocketType, port: number): Promise<ZmtpSocket> {
    for (;;) {
      try {
        const socket = await ZmtpSocket.connect(type, port);
        if (!this.#closed) return socket;
        socket.close();
      } catch (error) {
        if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
      }
      if (this.#closed) throw new Error("Cannot connect: the channels are closed");
      await sleep(10);
    }
  }

  async #pump(name: ChannelName, socket: ZmtpSocket): Promise<void> {
    try {
      for (let frames = await socket.receive(); frames; frames = await socket.receive()) {
        this.#receive(name, decodeJupyterMessage(frames, this.#connection.key));
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  #receive(name: ChannelName, message: JupyterMessage): void {
    if (name === "iopub") {
      this.onPublish(message.header.msg_type, message.content);
      return;
    }
    const id = message.parentHeader.msg_id ?? "";
    this.#replies.get(id)?.(message.content);
    this.#replies.delete(id);
  }
}
