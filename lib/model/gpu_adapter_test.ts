import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { withTempFolder } from "../testing/temp_folder.ts";
import { usedGpu } from "./gpu_adapter.ts";

Deno.test("the GPU that a process works on is the one that it has opened most often", () =>
  withTempFolder((folder) => {
    assertEquals(usedGpu(folder), null);
    const opened = [
      "/dev/nvidiactl",
      ...Array(7).fill("/dev/nvidia1"),
      ...Array(22).fill("/dev/nvidia0"),
    ];
    opened.forEach((path, i) => Deno.symlinkSync(path, join(folder, `${i}`)));
    assertEquals(usedGpu(folder), "/dev/nvidia0");
    assertEquals(usedGpu(join(folder, "none")), null);
  }));
