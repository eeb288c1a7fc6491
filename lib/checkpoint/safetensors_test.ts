import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { join } from "node:path";
import { safetensorsBytes, withHeader } from "../testing/safetensors_writer.ts";
import { withTempFolder } from "../testing/temp_folder.ts";
import { readSafetensorsHeader } from "./safetensors.ts";

const TWO = safetensorsBytes({
  a: { dtype: "BF16", shape: [2, 3], values: [1, 2, 3, 4, 5, 6] },
  b: { dtype: "F32", shape: [], values: [7] },
});

function parse(bytes: Uint8Array<ArrayBuffer>) {
  return withTempFolder((folder) => {
    const file = join(folder, "x.safetensors");
    Deno.writeFileSync(file, bytes);
    return readSafetensorsHeader(file);
  });
}

async function failure(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  try {
    await parse(bytes);
  } catch (error) {
    assertStringIncludes((error as Error).message, "x.safetensors");
    return (error as Error).message;
  }
  throw new Error("Expected the file to be refused");
}

const entry = (dtype: string, shape: number[], data_offsets: number[]) => ({
  dtype,
  shape,
  data_offsets,
});
const SMALL = '{"dtype": "U8", "shape": [2], "data_offsets": [0, 2]}';
const TWO_BYTES = new Uint8Array(2);
const file = (header: unknown, dataBytes: number) =>
  withHeader(JSON.stringify(header), [new Uint8Array(dataBytes)]);

Deno.test("tensors are found where they lie", async () => {
  const [a, b] = await parse(TWO);
  assertEquals([a.name, a.dtype, a.shape, a.byteLength], ["a", "BF16", [2, 3], 12]);
  assertEquals([b.name, b.dtype, b.shape, b.byteLength], ["b", "F32", [], 4]);
  assertEquals(b.offset, a.offset + 12);
  assertEquals(b.offset + 4, TWO.length);
});

Deno.test("an empty tensor takes no bytes", async () => {
  const [a] = await parse(file({ a: entry("F32", [0, 4], [0, 0]) }, 0));
  assertEquals(a.byteLength, 0);
});

Deno.test("damaged files are refused, each with its reason", async () => {
  const huge = new Uint8Array(16);
  new DataView(huge.buffer).setBigUint64(0, 1n << 62n, true);
  const notUtf8 = withHeader(`{"a": ${SMALL}}`, [TWO_BYTES]);
  notUtf8[10] = 0xff;
  const cases: [string, Uint8Array<ArrayBuffer>, string][] = [
    ["empty", new Uint8Array(0), "too few"],
    ["longer header than file", huge, "has only 16"],
    ["not JSON", withHeader("{nope", []), "not JSON"],
    [
      "a doubled tensor",
      withHeader(`{"a": ${SMALL}, "a": ${SMALL}}`, [TWO_BYTES]),
      '"a" stands twice',
    ],
    ["a doubled field", withHeader('{"a": {"dtype": "U8", "dtype": "I8"}}', []), "stands twice"],
    ["a byte order mark", withHeader(`\ufeff{"a": ${SMALL}}`, [TWO_BYTES]), "byte order mark"],
    ["not UTF-8", notUtf8, "it is not UTF-8 text: line 1, byte 0xff at offset 2"],
    ["not an object", withHeader("[]", []), "not a JSON object"],
    ["truncated", TWO.slice(0, TWO.length - 1), "tensor b has data_offsets [12, 16] outside"],
    ["unknown dtype", file({ a: entry("BF17", [1], [0, 2]) }, 2), 'unknown dtype "BF17"'],
    ["long dtype", file({ a: entry("x".repeat(20_000), [1], [0, 2]) }, 2), "xxx...; known are"],
    ["inherited dtype", file({ a: entry("toString", [1], [0, 2]) }, 2), "unknown dtype"],
    ["shape", file({ a: entry("BF16", [3], [0, 4]) }, 4), "needs 6 bytes"],
    ["negative", file({ a: entry("BF16", [-1], [0, 2]) }, 2), "shape.0"],
    ["backwards", file({ a: entry("BF16", [1], [2, 0]) }, 2), "data_offsets [2, 0]"],
    ["fraction", file({ a: entry("BF16", [0.5], [0, 1]) }, 1), "shape.0"],
    ["many dimensions", file({ a: entry("U8", Array(17).fill(1), [0, 1]) }, 1), "shape: Too big"],
    ["a long name", file({ ["a".repeat(1e6)]: entry("U8", [1], [0, 1]) }, 1), "1000000 characters"],
    ["missing field", file({ a: { dtype: "BF16", shape: [1] } }, 2), "data_offsets"],
    [
      "overlap",
      file({ a: entry("U8", [4], [0, 4]), b: entry("U8", [4], [2, 6]) }, 6),
      "tensor b overlaps tensor a by 2 bytes",
    ],
    ["gap", file({ a: entry("U8", [2], [1, 3]) }, 3), "1 bytes before tensor a"],
    ["rest", file({ a: entry("U8", [2], [0, 2]) }, 5), "3 bytes after tensor a"],
  ];
  for (const [name, bytes, reason] of cases) {
    const message = await failure(bytes);
    assertStringIncludes(message, reason, name);
    assert(message.length < 500 && !message.includes("\n"), name);
  }
});

Deno.test("a missing file is named", () => {
  assertThrows(() => readSafetensorsHeader("/no/such.safetensors"), Error, "/no/such.safetensors");
});

Deno.test("any change of a byte either parses to tensors inside the file or is an error", async () => {
  await withTempFolder((folder) => {
    const path = join(folder, "fuzz.safetensors");
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(TWO.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        (changes) => {
          const bytes = TWO.slice();
          for (const [at, value] of changes) bytes[at] = value;
          Deno.writeFileSync(path, bytes);
          try {
            for (const { offset, byteLength } of readSafetensorsHeader(path)) {
              assert(offset >= 8 && offset + byteLength <= bytes.length);
            }
          } catch (error) {
            assertStringIncludes((error as Error).message, "fuzz.safetensors");
          }
        },
      ),
      { numRuns: 300, seed: 7 },
    );
  });
});
