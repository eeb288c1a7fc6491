import { assertEquals, assertThrows } from "@std/assert";
import { parseByteSize } from "./byte_size.ts";

Deno.test("sizes with and without units", () => {
  const cases: [string, number][] = [
    ["7", 7],
    ["7B", 7],
    [" 2 kb ", 2000],
    ["2KiB", 2048],
    ["500MB", 5e8],
    ["0.5GiB", 2 ** 29],
    ["1tb", 1e12],
  ];
  for (const [text, bytes] of cases) assertEquals(parseByteSize(text), bytes, text);
  for (const text of ["", "GB", "-1GB", "0", "0.1B", "5 G B", "5XB", "1e3", "9999999999TB", "5g"]) {
    assertThrows(() => parseByteSize(text), Error, "Cannot read a size");
  }
});
