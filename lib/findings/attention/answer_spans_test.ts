import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { answerSpans } from "./answer_spans.ts";

/** Cuts a text into pieces that stand for tokens 0, 1, ... */
function spansOf(pieces: string[]) {
  const decode = (tokens: number[]) => tokens.map((token) => pieces[token]).join("");
  const spans = answerSpans(pieces.map((_, i) => i), decode);
  const text = (indices: number[]) => indices.map((i) => pieces[i]).join("");
  return { think: text(spans.think), answer: text(spans.answer), all: spans.generated.length };
}

Deno.test("tags, boxes, and thoughts that are never closed", () => {
  const chars = (text: string) => spansOf([...text]);
  assertEquals(chars("<think>a+b</think><answer>7</answer>"), {
    think: "a+b",
    answer: "7",
    all: 36,
  });
  assertEquals(chars("2+2=4. \\boxed{4}").answer, "4");
  assertEquals(chars("2+2=4. \\boxed{4}").think, "");
  assertEquals(chars("<think>2=2. \\boxed{\\frac{1}{2}}"), {
    think: "2=2. ",
    answer: "\\frac{1}{2}",
    all: 31,
  });
  assertEquals(chars("<think>on and on").think, "on and on");
  assertEquals(chars("so</think><answer>1"), { think: "so", answer: "1", all: 19 });
  assertEquals(chars("no marks"), { think: "", answer: "", all: 8 });
  assertEquals(chars(""), { think: "", answer: "", all: 0 });
});

Deno.test("however the text is cut, a token counts where a character of it is inside", () => {
  const text = "x<think>one two</think>y<answer>12</answer>z";
  fc.assert(fc.property(fc.uniqueArray(fc.integer({ min: 1, max: text.length - 1 })), (cuts) => {
    const at = [0, ...cuts.sort((a, b) => a - b), text.length];
    const { think, answer } = spansOf(at.slice(1).map((end, i) => text.slice(at[i], end)));
    assert(think.includes("one two"));
    assert(answer.includes("12"));
    assert(!think.includes("12") || !cuts.some((cut) => cut >= 15 && cut <= 32));
  }));
});

Deno.test("characters of several tokens belong to the token that completes them", () => {
  // Two tokens make one character; decoded alone, each is a replacement character.
  const decode = (tokens: number[]) =>
    tokens.join() === "0"
      ? "<think>"
      : tokens.length === 1
      ? "\ufffd"
      : "<think>" + (tokens.length === 2 ? "" : "é");
  assertEquals(answerSpans([0, 1, 2], decode).think, [2]);
});
