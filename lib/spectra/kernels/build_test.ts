import { assertEquals } from "@std/assert";
import { compileKernel, KERNELS } from "./build.ts";

for (const name of KERNELS) {
  Deno.test(`kernels/${name}.wasm is what its source compiles to`, async () => {
    const committed = await Deno.readFile(new URL(`./${name}.wasm`, import.meta.url));
    assertEquals(await compileKernel(name), committed);
  });
}
