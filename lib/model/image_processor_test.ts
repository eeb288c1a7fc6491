import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { join } from "node:path";
import { Checkpoint } from "../checkpoint/mod.ts";
import { decodeImage } from "./decode_image.ts";
import { processImage, readImageProcessor } from "./image_processor.ts";
import { qwenConfigOf } from "./qwen_config.ts";
import { readReference, repositoryFile, testdata } from "./testdata/reference.ts";

function visionConfig() {
  using checkpoint = Checkpoint.open(testdata("random-qwen"));
  return qwenConfigOf(checkpoint).vision;
}

for (const name of ["random", "tiny"] as const) {
  Deno.test(`patches equal the Python image processor's to 1e-6: ${name}`, async () => {
    const { meta, ints, floats } = readReference(name);
    const config = readImageProcessor(repositoryFile(meta.processor), visionConfig());
    for (const { file, grid, sum } of meta.images) {
      const image = await decodeImage(testdata(`images/${file}`));
      const patches = processImage(image, config);
      assertEquals(patches.grid, grid, file);
      const values = floats(`image.${file}.values`).data;
      ints(`image.${file}.places`).data.forEach((place, i) => {
        assertAlmostEquals(patches.pixels[place], values[i], 1e-6, `${file} at ${place}`);
      });
      const total = patches.pixels.reduce((a, b) => a + b, 0);
      assertAlmostEquals(total, sum, 1e-6 * patches.pixels.length, file);
    }
  });
}

Deno.test("patches of a token follow each other, frames repeat", () => {
  const config = {
    minPixels: 1,
    maxPixels: 1e6,
    imageMean: [0, 0, 0] as [number, number, number],
    imageStd: [1, 1, 1] as [number, number, number],
    patchSize: 2,
    temporalPatchSize: 2,
    mergeSize: 2,
  };
  // Each pixel's red says where it is: 10 y + x.
  const [width, height] = [8, 4];
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) data[i * 3] = 10 * Math.floor(i / width) + i % width;
  const { pixels, grid } = processImage({ width, height, data }, config);
  assertEquals(grid, [1, 2, 4]);
  const patch = (i: number) =>
    [...pixels.subarray(i * 24, i * 24 + 8)].map((v) => Math.round(v * 255));
  assertEquals(patch(0), [0, 1, 10, 11, 0, 1, 10, 11]);
  assertEquals(patch(1).slice(0, 4), [2, 3, 12, 13]);
  assertEquals(patch(2).slice(0, 4), [20, 21, 30, 31]);
  assertEquals(patch(4).slice(0, 4), [4, 5, 14, 15]);
  assert(pixels.subarray(8, 24).every((value) => value === 0));
});

function withFiles(files: Record<string, unknown>, test: (folder: string) => void) {
  const folder = Deno.makeTempDirSync();
  try {
    for (const [name, content] of Object.entries(files)) {
      const text = typeof content === "string" ? content : JSON.stringify(content);
      Deno.writeTextFileSync(join(folder, name), text);
    }
    test(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("settings: either file, either way to give the bounds, defaults", () => {
  const vision = visionConfig();
  withFiles({}, (folder) => {
    const config = readImageProcessor(folder, vision);
    assertEquals([config.minPixels, config.maxPixels], [3136, 1003520]);
  });
  withFiles(
    { "preprocessor_config.json": { size: { shortest_edge: 784, longest_edge: 5000 } } },
    (folder) => {
      const config = readImageProcessor(folder, vision);
      assertEquals([config.minPixels, config.maxPixels], [784, 5000]);
    },
  );
  withFiles({ "processor_config.json": { image_processor: { max_pixels: 7000 } } }, (folder) => {
    assertEquals(readImageProcessor(folder, vision).maxPixels, 7000);
  });
});

Deno.test("settings that cannot be followed are refused with file and field", () => {
  const vision = visionConfig();
  const refused: [unknown, string][] = [
    ["{", "preprocessor_config.json"],
    [{ do_resize: false }, "do_resize"],
    [{ resample: 2 }, "resample"],
    [{ min_pixels: -1 }, "min_pixels"],
    [{ image_mean: [1, 2] }, "image_mean"],
    [{ rescale_factor: 1 }, "rescale_factor"],
    [{ rescale_factor: 0 }, "rescale_factor 0 is not 1 / 255"],
    [{ image_std: [0.5, 0, 0.5] }, "image_std.1"],
    [{ image_std: [0.5, 0.5, -0.5] }, "image_std.2"],
    [{ image_std: [1e-45, 1, 1] }, "image_std 1e-45 make pixels that are no numbers"],
    [{ image_mean: [0, 1e39, 0] }, "image_mean 1e+39"],
    [{ image_mean: ["0", 0, 0] }, "image_mean.0"],
    [{ size: { height: 224, width: 224 } }, 'size {"height":224,"width":224} has no'],
    [{ size: { shortest_edge: 3136 } }, "no longest_edge"],
    [{ max_pixels: 0 }, "max_pixels"],
    [{ min_pixels: 100, max_pixels: 50 }, "min_pixels 100"],
    [{ patch_size: 16 }, "patch_size is 16, but config.json says 14"],
  ];
  for (const [content, message] of refused) {
    withFiles({ "preprocessor_config.json": content }, (folder) => {
      assertThrows(() => readImageProcessor(folder, vision), Error, message);
    });
  }
});
