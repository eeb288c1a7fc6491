import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { type Flag, helpText, parseFlags, wholeNumber } from "./command_line.ts";

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
  assertThrows(() => parseFlags(["--base", "a", "--tpok", "3"], FLAGS), Error, "--tpok");
  assertThrows(() => parseFlags(["--base", "a", "stray"], FLAGS), Error, "stray");
});

Deno.test("help lists every flag with its default", () => {
  const text = helpText({ name: "deno task x", summary: "Does x.", flags: FLAGS });
  for (const part of ["Usage: deno task x", "--base DIR", "(required)", "(default 50)", "--help"]) {
    assertStringIncludes(text, part);
  }
});

Deno.test("help needs no other flag", () => assertEquals(parseFlags(["--help"], FLAGS).help, true));

Deno.test("whole numbers", () => {
  assertEquals(wholeNumber("12", "topk"), 12);
  for (const text of ["", "1.5", "x", "-1", "1e3"]) {
    assertThrows(() => wholeNumber(text, "topk", { min: 1 }), Error, "--topk must be");
  }
});
