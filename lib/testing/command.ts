/**
 * Commands, run as users run them.
 *
 * @module
 */
import { fileURLToPath } from "node:url";

/** How a command ended and what it said. */
export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** A command line that runs a file of commands/ with this Deno. */
export function commandLine(name: string, args: readonly string[]): string[] {
  const script = fileURLToPath(new URL(`../commands/${name}.ts`, import.meta.url));
  return ["run", "-A", "--no-check", "--quiet", script, ...args];
}

/** Runs a command without colours, and without the hub unless `env` says otherwise. */
export async function runOutside(
  name: string,
  args: readonly string[],
  options: Deno.CommandOptions = {},
): Promise<Outcome> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    ...options,
    args: commandLine(name, args),
    env: { NO_COLOR: "1", HF_HUB_OFFLINE: "1", ...options.env },
  }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: decode(stdout), stderr: decode(stderr) };
}
