/** What is said where a GPU is missing, too small, or gone. None of it needs a GPU. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { DeviceMemoryError } from "./session.ts";
import { explainGpuError } from "./gpu_run.ts";
import { repositoryFile } from "./testdata/reference.ts";

// Elsewhere the system's own driver is found whatever the environment says.
const ignore = Deno.build.os !== "linux";
Deno.test("no driver is one line that says what to do", { ignore }, async () => {
  const none = "/dev/null/none.json";
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--no-check", repositoryFile("lib/commands/ask.ts"), "--device", "webgpu"],
      ...["--model", repositoryFile("dataset/tiny/checkpoints/in"), "--question", "Compute 3 + 4."],
    ],
    // No driver is there, whatever the machine has.
    env: { NO_COLOR: "1", VK_DRIVER_FILES: none, VK_ICD_FILENAMES: none },
  }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  assertEquals([code, decode(stdout)], [1, ""]);
  const errors = decode(stderr).split("\n").filter((line) => line.startsWith("error: "));
  assertEquals(errors.length, 1, decode(stderr));
  assertStringIncludes(errors[0], "on webgpu: the runtime finds no GPU; install the GPU's Vulkan");
  assertStringIncludes(errors[0], "libvulkan1");
  assertStringIncludes(errors[0], "or use the device cpu");
});

Deno.test("a full memory is told from a lost device and from any other error", () => {
  const full = explainGpuError("run layer 3", new Error("Failed to create GPU buffer: size 5"));
  assert(full instanceof DeviceMemoryError);
  assertStringIncludes(full.message, "Cannot run layer 3: the GPU's memory is full");
  const used =
    "WebGPU validation failed. [Invalid Buffer (unlabeled)] is invalid due to a previous " +
    "error.\n - While validating entries[6]";
  assert(explainGpuError("run join", new Error(used)) instanceof DeviceMemoryError);
  const lost = explainGpuError("run layer 3", new Error("Device is lost: unknown"));
  assert(!(lost instanceof DeviceMemoryError));
  assertStringIncludes(lost.message, "the GPU was lost (Device is lost: unknown)");
  assertStringIncludes(lost.message, "start the same command again");
  assertEquals(explainGpuError("run x", "bad shape").message, "Cannot run x: bad shape");
});
