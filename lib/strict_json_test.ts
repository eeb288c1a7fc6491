import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { decodeUtf8, parseStrictJson, readStrictJson } from "./strict_json.ts";

const source = "some.json";
const refused = (text: string | Uint8Array, words: string) => {
  const { message } = assertThrows(() => parseStrictJson(text, { source }), Error, words);
  assert(message.startsWith("Cannot read some.json: ") && !message.includes("\n"), message);
};

Deno.test("any JSON without doubled keys is read as JSON.parse reads it", () => {
  fc.assert(fc.property(fc.json(), fc.constantFrom(undefined, 2), (json, indent) => {
    const value = JSON.parse(json);
    assertEquals(parseStrictJson(JSON.stringify(value, null, indent), { source }), value);
    assertEquals(parseStrictJson(new TextEncoder().encode(json), { source }), value);
  }));
});

Deno.test("a doubled key is refused at any depth and in any spelling", () => {
  const spelt = (key: string) =>
    fc.boolean().map((escaped) =>
      escaped
        ? `"${
          [...key].flatMap((c) => [...Array(c.length).keys()].map((i) => c.charCodeAt(i)))
            .map((unit) => "\\u" + unit.toString(16).padStart(4, "0")).join("")
        }"`
        : JSON.stringify(key)
    );
  const doubled = fc.tuple(fc.string(), fc.json(), fc.json()).chain(([key, a, b]) =>
    fc.tuple(spelt(key), spelt(key), fc.constant(a), fc.constant(b))
  );
  fc.assert(fc.property(
    doubled,
    fc.array(fc.tuple(fc.string(), fc.boolean()), { maxLength: 4 }),
    ([first, second, a, b], around) => {
      const inner = `{ ${first} : ${a}, "other ${"x".repeat(9)}":1,\n${second}:${b}}`;
      const json = around.reduce(
        (text, [key, array]) => array ? `["}{", ${text}]` : `{${JSON.stringify(key)}: ${text}}`,
        inner,
      );
      JSON.parse(json);
      assertThrows(() => parseStrictJson(json, { source }), Error, "stands twice");
    },
  ));
});

Deno.test("the same key in different objects, and keys as values, are no doubles", () => {
  const text = '{"a": {"a": "a"}, "b": ["a", {"a": 1}, {"a": "b"}], "c": "a\\":"}';
  assertEquals(parseStrictJson(text, { source }), JSON.parse(text));
});

Deno.test("what is not JSON is refused in one line", () => {
  for (const text of ["", "{", '{"a": 1,}', '{"a":\n\n x}', "[1] 2", '"\u0007"', "NaN"]) {
    refused(text, "it is not JSON");
  }
});

Deno.test("bytes that are not UTF-8 are refused with line and byte", () => {
  const encode = (text: string) => [...new TextEncoder().encode(text)];
  const after = (text: string, ...bytes: number[]) => new Uint8Array([...encode(text), ...bytes]);
  refused(after('{"a":\n"é', 0xff, 0x22), "line 2, byte 0xff at offset 9");
  refused(after('"', 0xc3), "line 1, its end at offset 2");
  refused(after('"', 0xed, 0xa0, 0x80, 0x22), "line 1, byte 0xa0 at offset 2");
  fc.assert(fc.property(fc.string({ unit: "binary" }), fc.uint8Array(), (text, rest) => {
    const bytes = after(text.toWellFormed(), 0xfe, ...rest);
    const at = encode(text.toWellFormed()).length;
    assertThrows(() => decodeUtf8(bytes, source), Error, `byte 0xfe at offset ${at}`);
  }));
});

Deno.test("a byte order mark is refused", () => {
  refused("\ufeff{}", "byte order mark");
  refused(new Uint8Array([0xef, 0xbb, 0xbf, 0x7b, 0x7d]), "byte order mark");
});

Deno.test("deep nesting is refused, long text is not", () => {
  refused("[".repeat(200_000) + "]".repeat(200_000), "nested more than 500 deep");
  const long = JSON.stringify({ text: '\\"'.repeat(500_000), more: "x".repeat(1_000_000) });
  assertEquals(parseStrictJson(long, { source }), JSON.parse(long));
});

Deno.test("a file is named in every error, an absent one is undefined", async () => {
  const path = await Deno.makeTempFile({ suffix: ".json" });
  try {
    await Deno.writeTextFile(path, '{"a": 1, "a": 1}');
    assertThrows(() => readStrictJson(path), Error, `Cannot read ${path}: the key "a"`);
  } finally {
    await Deno.remove(path);
  }
  assertEquals(readStrictJson(path), undefined);
});
