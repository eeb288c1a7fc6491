import { assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { didYouMean } from "./nearest_name.ts";

const KNOWN = ["zeroAblate", "swapVisualTokens", "repetition_penalty", "hidden", "models.sft"];

Deno.test("one wrong, missing, doubled or swapped letter, or another case, is seen through", () => {
  const slip = fc.constantFrom<(name: string, at: number) => string>(
    (name, at) => name.slice(0, at) + name.slice(at + 1),
    (name, at) => name.slice(0, at) + name[at] + name.slice(at),
    (name, at) => name.slice(0, at) + "q" + name.slice(at + 1),
    (name, at) =>
      name.slice(0, at) + (name[at + 1] ?? "") + name[at] +
      name.slice(at + 2),
    (name) => name.toUpperCase(),
    (name) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
  );
  fc.assert(fc.property(fc.constantFrom(...KNOWN), slip, fc.nat(), (name, change, at) => {
    const wrong = change(name, at % name.length);
    const text = didYouMean(wrong, KNOWN);
    assertEquals(text, `${JSON.stringify(wrong)}; did you mean ${JSON.stringify(name)}?`);
  }));
});

Deno.test("a name like none of them gets the list, cut at ten, in one line", () => {
  const many = Array.from({ length: 25 }, (_, i) => `tensor ${i}`);
  assertMatch(
    didYouMean("completely\nother", many),
    /^"completely\\nother"; there are tensor 0, .*tensor 9 and 15 more$/,
  );
  assertEquals(didYouMean("x", []), '"x"; there are none');
});
