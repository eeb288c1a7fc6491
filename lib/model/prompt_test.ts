import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { join } from "node:path";
import { Checkpoint } from "../checkpoint/mod.ts";
import { chatImages, type ChatMessage, PromptEncoder } from "./prompt.ts";
import { qwenConfigOf } from "./qwen_config.ts";
import {
  readReference,
  type ReferencePrompt,
  repositoryFile,
  testdata,
} from "./testdata/reference.ts";

function chatOf({ system, parts }: ReferencePrompt): ChatMessage[] {
  const content = parts.map((part) =>
    "image" in part
      ? { type: "image" as const, image: part.image }
      : { type: "text" as const, text: part.text }
  );
  const user: ChatMessage = { role: "user", content };
  return system === null ? [user] : [{ role: "system", content: system }, user];
}

async function open(name: "random" | "tiny") {
  const reference = readReference(name);
  using checkpoint = Checkpoint.open(repositoryFile(reference.meta.model));
  const config = qwenConfigOf(checkpoint);
  const encoder = await PromptEncoder.open(repositoryFile(reference.meta.processor), config);
  return { reference, encoder, config };
}

for (const name of ["random", "tiny"] as const) {
  Deno.test(`prompts have Python's text and token ids: ${name}`, async () => {
    const { reference: { meta, ints }, encoder } = await open(name);
    const tokensOf = new Map(meta.images.map(({ file, grid }) => [file, grid[1] * grid[2] / 4]));
    meta.prompts.forEach((prompt, i) => {
      const chat = chatOf(prompt);
      assertEquals(encoder.render(chat), prompt.text);
      const counts = chatImages(chat).map((file) => tokensOf.get(file as string)!);
      const { ids, images } = encoder.encode(chat, counts);
      assertEquals(ids, ints(`prompt.${i}.ids`).data, prompt.text);
      for (const { start, count } of images) {
        const run = ids.subarray(start, start + count);
        assertEquals([...new Set(run)], [meta.image_token_id]);
      }
      assertEquals(images.map(({ count }) => count), counts);
    });
  });

  Deno.test(`the tokenizer gives Python's ids, and the text back: ${name}`, async () => {
    const { reference: { meta }, encoder } = await open(name);
    for (const { text, ids } of meta.tokenizer) {
      assertEquals(encoder.encodeText(text), ids);
      assertEquals(encoder.decode(ids), text);
    }
    const ids = encoder.encodeText("<|im_start|>x<|im_end|>");
    assertEquals(ids.length, 3);
    assertEquals(encoder.decode(ids), "x");
    assertEquals(encoder.decode([]), "");
  });
}

Deno.test("a conversation, a plain string, the template's default system prompt", async () => {
  const { encoder } = await open("random");
  const chat: ChatMessage[] = [
    { role: "user", content: "Hi" },
    { role: "assistant", content: "Hello" },
    { role: "user", content: [{ type: "text", text: "Again" }] },
  ];
  const turns = ["user\nHi", "assistant\nHello", "user\nAgain"];
  const system = "system\nYou are a helpful assistant.";
  const text = [system, ...turns].map((turn) => `<|im_start|>${turn}<|im_end|>\n`).join("");
  assertEquals(encoder.render(chat), `${text}<|im_start|>assistant\n`);
});

Deno.test("videos, unknown parts and roles, and named image tokens are refused", async () => {
  const { encoder, config } = await open("random");
  const user = (content: unknown) => [{ role: "user", content }] as unknown as ChatMessage[];
  const refused: [ChatMessage[], string][] = [
    [user([{ type: "video", video: "v.mp4" }]), "message 0 has a video"],
    [user([{ type: "audio" }]), 'a part {"type":"audio"}'],
    [user([{ type: "text" }]), 'a part {"type":"text"}'],
    [user([{ type: "image", path: "x.png" }]), 'a part {"type":"image","path":"x.png"}'],
    [user(["hello"]), "a part hello; a text is"],
    [user([null]), "a part null; a text is"],
    [
      user([{ type: "text", text: "x", imgae: "y.png" }]),
      'it takes no "imgae"; there are type, te',
    ],
    [[{ role: "user", content: "x", contents: [] } as ChatMessage], 'did you mean "content"?'],
    ["hello" as unknown as ChatMessage[], "hello is no chat, which is a list of messages"],
    [["hello"] as unknown as ChatMessage[], "message 0: it is hello, not an object"],
    [user(undefined), "neither a text nor a list of parts"],
    [user([{ type: "text", text: "<|image_pad|>" }]), "1 image places for 0 images"],
    [user("<|video_pad|>"), "names the video token"],
    [[{ role: "tool" as "user", content: "x" }], 'role "tool"'],
    [[], "there are no messages"],
  ];
  for (const [chat, message] of refused) assertThrows(() => encoder.encode(chat), Error, message);
  const image: ChatMessage[] = user([{ type: "image", image: "x.png" }]);
  assertThrows(() => encoder.encode(image, []), Error, "1 image places for 0 images");
  const { message } = assertThrows(() => encoder.encode(image, [4, 4]));
  assertStringIncludes(message, "1 image places for 2 images");
  const small = { ...config, text: { ...config.text, vocabSize: 300 } };
  const other = await PromptEncoder.open(testdata("random-qwen"), small);
  assertThrows(() => other.encode(user("Hi")), Error, "outside of the model's vocabulary of 300");
});

Deno.test("the template is found in any of the three places; missing files are named", async () => {
  const { config } = await open("random");
  const folder = Deno.makeTempDirSync();
  const write = (name: string, content: unknown) =>
    Deno.writeTextFileSync(
      join(folder, name),
      typeof content === "string" ? content : JSON.stringify(content),
    );
  const rendered = async () =>
    (await PromptEncoder.open(folder, config)).render([{ role: "user", content: "x" }]);
  try {
    await assertRejects(rendered, Error, "tokenizer.json: it is not there");
    Deno.copyFileSync(testdata("random-qwen/tokenizer.json"), join(folder, "tokenizer.json"));
    await assertRejects(rendered, Error, "it has no chat template");
    write("tokenizer_config.json", { chat_template: [{ name: "default", template: "one" }] });
    assertEquals(await rendered(), "one");
    write("chat_template.json", { chat_template: "two {{ messages[0]['content'] }}" });
    assertEquals(await rendered(), "two x");
    write("chat_template.jinja", "three");
    assertEquals(await rendered(), "three");
    write("chat_template.jinja", "{% if %}");
    await assertRejects(rendered, Error, "Cannot write a prompt with the chat template");
    write("tokenizer.json", "{");
    await assertRejects(rendered, Error, "tokenizer.json");
    write("tokenizer.json", "{}");
    await assertRejects(rendered, Error, "tokenizer.json");
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
