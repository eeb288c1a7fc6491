/**
 * Compiles the AssemblyScript kernels of this folder (`*.as`) to the `*.wasm` files beside them.
 * Run it as `deno task kernels` after a change; a test holds sources and binaries together.
 *
 * @module
 */
import asc from "assemblyscript/asc";

/** The kernels: `NAME.as` is compiled to `NAME.wasm`. */
export const KERNELS: readonly string[] = ["eigen", "energy"];

const OPTIONS = ["-O3", "--noAssert", "--runtime", "stub", "--importMemory", "--enable", "simd"];

/**
 * Compiles one kernel in memory and returns the bytes of the WebAssembly module.
 * Throws with the compiler's messages if the source has errors.
 */
export async function compileKernel(name: string): Promise<Uint8Array> {
  const source = await Deno.readTextFile(new URL(`./${name}.as`, import.meta.url));
  let binary: Uint8Array | undefined;
  // The compiler insists on the ending .ts, which would put the dialect under `deno check`.
  const { error, stderr } = await asc.main(
    [`${name}.ts`, "--outFile", `${name}.wasm`, ...OPTIONS],
    {
      readFile: (file: string) => file === `${name}.ts` ? source : null,
      writeFile: (_file: string, contents: string | Uint8Array) => {
        if (typeof contents !== "string") binary = contents;
      },
      listFiles: () => [],
    },
  );
  if (error || binary === undefined) {
    throw new Error(`cannot compile kernels/${name}.as: ${error?.message}\n${stderr}`);
  }
  return binary;
}

if (import.meta.main) {
  if (Deno.args.length > 0) {
    console.error("error: deno task kernels takes no flags: it compiles all kernels");
    Deno.exit(2);
  }
  for (const name of KERNELS) {
    const binary = await compileKernel(name);
    await Deno.writeFile(new URL(`./${name}.wasm`, import.meta.url), binary);
    console.log(`kernels/${name}.wasm: ${binary.length} bytes`);
  }
}
