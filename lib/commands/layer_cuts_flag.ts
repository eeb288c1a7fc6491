/**
 * The flag `--layer-cuts C1 C2`: two values, as the original takes them.
 *
 * @module
 */
import type { Flag } from "./command_line.ts";

/** Where the middle and the late layers of a merge begin. */
export const LAYER_CUTS_FLAG = {
  type: "string",
  value: "C1 C2",
  help: "First middle and first late layer, instead of thirds",
} as const satisfies Flag;

/**
 * Makes the flag's two values one, `C1,C2`, which is what a flag can hold.
 *
 * @param args A command's arguments.
 *
 * @example
 * ```ts
 * console.log(joinLayerCuts(["--layer-cuts", "8", "20", "--seed", "1"]));
 * // [ "--layer-cuts", "8,20", "--seed", "1" ]
 * ```
 */
export function joinLayerCuts(args: readonly string[]): string[] {
  const at = args.findIndex((arg) => arg === "--layer-cuts" || arg === "--layer_cuts");
  const [first, second] = args.slice(at + 1, at + 3);
  if (at < 0 || !/^\d+$/.test(first ?? "") || !/^\d+$/.test(second ?? "")) return [...args];
  return args.toSpliced(at, 3, "--layer-cuts", `${first},${second}`);
}
