/**
 * The operating system's side of a kernel: ports, connection file, process, and its end.
 *
 * @module
 */
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeTemporary, removeDead } from "../temporary.ts";
import { settlesWithin } from "./deadline.ts";

/** What a Jupyter connection file holds; the kernel listens at these ports. */
export type ConnectionInfo = ReturnType<typeof makeConnectionInfo>;

/** Options of {@link spawnKernel}. */
export interface SpawnKernelOptions {
  cwd: string;
  /** Environment variables beside those of this process. */
  env?: Record<string, string>;
}

/** A running kernel process. */
export type KernelProcess = Awaited<ReturnType<typeof spawnKernel>>;

const STDERR_TAIL = 4000;
const UNSTABLE_WARNING = /^Warning "deno jupyter" is unstable.*$/m;

/**
 * Runs its arguments after the first in place of itself, and beside them a watch: when the program
 * that holds the other end of standard input is gone, the watch removes the folder that the first
 * argument names and kills the session.
 */
const WATCHED = `exec 3<&0
{ read -r _ <&3; rm -rf "$1"; kill -9 -$$; } </dev/null >/dev/null 2>&1 &
shift
exec "$@" </dev/null 3<&-`;

/** Where kernels' connection files are made. */
const FILES = join(tmpdir(), "deno_kernel");

/**
 * Starts `deno jupyter --kernel` with this Deno on free ports. The kernel gets a session of its
 * own, so that Ctrl-C in a terminal reaches this process alone. It ends when this process does,
 * however that ends, except on Windows.
 *
 * @throws {Deno.errors.NotFound} If `cwd` does not exist.
 */
export async function spawnKernel(options: SpawnKernelOptions) {
  const connection = makeConnectionInfo();
  removeDead({ base: FILES });
  const temporary = makeTemporary(FILES, "folder", { mode: 0o700 });
  const folder = temporary.path;
  const removeFiles = () => {
    temporary[Symbol.dispose]();
    try {
      Deno.removeSync(folder, { recursive: true });
    } catch {
      // A temporary folder that stays behind is no reason to fail.
    }
  };
  const file = `${folder}/connection.json`;
  const kernel = [Deno.execPath(), "jupyter", "--kernel", "--conn", file];
  const [command, ...args] = Deno.build.os === "windows"
    ? kernel
    : ["sh", "-c", WATCHED, "sh", folder, ...kernel];
  let child: Deno.ChildProcess;
  try {
    // The key lets anyone run code in the kernel: the folder and the file are the owner's alone.
    await Deno.writeTextFile(file, JSON.stringify(connection), { mode: 0o600 });
    child = new Deno.Command(command, {
      args,
      cwd: options.cwd,
      env: { ...options.env, NO_COLOR: "1" },
      stdin: "piped",
      stdout: "null",
      stderr: "piped",
      detached: true,
    }).spawn();
  } catch (error) {
    removeFiles();
    throw error;
  }
  let over = false;
  const killNow = () => {
    // Once the process is reaped its number may belong to another one.
    if (!over) killGroup(child);
  };
  const stderr = new StreamTail(child.stderr);
  const cleanUp = async () => {
    const status = await child.status;
    killNow();
    over = true;
    await stderr.finish();
    removeFiles();
    await child.stdin.close().catch(() => {});
    return status;
  };
  const ended = cleanUp();
  return {
    /** Where it listens. */
    connection,
    pid: child.pid,
    /** Settles when the process has ended, for whatever reason. */
    ended,
    /** The last that it wrote to standard error, at most 4,000 characters. */
    stderrTail: () => stderr.text.replace(UNSTABLE_WARNING, "").trim(),
    /** Removes the connection file, which the kernel has no use for once it has read it. */
    removeFiles,
    /** Kills the process and its children, at once; waits for the end and removes its files. */
    kill: async () => {
      killNow();
      await ended;
    },
  };
}

function makeConnectionInfo() {
  const [shell_port, iopub_port, stdin_port, control_port, hb_port] = freePorts(5);
  return {
    ...{ transport: "tcp", ip: "127.0.0.1", kernel_name: "deno" },
    ...{ shell_port, iopub_port, stdin_port, control_port, hb_port },
    // What messages are signed with.
    key: crypto.randomUUID() + crypto.randomUUID(),
    signature_scheme: "hmac-sha256",
  };
}

/** Ports that nothing listened at a moment ago; the caller must cope with losing the race. */
function freePorts(count: number): number[] {
  const listen = () => Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const listeners = Array.from({ length: count }, listen);
  const ports = listeners.map((listener) => listener.addr.port);
  for (const listener of listeners) listener.close();
  return ports;
}

function killGroup(child: Deno.ChildProcess): void {
  try {
    if (Deno.build.os === "windows") child.kill("SIGKILL");
    else Deno.kill(-child.pid, "SIGKILL");
  } catch (error) {
    // The group is gone, or (macOS) has only an ended process in it.
    const gone = error instanceof Deno.errors.NotFound || error instanceof TypeError ||
      error instanceof Deno.errors.PermissionDenied;
    if (!gone) throw error;
  }
}

/** Keeps the last characters of a stream. */
class StreamTail {
  text = "";
  #stop = new AbortController();
  #done: Promise<void>;

  constructor(stream: Deno.ChildProcess["stderr"]) {
    const write = (text: string) => void (this.text = (this.text + text).slice(-STDERR_TAIL));
    this.#done = stream.pipeThrough(new TextDecoderStream())
      .pipeTo(new WritableStream({ write }), { signal: this.#stop.signal });
  }

  /** Waits for the end, but not for long: a daemon that a cell started may hold the pipe open. */
  async finish(): Promise<void> {
    await settlesWithin(this.#done, 500);
    this.#stop.abort();
  }
}
