import { assert, assertEquals, assertRejects } from "@std/assert";
import { Checkpoint } from "../checkpoint/mod.ts";
import { concatenate } from "./tensors.ts";
import { decodeImage } from "./decode_image.ts";
import { processImage, readImageProcessor } from "./image_processor.ts";
import { qwenConfigOf } from "./qwen_config.ts";
import {
  maxDifference,
  readReference,
  type ReferencePart,
  repositoryFile,
  testdata,
} from "./testdata/reference.ts";
import { VisionTower, type VisionTowerOptions } from "./vision_tower.ts";

function open(name: "random" | "tiny" | "qwen2_vl") {
  const reference = readReference(name);
  const checkpoint = Checkpoint.open(repositoryFile(reference.meta.model));
  const config = qwenConfigOf(checkpoint).vision;
  const processor = readImageProcessor(repositoryFile(reference.meta.processor), config);
  const patches = async (file: string) =>
    processImage(await decodeImage(testdata(`images/${file}`)), processor);
  const tower = (options?: VisionTowerOptions) => VisionTower.open({ checkpoint, config }, options);
  return { reference, checkpoint, patches, tower };
}

const imageFiles = (parts: ReferencePart[]) =>
  parts.flatMap((part) => "image" in part ? [part.image] : []);

for (const name of ["random", "tiny", "qwen2_vl"] as const) {
  for (const precision of ["f32", "bf16"] as const) {
    Deno.test(`embeddings of every shape equal the reference's: ${name}, ${precision}`, async () => {
      const { reference: { meta, floats }, checkpoint, patches, tower } = open(name);
      using _ = checkpoint;
      await using encoder = await tower({ precision });
      let seen = 0;
      for (const { name, parts, grids } of meta.cases) {
        if (!grids) continue;
        const images = await Promise.all(imageFiles(parts).map(patches));
        const want = floats(`case.${name}.vision`).data;
        const got = concatenate(await encoder.encode(images));
        // Measured: 7e-6 at values up to 18.
        assert(maxDifference(got, want) < 5e-5, `${name}: ${maxDifference(got, want)}`);
        seen++;
      }
      assert(seen >= 5);
    });
  }
}

Deno.test("int8 is near", async () => {
  const { reference: { floats }, checkpoint, patches, tower } = open("tiny");
  using _ = checkpoint;
  await using encoder = await tower({ precision: "int8" });
  const [got] = await encoder.encode([await patches("square_112x112.png")]);
  const want = floats("case.square.vision").data;
  const scale = want.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  const difference = maxDifference(got, want);
  assert(difference > 0 && difference < 0.02 * scale, `${difference} of ${scale}`);
});

Deno.test("images encoded together equal the same images alone", async () => {
  const { checkpoint, patches, tower } = open("random");
  using _ = checkpoint;
  await using encoder = await tower();
  const files = [
    "square_112x112.png",
    "other_112x112.png",
    "tall_112x196.png",
    "wide_140x84.png",
    "square_112x112.png",
  ];
  const images = await Promise.all(files.map(patches));
  const together = await encoder.encode(images);
  assertEquals(together.length, 5);
  for (const [i, image] of images.entries()) {
    const [alone] = await encoder.encode([image]);
    assert(maxDifference(together[i], alone) < 1e-5, files[i]);
  }
  assertEquals(together[0], together[4]);
  assertEquals(await encoder.encode([]), []);
});

Deno.test("work cut into small runs gives the same", async () => {
  const { checkpoint, patches, tower } = open("random");
  using _ = checkpoint;
  const images = [await patches("tall_112x196.png"), await patches("square_112x112.png")];
  await using whole = await tower();
  const want = concatenate(await whole.encode(images));
  // From a handful of rows and of windows a run down to a single query.
  for (const operationsPerRun of [1e6, 1e5, 1e4]) {
    await using encoder = await tower({ operationsPerRun });
    assert(maxDifference(concatenate(await encoder.encode(images)), want) < 1e-5);
  }
});

Deno.test("patches that do not fit, an aborted signal, a released encoder", async () => {
  const { checkpoint, patches, tower } = open("random");
  using _ = checkpoint;
  const encoder = await tower();
  const image = await patches("square_112x112.png");
  const wrong = { ...image, grid: [1, 8, 10] as [number, number, number] };
  await assertRejects(() => encoder.encode([wrong]), RangeError, "80 patches of 1176");
  const signal = AbortSignal.abort(new Error("stopped"));
  await assertRejects(() => encoder.encode([image], { signal }), Error, "stopped");
  await encoder[Symbol.asyncDispose]();
  await encoder[Symbol.asyncDispose]();
  await assertRejects(() => encoder.encode([image]), Error, "released");
});
