/**
 * SwiftShader, a Vulkan driver on the CPU that comes with browsers.
 *
 * @module
 */

const FILES = [
  "/usr/lib/chromium/vk_swiftshader_icd.json",
  "/usr/lib64/chromium-browser/vk_swiftshader_icd.json",
  "/opt/google/chrome/vk_swiftshader_icd.json",
];

/** The driver's manifest, as VK_DRIVER_FILES names it; null where there is none. */
export function findSwiftShader(): string | null {
  return FILES.find((file) => {
    try {
      return Deno.statSync(file).isFile;
    } catch {
      return false;
    }
  }) ?? null;
}
