/**
 * The same work in eager PyTorch, where python3 has it.
 *
 * @module
 */
import { fileURLToPath } from "node:url";

/** A timing of torch_decoder.py. */
export interface TorchTiming {
  /** Seconds for the prompts. */
  prefill: number;
  /** Seconds for the steps after the first token. */
  decode: number;
  /** Version of torch. */
  torch: string;
}

/** What torch_decoder.py is asked to run. */
export interface TorchWork {
  hidden: number;
  inter: number;
  layers: number;
  heads: number;
  kv: number;
  vocab: number;
  rows: number;
  /** Tokens a prompt. */
  prompt: number;
  /** Tokens to generate. */
  steps: number;
  threads: number;
  /** The best of so many runs counts. */
  repeats: number;
}

const SCRIPT = fileURLToPath(new URL("torch_decoder.py", import.meta.url));

/** A python3 that can import torch, or null. */
export async function findTorch(): Promise<string | null> {
  for (const python of ["python3", "/usr/bin/python3"]) {
    try {
      const { success } = await new Deno.Command(python, {
        args: ["-c", "import torch"],
        stdout: "null",
        stderr: "null",
      }).output();
      if (success) return python;
    } catch {
      // There is no such program.
    }
  }
  return null;
}

/**
 * Times PyTorch.
 *
 * @throws {Error} with its output if the script fails.
 */
export async function timeTorch(python: string, work: TorchWork): Promise<TorchTiming> {
  const { success, stdout, stderr } = await new Deno.Command(python, {
    args: [SCRIPT, JSON.stringify(work)],
    stdout: "piped",
    stderr: "piped",
  }).output();
  const text = new TextDecoder();
  if (!success) throw new Error(`${SCRIPT} failed: ${text.decode(stderr)}`);
  return JSON.parse(text.decode(stdout));
}
