import { assertEquals, assertMatch, assertStrictEquals, assertThrows } from "@std/assert";
import {
  blackImage,
  QUESTION_PREFIX,
  questionMessages,
  systemPrompt,
  withChoices,
} from "./prompts.ts";

const image = { width: 30, height: 40, data: new Uint8Array(30 * 40 * 3).fill(200) };
const ask = { question: "How many?", image, description: "Two cats." };

Deno.test("protocol texts are as published", async () => {
  // SHA-256 of the texts that the models were trained to: a change of one character shows.
  const digest = async (text: string) =>
    new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))).toHex();
  const reasoner = systemPrompt("reasoner")!;
  const revisual = systemPrompt("revisual")!;
  assertEquals(
    await Promise.all([QUESTION_PREFIX, reasoner, revisual].map(digest)),
    [
      "75089c1845e77ad2c275cfd338aa480ec20f36e5a653c5c24d318ca9664fac10",
      "e93edfd485c5c6dc319c3f18bfd424b24061279811e26ac46aa3da820801ce8d",
      "ce8dbcf37ba747f35b4951d2f267615c7621d8c4d20ffc9524202081ed98bf5f",
    ],
  );
  assertMatch(revisual, /put in \\boxed\{\}\.$/);
  for (const kind of ["base", "gpt", "claude"] as const) assertEquals(systemPrompt(kind), null);
});

Deno.test("a reasoner is shown the image, then the question", () => {
  assertEquals(questionMessages(ask, { kind: "reasoner", inputType: "image_question" }), [
    { role: "system", content: systemPrompt("reasoner")! },
    {
      role: "user",
      content: [{ type: "image", image }, { type: "text", text: `${QUESTION_PREFIX}How many?` }],
    },
  ]);
});

Deno.test("a black image has the size of the image", () => {
  const content = (inputType: "black_image_question" | "black_image_description_question") =>
    questionMessages(ask, { kind: "base", inputType });
  const black = { type: "image" as const, image: blackImage(image) };
  assertEquals(content("black_image_question"), [{
    role: "user",
    content: [black, { type: "text", text: `${QUESTION_PREFIX}How many?` }],
  }]);
  assertEquals(content("black_image_description_question"), [{
    role: "user",
    content: [black, {
      type: "text",
      text: `${QUESTION_PREFIX}Image Description:\nTwo cats.\n\nQuestion:\nHow many?`,
    }],
  }]);
  assertEquals(image.data[0], 200);
});

Deno.test("a question alone is one text, whatever else the sample has", () => {
  const messages = questionMessages(ask, { kind: "revisual", inputType: "question_only" });
  assertEquals(messages.length, 2);
  assertStrictEquals(messages[1].content, `${QUESTION_PREFIX}How many?`);
});

Deno.test("what cannot be shown is named", () => {
  const options = { kind: "base", inputType: "black_image_description_question" } as const;
  assertThrows(() => questionMessages({ question: "Q" }, options), Error, "has no image");
  for (const description of ["", null]) {
    assertThrows(
      () => questionMessages({ ...ask, description }, options),
      Error,
      `has no description ("How many?")`,
    );
  }
});

Deno.test("choices are lettered", () => {
  const choices = Array.from({ length: 26 }, (_, i) => `c${i}`);
  assertMatch(withChoices("Q", choices), /^Q\n\nChoices:\nA\. c0\nB\. c1\n[^]*\nZ\. c25$/);
  assertThrows(() => withChoices("Q", [...choices, "x"]), Error, "27 choices");
});
