/**
 * `deno task kernels`: compiles the WebAssembly kernels of lib/spectra.
 *
 * @module
 */
import { compileKernel, KERNELS } from "../spectra/kernels/build.ts";
import { runCommand } from "./command_line.ts";

if (import.meta.main) {
  await runCommand({
    name: "deno task kernels",
    summary: "Compiles the AssemblyScript kernels of lib/spectra/kernels to the files beside them.",
    flags: {},
    run: async () => {
      for (const name of KERNELS) {
        const binary = await compileKernel(name);
        await Deno.writeFile(new URL(`../spectra/kernels/${name}.wasm`, import.meta.url), binary);
        console.log(`kernels/${name}.wasm: ${binary.length} bytes`);
      }
    },
  });
}
