/**
 * A client of Deno's Jupyter kernel.
 *
 * @module
 */
import { sleep } from "../signals.ts";
import { settlesWithin, within } from "./deadline.ts";
import type { JsonObject } from "./jupyter_message.ts";
import { KernelChannels } from "./kernel_channels.ts";
import { UNHANDLED_ERROR } from "./outputs.ts";
import { type KernelProcess, spawnKernel, type SpawnKernelOptions } from "./kernel_process.ts";
import { ZmtpError } from "./zmtp.ts";

/**
 * - `crash`: the kernel's process ended, or did not start;
 * - `timeout`: the code, or the kernel's start, took longer than allowed.
 */
export class KernelError extends Error {
  override name = "KernelError";

  constructor(readonly kind: "crash" | "timeout", message: string) {
    super(message);
  }
}

const GRACE_MS = 1000;

/**
 * Starts a kernel and waits until it answers and its outputs arrive. The signal kills it, now or
 * later.
 *
 * @throws {KernelError} If the process ends at once, with its last words in the message, or it does
 * not answer in time.
 */
export async function startKernel(
  options: SpawnKernelOptions & { signal?: AbortSignal },
): Promise<Kernel> {
  for (let attempt = 1;; attempt++) {
    const process = await spawnKernel(options);
    const client = new Kernel(process, options.signal);
    try {
      await client.start();
      return client;
    } catch (error) {
      await client.close();
      // Another program may have taken one of the free ports meanwhile.
      const lost = error instanceof ZmtpError ||
        error instanceof KernelError && /address (already )?in use/i.test(error.message);
      if (!lost || attempt === 3) throw error;
    }
  }
}

/** The type of the messages that {@link barrierSource} publishes. */
const BARRIER = "barrier";

/**
 * What runs before the first cell. It publishes errors that nothing caught: the kernel itself drops
 * a rejected promise, and never answers again when a timer's callback throws.
 */
const BOOTSTRAP_SOURCE = `void (() => {
  const report = (event, error) => {
    event.preventDefault();
    const isError = error instanceof Error;
    try {
      Deno.jupyter.broadcast("${UNHANDLED_ERROR}", {
        ename: isError ? error.name : "Uncaught",
        evalue: isError ? error.message : String(error),
        traceback: Deno.inspect(error).split("\\n"),
      });
    } catch {
      // An error thrown here would be reported here again, without end.
    }
  };
  globalThis.addEventListener("unhandledrejection", (event) => report(event, event.reason));
  globalThis.addEventListener("error", (event) => report(event, event.error));
})();`;

/**
 * Publishes a message behind everything that has been printed or displayed. The kernel answers a
 * request before its outputs have left: once this message arrives, all of them have arrived.
 */
function barrierSource(token: string): string {
  return `await Deno.jupyter.broadcast(${JSON.stringify(BARRIER)}, ${JSON.stringify({ token })});`;
}

/** A running kernel that executes one piece of code at a time. */
export class Kernel {
  /** What the kernel says of its language, as a notebook's metadata hold it. */
  languageInfo: JsonObject = {};
  #process: KernelProcess;
  #channels: KernelChannels;
  #onOutput: (type: string, content: JsonObject) => void = () => {};
  #onBarrier: (token: unknown) => void = () => {};
  #onUnhandled = () => {};
  #lastPublished = 0;
  #detachSignal = () => {};

  /** Of a process that has been started; `start` waits until it answers. */
  constructor(process: KernelProcess, signal?: AbortSignal) {
    this.#process = process;
    this.#channels = new KernelChannels(process.connection);
    this.#channels.onPublish = (type, content) => this.#publish(type, content);
    process.ended.then((status) => this.#died(status));
    if (signal !== undefined) {
      const kill = () => void process.kill();
      signal.addEventListener("abort", kill);
      this.#detachSignal = () => signal.removeEventListener("abort", kill);
      if (signal.aborted) kill();
    }
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Waits until the kernel answers and its outputs arrive. */
  async start(): Promise<void> {
    const started = Promise.race([this.#start(), this.#channels.failure]);
    const late = "the kernel did not answer within 60 s of its start";
    await within(started, 60_000, () => new KernelError("timeout", late));
  }

  /**
   * Runs code as a cell and waits until all that it printed and displayed has arrived.
   *
   * @param options.onOutput Gets the type and content of each message that the code publishes, in
   * order.
   * @param options.timeoutMs Milliseconds that the code may take; by default no limit.
   * @returns Whether the code ran to its end (if not, the kernel may still be busy with it), and
   * the traceback of what was thrown, empty if the code does not parse.
   * @throws {KernelError} If it takes too long (the kernel is interrupted, but may still be busy:
   * close it), or the process ends meanwhile.
   */
  async execute(
    code: string,
    { onOutput, timeoutMs }: {
      onOutput: (type: string, content: JsonObject) => void;
      timeoutMs?: number;
    },
  ): Promise<{ ok: boolean; traceback: string[] }> {
    const late = () =>
      new KernelError(
        "timeout",
        `ran longer than the limit of ${(timeoutMs ?? 0) / 1000} s for a cell`,
      );
    const unhandled = Promise.withResolvers<void>();
    this.#onOutput = onOutput;
    this.#onUnhandled = unhandled.resolve;
    try {
      const execution = this.#execution(code, { silent: false });
      // What the cell waits for may never come after such an error: it may finish, but soon.
      const cutShort = unhandled.promise.then(async () => {
        await settlesWithin(execution, GRACE_MS);
        return undefined;
      });
      const reply = await within(Promise.race([execution, cutShort]), timeoutMs, late)
        .catch(async (error) => {
          if ((error as KernelError).kind === "timeout") await this.#interrupt(execution);
          throw error;
        });
      if (reply === undefined) return { ok: false, traceback: [] };
      await this.#barrier(timeoutMs);
      const traceback = Array.isArray(reply.traceback) ? reply.traceback.map(String) : [];
      return { ok: reply.status === "ok", traceback };
    } finally {
      this.#onOutput = () => {};
    }
  }

  /** Asks the kernel to end, kills it if it does not within a second, and waits for the end. */
  async close(): Promise<void> {
    this.#detachSignal();
    if (this.#channels.connected) {
      const options = { channel: "control" } as const;
      this.#channels.request("shutdown_request", { restart: false }, options).catch(() => {});
      await settlesWithin(this.#process.ended, GRACE_MS);
    }
    await this.#process.kill();
    await this.#channels.close();
  }

  async #start(): Promise<void> {
    await this.#channels.connect();
    this.#process.removeFiles();
    // The subscription takes effect some time after it was sent, and until then outputs would be
    // lost: ask until the kernel's status arrives.
    while (this.#lastPublished === 0) {
      const info = await this.#channels.request("kernel_info_request", {});
      this.languageInfo = info.language_info as JsonObject ?? {};
      await sleep(10);
    }
    const reply = await this.#execution(BOOTSTRAP_SOURCE, { silent: true });
    if (reply.status !== "ok") {
      throw new KernelError("crash", `cannot prepare the kernel: ${JSON.stringify(reply)}`);
    }
    await this.#barrier();
  }

  /** Waits behind all outputs. They may take long to leave, but something must keep arriving. */
  async #barrier(quietMs?: number): Promise<void> {
    const token = crypto.randomUUID();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onBarrier = (value) => value === token && resolve();
    this.#execution(barrierSource(token), { silent: true }).catch(() => {});
    const arrived = Promise.race([promise, this.#channels.failure]);
    const limit = quietMs ?? Infinity;
    this.#lastPublished = performance.now();
    for (;;) {
      const left = this.#lastPublished + limit - performance.now();
      if (left <= 0) throw new KernelError("timeout", `kept the kernel busy for ${limit / 1000} s`);
      const quiet = new Error();
      try {
        return await within(arrived, left, () => quiet);
      } catch (error) {
        if (error !== quiet) throw error;
      }
    }
  }

  /** Stops a loop, so that the outputs so far arrive; it cannot stop a pending await. */
  async #interrupt(execution: Promise<unknown>): Promise<void> {
    const interrupted = this.#channels.request("interrupt_request", {}, { channel: "control" });
    if (!await settlesWithin(interrupted, GRACE_MS)) return;
    if (await settlesWithin(execution, GRACE_MS)) await this.#barrier(GRACE_MS).catch(() => {});
  }

  #execution(code: string, options: { silent: boolean }): Promise<JsonObject> {
    return this.#channels.request("execute_request", {
      code,
      silent: options.silent,
      store_history: !options.silent,
      user_expressions: {},
      allow_stdin: false,
      stop_on_error: true,
    });
  }

  #publish(type: string, content: JsonObject): void {
    this.#lastPublished = performance.now();
    if (type === BARRIER) return this.#onBarrier(content.token);
    if (type === UNHANDLED_ERROR) this.#onUnhandled();
    this.#onOutput(type, content);
  }

  async #died(status: Deno.CommandStatus): Promise<void> {
    // What it had sent before it ended still counts.
    await settlesWithin(this.#channels.drained(), GRACE_MS);
    const how = status.signal === null
      ? `exit code ${status.code}: did a cell call Deno.exit?`
      : `${status.signal}: killed from outside, or out of memory`;
    const tail = this.#process.stderrTail();
    const reason = `the kernel's process ended (${how})`;
    this.#channels.fail(
      new KernelError("crash", tail === "" ? reason : `${reason}; it wrote:\n${tail}`),
    );
  }
}
