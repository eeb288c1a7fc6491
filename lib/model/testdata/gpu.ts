/**
 * The GPU for tests: a real one, or SwiftShader, the driver on the CPU that comes with browsers.
 *
 * @module
 */
import { findGpu } from "../gpu_adapter.ts";
import { findSwiftShader } from "./swiftshader.ts";

/** Why there is no GPU to test with, or null: then there is one. */
export function whyNoGpu(): string | null {
  if (findGpu() || Deno.env.has("VK_DRIVER_FILES")) return null;
  const driver = findSwiftShader();
  if (!driver) return "there is no GPU, and no SwiftShader (Debian: chromium and libvulkan1)";
  Deno.env.set("VK_DRIVER_FILES", driver);
  return null;
}

const why = whyNoGpu();
if (why) console.warn(`TESTS OF THE GPU ARE SKIPPED: ${why}`);

/** Registers a test that needs a GPU; skipped, and said so, where there is none. */
export function gpuTest(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `GPU: ${name}`, ignore: why !== null, fn });
}
