import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { splitLines, stringifyLikeJupyter } from "./nbformat_json.ts";

Deno.test("lines are split where Python's str.splitlines splits them", () => {
  // "...".splitlines(True) in Python 3.11
  const text = "a\nb\r\nc\rd\ve\ff\x1cg\x1dh\x1ei\x85j\u2028k\u2029l\n\n\r";
  const expected = ["a\n", "b\r\n", "c\r", "d\v", "e\f", "f\x1c", "g\x1d", "h\x1e", "i\x85"];
  assertEquals(splitLines(text), [...expected, "j\u2028", "k\u2029", "l\n", "\n", "\r"]);
  assertEquals(splitLines(""), []);
  assertEquals(splitLines("no end"), ["no end"]);
});

Deno.test("split lines join to the text", () => {
  const unit = fc.constantFrom("\n", "\r", "\u2028", "a", "😀");
  fc.assert(fc.property(fc.string({ unit }), (text) => {
    assertEquals(splitLines(text).join(""), text);
  }));
});

Deno.test("keys are sorted by code point, as Python sorts them", () => {
  // json.dumps(..., sort_keys=True): U+FB00 comes before U+1D538, whose UTF-16 is D835 DD38
  const text = stringifyLikeJupyter({
    "\u{1d538}": 1,
    "\ufb00": 2,
    b: 3,
    ab: 4,
    a: 5,
    "10": 6,
    "9": 7,
  });
  const keys = [...text.matchAll(/"(.+?)":/g)].map(([, key]) => key);
  assertEquals(keys, ["10", "9", "a", "ab", "b", "\ufb00", "\u{1d538}"]);
});

Deno.test("any JSON value reads back the same", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    const plain = JSON.parse(JSON.stringify(value));
    assertEquals(JSON.parse(stringifyLikeJupyter(plain)), plain);
  }));
});
