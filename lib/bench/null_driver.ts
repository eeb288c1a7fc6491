/**
 * A Vulkan driver that computes nothing: null_driver.c over SwiftShader.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { findSwiftShader } from "../model/testdata/swiftshader.ts";

const SOURCE = fileURLToPath(new URL("null_driver.c", import.meta.url));

/** The driver, in use. */
export interface NullDriver extends Disposable {
  /** How often work was sent to the device. */
  readonly submits: number;
  /** Buffers that were made. */
  readonly buffers: number;
}

/**
 * Makes the runtime use the driver, if it has used none before in this process.
 *
 * @returns The driver; its files are removed when it is disposed.
 * @throws {Error} if there is no SwiftShader or no C compiler.
 */
export function useNullDriver(): NullDriver {
  const manifest = findSwiftShader();
  if (!manifest) {
    throw new Error(
      "Cannot measure the host: there is no SwiftShader (Debian: chromium, libvulkan1)",
    );
  }
  const { ICD } = JSON.parse(Deno.readTextFileSync(manifest));
  const folder = Deno.makeTempDirSync({ prefix: "null-driver-" });
  const library = join(folder, "null_driver.so");
  const driver = join(dirname(manifest), ICD.library_path);
  const define = `-DDRIVER="${driver}"`;
  const { success, stderr } = new Deno.Command("cc", {
    args: ["-shared", "-fPIC", "-O2", define, "-o", library, SOURCE],
  }).outputSync();
  if (!success) throw new Error(`Cannot build ${SOURCE}: ${new TextDecoder().decode(stderr)}`);
  const own = join(folder, "icd.json");
  Deno.writeTextFileSync(
    own,
    JSON.stringify({ file_format_version: "1.0.0", ICD: { ...ICD, library_path: library } }),
  );
  Deno.env.set("VK_DRIVER_FILES", own);
  const counter = { parameters: [], result: "u32" } as const;
  const { symbols } = Deno.dlopen(library, { count_submits: counter, count_buffers: counter });
  return {
    get submits() {
      return symbols.count_submits();
    },
    get buffers() {
      return symbols.count_buffers();
    },
    [Symbol.dispose]: () => Deno.removeSync(folder, { recursive: true }),
  };
}
