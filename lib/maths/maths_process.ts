/**
 * The maths engine in a process of its own. A worker's computation cannot be stopped: in Deno 2.9
 * `Worker.terminate` leaves a busy one computing, and the program unable to end. A process can.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import type { Verdict } from "./maths_verdict.ts";

/** What the engine is asked: two answers, spelled (see `spellMaths`). */
export interface EngineTask {
  a: string;
  b: string;
}

/** What the engine says: once that it has started, then a verdict a task. */
export interface EngineReply {
  ready?: true;
  verdict?: Verdict;
}

/** Megabytes of JavaScript memory of the process; a computation that needs more ends it. */
const MAX_MEMORY = 1024;

/** The values of a stream of JSON lines; a line that is cut short by the end is left out. */
export async function* jsonLines<T>(stream: ReadableStream<Uint8Array>): AsyncGenerator<T> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of stream) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop()!;
    for (const line of lines) yield JSON.parse(line);
  }
}

/** One running engine. It answers one task at a time. */
export class MathsProcess {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #replies: AsyncGenerator<EngineReply>;
  #stopped: Promise<string> | undefined;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    // Whoever forgets to release it still ends; the process then ends with its input.
    child.unref();
    this.#input = child.stdin.getWriter();
    this.#replies = jsonLines<EngineReply>(child.stdout);
  }

  /**
   * Starts an engine and waits until it is ready.
   *
   * @param deadline Milliseconds that it may take.
   * @throws {Error} if it does not start, with what it wrote; for example because the engine's
   * package is not installed, or running programs is not permitted.
   */
  static async start(deadline: number): Promise<MathsProcess> {
    let why: string;
    try {
      const command = new Deno.Command(Deno.execPath(), {
        // It computes on texts of a model: it is permitted nothing but to read its own modules.
        args: [
          ...["run", "--quiet", "--no-prompt", "--allow-read=.", "--allow-env=CE_*"],
          ...[`--v8-flags=--max-old-space-size=${MAX_MEMORY}`, "maths_process_main.ts"],
        ],
        cwd: fileURLToPath(new URL(".", import.meta.url)),
        env: { NO_COLOR: "1" },
        stdin: "piped",
        stdout: "piped",
        stderr: "piped",
      });
      const started = new MathsProcess(command.spawn());
      if ((await started.#reply(deadline))?.ready) return started;
      why = (await started.stop()).trim() || `it was not ready after ${deadline} ms`;
    } catch (cause) {
      why = (cause as Error).message;
    }
    throw new Error(
      `Cannot start the engine that compares answers: ${why}. It needs permission to run ` +
        "deno and the package @cortex-js/compute-engine (deno install)",
    );
  }

  /**
   * Asks for a verdict; whoever gets none stops the process.
   *
   * @param deadline Milliseconds that it may take.
   * @returns undefined if there was none in time, or the process ended.
   */
  async ask(task: EngineTask, deadline: number): Promise<Verdict | undefined> {
    try {
      await this.#input.write(new TextEncoder().encode(`${JSON.stringify(task)}\n`));
    } catch {
      return undefined;
    }
    return (await this.#reply(deadline))?.verdict;
  }

  async #reply(deadline: number): Promise<EngineReply | undefined> {
    const { promise: late, resolve } = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => resolve(undefined), deadline);
    const next = this.#replies.next().then(({ value }) => value as EngineReply | undefined);
    const reply = await Promise.race([next, late]);
    clearTimeout(timer);
    return reply;
  }

  /**
   * Ends the process, whatever it computes.
   *
   * @returns What it wrote to its error output.
   */
  stop(): Promise<string> {
    this.#stopped ??= this.#kill();
    return this.#stopped;
  }

  async #kill(): Promise<string> {
    this.#child.ref();
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
    await this.#child.status;
    await this.#input.abort().catch(() => {});
    // To the end of both outputs: a stream that is left half read stays open.
    const errors = await new Response(this.#child.stderr).text();
    while (!(await this.#replies.next()).done);
    return errors;
  }
}
