import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  type Flag,
  folderName,
  helpText,
  numberOf,
  oneOf,
  parseFlags,
  seedOf,
  UsageError,
  wholeNumber,
} from "./command_line.ts";

const FLAGS = {
  base: { type: "string", value: "DIR", help: "Base", required: true },
  topk: { type: "string", value: "K", help: "How many", default: "50" },
  llm: { type: "boolean", help: "LLM only" },
} as const satisfies Record<string, Flag>;

Deno.test("flags are read, with defaults", () => {
  const values = parseFlags(["--", "--base", "a", "--llm"], FLAGS);
  assertEquals({ ...values }, { base: "a", topk: "50", llm: true, help: false });
});

Deno.test("wrong flags say what is wrong", () => {
  assertThrows(() => parseFlags([], FLAGS), Error, "Missing --base");
  assertThrows(() => parseFlags(["--base"], FLAGS), Error, "--base");
  assertThrows(
    () => parseFlags(["--base", "a", "--tpok", "3"], FLAGS),
    UsageError,
    'Unknown flag "--tpok"; did you mean "--topk"?',
  );
  assertThrows(() => parseFlags(["--xyz=1"], FLAGS), UsageError, "there are --base, --topk, --llm");
  assertThrows(() => parseFlags(["--base", "a", "stray"], FLAGS), Error, "stray");
});

Deno.test("help lists every flag with its default", () => {
  const text = helpText({ name: "deno task x", summary: "Does x.", flags: FLAGS });
  for (const part of ["Usage: deno task x", "--base DIR", "(required)", "(default 50)", "--help"]) {
    assertStringIncludes(text, part);
  }
});

Deno.test("help needs no other flag", () => {
  for (const flag of ["--help", "-h"]) assertEquals(parseFlags([flag], FLAGS).help, true);
});

Deno.test("whole numbers", () => {
  assertEquals(wholeNumber("12", "topk"), 12);
  for (const text of ["", "1.5", "x", "-1", "1e3"]) {
    assertThrows(() => wholeNumber(text, "topk", { min: 1 }), Error, "--topk must be");
  }
  assertThrows(() => wholeNumber("9".repeat(400), "topk"), UsageError, "--topk must be");
  assertThrows(() => seedOf("4294967296", "seed"), UsageError, "from 0 to 4294967295");
});

Deno.test("numbers", () => {
  assertEquals(["0", "1e-6", "1.5"].map((text) => numberOf(text, "temperature")), [0, 1e-6, 1.5]);
  for (const text of ["hot", "", " ", "-1", "NaN", "Infinity", "1,5"]) {
    const shown = `--temperature must be a number from 0, not ${JSON.stringify(text)}`;
    assertThrows(() => numberOf(text, "temperature"), UsageError, shown);
  }
  assertThrows(() => numberOf("0", "x", { positive: true }), UsageError, "above 0");
});

Deno.test("words are those that are known", () => {
  assertEquals(oneOf("cpu", ["cpu", "webgpu"], "device"), "cpu");
  assertThrows(
    () => oneOf("wepgpu", ["cpu", "webgpu"], "device"),
    UsageError,
    '--device must be cpu or webgpu, not "wepgpu"',
  );
});

Deno.test("a folder's name does not lead out of the folder it is put into", () => {
  for (const name of ["run", "my run 2", "a.b", "ünïcode", "a..b"]) {
    assertEquals(folderName(name, "run_name"), name);
  }
  const wrong = [
    "..",
    ".",
    "",
    "../a",
    "a/b",
    "/abs",
    "a\\b",
    "C:x",
    "a\0b",
    "a\nb",
    ".hidden",
    "a.",
  ];
  for (const name of [...wrong, " a", "NUL", "con.txt", "x".repeat(300)]) {
    assertThrows(() => folderName(name, "run_name"), UsageError, "name of one folder");
  }
});
