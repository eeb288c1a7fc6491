import { assert, assertEquals, assertRejects } from "@std/assert";
import { Checkpoint } from "../checkpoint/mod.ts";
import { InputPreparer } from "./prepare_input.ts";
import type { ChatMessage } from "./prompt.ts";
import {
  caseInput,
  maxDifference,
  readReference,
  type ReferencePrompt,
  repositoryFile,
  testdata,
} from "./testdata/reference.ts";

function chatOf({ system, parts }: ReferencePrompt): ChatMessage[] {
  const content = parts.map((part) =>
    "image" in part
      ? { type: "image" as const, image: testdata(`images/${part.image}`) }
      : { type: "text" as const, text: part.text }
  );
  const user: ChatMessage = { role: "user", content };
  return system === null ? [user] : [{ role: "system", content: system }, user];
}

async function withPreparer(work: (preparer: InputPreparer) => Promise<void>) {
  using checkpoint = Checkpoint.open(testdata("random-qwen"));
  await using preparer = await InputPreparer.open(checkpoint);
  await work(preparer);
}

Deno.test("every case is what the reference was given", async () => {
  for (const name of ["random", "tiny"] as const) {
    const reference = readReference(name);
    using checkpoint = Checkpoint.open(repositoryFile(reference.meta.model));
    await using preparer = await InputPreparer.open(checkpoint);
    const inputs = await preparer.prepare(reference.meta.cases.map(chatOf));
    reference.meta.cases.forEach((entry, i) => {
      const { imageEmbeddings, ...want } = caseInput(reference, entry.name);
      const { imageEmbeddings: embeddings, ...got } = inputs[i];
      assertEquals(got, want, entry.name);
      assertEquals(embeddings === null, imageEmbeddings === null);
      if (!embeddings || !imageEmbeddings) return;
      assert(maxDifference(embeddings, imageEmbeddings) < 5e-5, entry.name);
    });
  }
});

Deno.test("an image used twice is encoded once; progress counts images", async () => {
  await withPreparer(async (preparer) => {
    const image = testdata("images/wide_140x84.png");
    const ask = (text: string): ChatMessage[] => [
      { role: "user", content: [{ type: "image", image }, { type: "text", text }] },
    ];
    const progress: number[][] = [];
    const [a, b] = await preparer.prepare([ask("One?"), ask("Two?")], {
      onImages: (done, total) => progress.push([done, total]),
    });
    assert(a.imageEmbeddings !== null && a.imageEmbeddings === b.imageEmbeddings);
    assertEquals(progress, [[1, 1]]);
  });
});

Deno.test("text alone opens no vision encoder and has no embeddings", async () => {
  await withPreparer(async (preparer) => {
    const [input] = await preparer.prepare([[{ role: "user", content: "Hi" }]]);
    assertEquals([input.imageEmbeddings, input.imageTokens, input.ropeDelta], [null, [], 0]);
    assertEquals(await preparer.prepare([]), []);
  });
});

Deno.test("bad input: prompts over the context, tiny and missing images, which prompt", async () => {
  await withPreparer(async (preparer) => {
    const user = (content: ChatMessage["content"]): ChatMessage[] => [{ role: "user", content }];
    const chats = (value: unknown) => preparer.prepare(value as ChatMessage[][]);
    await assertRejects(() => chats(["hello"]), TypeError, "hello is no chat");
    await assertRejects(() => chats("hello"), TypeError, "Cannot prepare hello: a list of chats");
    await assertRejects(() => chats(user("Hi")), TypeError, '{"role":"user","content":"Hi"} is no');
    const misspelt = { onImage: () => {} } as object;
    await assertRejects(() => preparer.prepare([], misspelt), Error, 'did you mean "onImages"?');
    const long = user("word ".repeat(3000));
    await assertRejects(() => preparer.prepare([long]), Error, "the model's context is 2048");
    await assertRejects(() => preparer.prepare([user("Hi"), long]), Error, "Prompt 1: ");
    const pixel = { width: 1, height: 1, data: new Uint8Array(3) };
    const show = (image: string | typeof pixel) => user([{ type: "image", image }]);
    const [one] = await preparer.prepare([show(pixel)]);
    assertEquals(one.imageTokens.map(({ grid }) => grid), [[1, 4, 4]]);
    const strip = { width: 1, height: 201, data: new Uint8Array(603) };
    await assertRejects(() => preparer.prepare([show(strip)]), Error, "1 x 201 pixels");
    await assertRejects(() => preparer.prepare([show("gone.png")]), Error, "gone.png");
    const signal = AbortSignal.abort(new Error("stopped"));
    const image = testdata("images/wide_140x84.png");
    await assertRejects(() => preparer.prepare([show(image)], { signal }), Error, "stopped");
  });
});
