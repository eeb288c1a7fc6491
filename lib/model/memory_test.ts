import { assert } from "@std/assert";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { withTempFolder } from "../testing/temp_folder.ts";
import { writeSyntheticCheckpoint } from "./testdata/synthetic_checkpoint.ts";

const SHAPE = {
  hiddenSize: 2048,
  intermediateSize: 5632,
  numLayers: 3,
  numHeads: 16,
  numKvHeads: 2,
  vocabSize: 4096,
};

Deno.test({
  name: "in bf16, opening and splicing checkpoints leaves the weights in their files",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    withTempFolder(async (folder) => {
      const [a, b] = [join(folder, "a"), join(folder, "b")];
      const bytes = writeSyntheticCheckpoint(a, SHAPE, 1);
      writeSyntheticCheckpoint(b, SHAPE, 2);
      assert(bytes > 250e6);
      const files = Deno.readDirSync(folder).toArray().length;
      const script = fileURLToPath(new URL("./testdata/opened_memory.ts", import.meta.url));
      const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--no-check", script, a, b],
      }).output();
      const text = new TextDecoder().decode(stdout);
      assert(text !== "", new TextDecoder().decode(stderr));
      const { opened, ran } = JSON.parse(text);
      assert(opened < 0.1 * bytes, `opening added ${opened} of ${bytes} bytes`);
      // Scratch memory, code and heap: no weights.
      assert(ran < 0.2 * bytes, `running added ${ran} of ${bytes} bytes`);
      assert(Deno.readDirSync(folder).toArray().length === files, "a file was written");
    }),
});
