import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { AutoProcessor, AutoTokenizer, RawImage } from "@huggingface/transformers";

const dataset = join(import.meta.dirname!, "..", "..", "dataset");
const checkpoints = {
  tiny: ["base", "in", "rl", "rl-frozen-early", "rl-frozen-mid", "rl-frozen-late"],
  "tiny-b": ["in", "rl"],
};
const folderOf = (recipe: string, name: string) => join(dataset, recipe, "checkpoints", name);

/** Bytes of every tensor of a checkpoint. */
async function readTensors(folder: string): Promise<Map<string, Uint8Array>> {
  const bytes = await Deno.readFile(join(folder, "model.safetensors"));
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const header: Record<string, { data_offsets?: [number, number] }> = JSON.parse(
    new TextDecoder().decode(bytes.subarray(8, 8 + length)),
  );
  const tensors = new Map<string, Uint8Array>();
  for (const [name, { data_offsets }] of Object.entries(header)) {
    if (!data_offsets) continue;
    const [start, end] = data_offsets.map((offset) => 8 + length + offset);
    tensors.set(name, bytes.subarray(start, end));
  }
  return tensors;
}

/** Names of the tensors whose bytes are the same in both. */
async function sameTensors(a: string, b: string): Promise<Set<string>> {
  const [first, second] = await Promise.all([readTensors(a), readTensors(b)]);
  assertEquals([...first.keys()], [...second.keys()]);
  return new Set(
    [...first.keys()].filter((name) => {
      const other = second.get(name)!;
      return first.get(name)!.every((byte, i) => byte === other[i]);
    }),
  );
}

const layerOf = (name: string) => Number(/^model\.layers\.(\d+)\./.exec(name)?.[1] ?? -1);

for (
  const [recipe, from, to] of [
    ["tiny", "base", "in"],
    ["tiny", "in", "rl"],
    ["tiny-b", "in", "rl"],
  ]
) {
  Deno.test(`${recipe}: ${to} differs from ${from} in every decoder layer and the vision tower`, async () => {
    const same = await sameTensors(folderOf(recipe, from), folderOf(recipe, to));
    assertEquals([...same].filter((name) => name.endsWith("proj.weight")), []);
  });
}

for (const [third, first] of [["early", 0], ["mid", 4], ["late", 8]] as const) {
  Deno.test(`rl-frozen-${third} keeps layers ${first} to ${first + 3} of IN and changes the rest`, async () => {
    const frozen = folderOf("tiny", `rl-frozen-${third}`);
    const same = await sameTensors(folderOf("tiny", "in"), frozen);
    const names = [...(await readTensors(frozen)).keys()];
    const isFrozen = (name: string) => layerOf(name) >= first && layerOf(name) < first + 4;
    for (const name of names.filter(isFrozen)) assert(same.has(name), `${name} was to stay frozen`);
    const stayed = [...same].filter((name) => !isFrozen(name) && name.endsWith("proj.weight"));
    assertEquals(stayed, []);
  });
}

Deno.test("every checkpoint's tokenizer and processor load from its folder", async () => {
  const image = new RawImage(new Uint8ClampedArray(112 * 112 * 3), 112, 112, 3);
  for (const [recipe, names] of Object.entries(checkpoints)) {
    for (const name of names) {
      const folder = folderOf(recipe, name);
      const tokenizer = await AutoTokenizer.from_pretrained(folder, { local_files_only: true });
      const processor = await AutoProcessor.from_pretrained(folder, { local_files_only: true });
      const prompt = tokenizer.apply_chat_template(
        [{
          role: "user",
          content: [{ type: "image" }, { type: "text", text: "Compute $12 + 7$." }],
        }] as never,
        { tokenize: false, add_generation_prompt: true },
      ) as string;
      assertEquals(
        prompt,
        "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n<|im_start|>user\n" +
          "<|vision_start|><|image_pad|><|vision_end|>Compute $12 + 7$.<|im_end|>\n" +
          "<|im_start|>assistant\n",
      );
      const inputs = await processor(prompt, [image]);
      assertEquals(inputs.pixel_values.dims, [64, 1176]);
      const ids: number[] = inputs.input_ids.tolist()[0].map(Number);
      assertEquals(ids.filter((id) => id === 510).length, 16);
    }
  }
});

Deno.test("the embedded dataset takes at most 64 MB", async () => {
  let bytes = 0;
  const walk = async (folder: string) => {
    for await (const entry of Deno.readDir(folder)) {
      const path = join(folder, entry.name);
      if (entry.isDirectory) await walk(path);
      else bytes += (await Deno.stat(path)).size;
    }
  };
  await walk(dataset);
  assert(bytes <= 64e6, `${bytes} bytes`);
});
