/**
 * One GPU of several: the runtime takes the first that it can open, so that all others are hidden
 * from the process.
 *
 * @module
 */
import { type Flags, UsageError } from "./command_line.ts";
import { readWhole } from "./flag_values.ts";

/** Which GPU is used. */
export const GPU_FLAG = {
  gpu: {
    value: "N",
    help:
      "Use the N-th GPU of this machine, from 0 as nvidia-smi counts, and hide the others from " +
      "this process (Linux, NVIDIA); default the first that can be opened",
    read: readWhole,
  },
} as const satisfies Flags;

/** Tells a process that GPUs are hidden from it already. */
const HIDDEN = "ONE_GPU";

/** Device files of the machine's NVIDIA GPUs. */
function gpuFiles(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name)
      .filter((name) => /^nvidia\d+$/.test(name)).sort().map((name) => `${folder}/${name}`);
  } catch {
    return [];
  }
}

/**
 * A command line that runs another with all GPUs but one hidden. It needs no rights: the process gets
 * a namespace of its own, in which /dev/null lies over the others' device files.
 *
 * @param folder Of the device files.
 * @throws {UsageError} if there is no such GPU.
 */
export function withOneGpu(gpu: number, args: readonly string[], folder = "/dev"): string[] {
  const files = gpuFiles(folder);
  const file = `${folder}/nvidia${gpu}`;
  if (!files.includes(file)) {
    throw new UsageError(
      `--gpu ${gpu}: there is no ${file}${files.length ? `, only ${files.join(", ")}` : ""}`,
    );
  }
  const others = files.filter((other) => other !== file);
  const binds = others.map((other) => `mount --bind /dev/null ${other}`);
  const script = [...binds, 'exec "$@"'].join(" && ");
  return ["unshare", "--map-root-user", "--mount", "sh", "-c", script, "sh", ...args];
}

/**
 * Runs this command again with only one GPU in sight, if one is asked for, and ends with it.
 *
 * @throws {UsageError} if there is no such GPU, or this system does not let a process hide others.
 */
export async function useOneGpu(gpu: number | undefined): Promise<void> {
  if (gpu === undefined || Deno.env.has(HIDDEN)) return;
  const own = [Deno.execPath(), "run", "-A", Deno.mainModule, ...Deno.args];
  const [command, ...args] = withOneGpu(gpu, own);
  const hides = await new Deno.Command(command, { args: [...args.slice(0, 2), "true"] }).output()
    .catch(() => ({ success: false }));
  if (!hides.success) {
    throw new UsageError(
      `--gpu ${gpu}: this system lets no process hide a GPU from itself (unshare --map-root-user ` +
        "--mount fails); let the scheduler give each task its own GPU",
    );
  }
  const child = new Deno.Command(command, { args, env: { [HIDDEN]: String(gpu) } }).spawn();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    Deno.addSignalListener(signal, () => {
      try {
        child.kill(signal);
      } catch {
        // It has ended.
      }
    });
  }
  const { code } = await child.status;
  Deno.exit(code);
}
