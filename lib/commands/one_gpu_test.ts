import { assertEquals, assertThrows } from "@std/assert";
import { join } from "node:path";
import { withTempFolder } from "../testing/temp_folder.ts";
import { UsageError } from "./command_line.ts";
import { withOneGpu } from "./one_gpu.ts";

function run([command, ...args]: string[]): { success: boolean; text: string } {
  const { success, stdout, stderr } = new Deno.Command(command, { args }).outputSync();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { success, text: decode(stdout) + decode(stderr) };
}

const cannotHide = !run(["unshare", "--map-root-user", "--mount", "true"]).success;

Deno.test({
  name: "a process sees one GPU, the others are empty; outside nothing has changed",
  ignore: cannotHide,
  fn: () =>
    withTempFolder((folder) => {
      const files = [0, 1, 2].map((gpu) => join(folder, `nvidia${gpu}`));
      for (const file of [...files, join(folder, "nvidiactl")]) {
        Deno.writeTextFileSync(file, "gpu ");
      }
      const seen = run(withOneGpu(1, ["cat", ...files, join(folder, "nvidiactl")], folder));
      assertEquals(seen, { success: true, text: "gpu gpu " });
      assertEquals(files.map((file) => Deno.readTextFileSync(file)), ["gpu ", "gpu ", "gpu "]);
    }),
});

Deno.test("a GPU that is not there is refused", () =>
  withTempFolder((folder) => {
    assertThrows(() => withOneGpu(0, [], folder), UsageError, "there is no");
    Deno.writeTextFileSync(join(folder, "nvidia0"), "");
    assertThrows(() => withOneGpu(3, [], folder), UsageError, `only ${folder}/nvidia0`);
  }));
