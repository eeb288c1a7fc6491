import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { type Flags, helpText, parseFlags, UsageError } from "./command_line.ts";
import { folderName, numberOf, oneOf, readCount, readLayers, readWords } from "./flag_values.ts";
import { seedOf, wholeNumber } from "./flag_values.ts";
import { RECORDING_FLAGS } from "./flags.ts";

const FLAGS = {
  base: { value: "DIR", help: "Base", required: true },
  topk: { value: "K", help: "How many", default: "50", read: readCount },
  llm: { help: "LLM only" },
  tasks: { value: "LIST", help: "Which", read: readWords, list: true },
  weight_filter: { value: "S", help: "Part of a name", also: "filter" },
} as const satisfies Flags;

const read = (...args: string[]) => parseFlags(["--base", "a", ...args], FLAGS);

Deno.test("flags are read, with defaults", () => {
  const values = parseFlags(["--", "--base", "a", "--llm"], FLAGS);
  assertEquals(values, {
    ...{ base: "a", topk: 50, llm: true, tasks: undefined, weight_filter: undefined },
    ...{ help: false, json: false, words: [] },
  });
});

Deno.test("a name has two spellings, a value two places, a list words of its own", () => {
  for (const name of ["--weight_filter", "--weight-filter", "--filter"]) {
    assertEquals(read(name, "x").weight_filter, "x");
    assertEquals(read(`${name}=x=y`).weight_filter, "x=y");
  }
  for (const list of [["ocr", "counting"], ["ocr,counting"], ["ocr, counting"]]) {
    assertEquals(read("--tasks", ...list, "--llm").tasks, ["ocr", "counting"]);
  }
  assertEquals(read("--topk", "3", "--topk", "4").topk, 4);
  assertEquals(parseFlags(["x", "--topk", "3", "y"], { topk: FLAGS.topk }, { words: true }).words, [
    "x",
    "y",
  ]);
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
  assertThrows(() => read("stray"), UsageError, 'Stray word "stray"');
  assertThrows(() => read("basse"), UsageError, 'Stray word "basse"; did you mean "--base"?');
  assertThrows(
    () => read("-topk", "3"),
    UsageError,
    'Unknown flag "-topk"; did you mean "--topk"?',
  );
  assertThrows(
    () => read("--topk", "--llm"),
    UsageError,
    "--topk needs a value: --topk K or --topk=K",
  );
  assertThrows(() => read("--topk", "0"), UsageError, "--topk must be a whole number from 1");
  assertThrows(() => read("--llm=no"), UsageError, "--llm is a switch and takes no value");
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
    '--device must be cpu or webgpu, not "wepgpu"; did you mean "webgpu"?',
  );
});

Deno.test("layers are numbers and ranges", () => {
  assertEquals(readLayers("0,4-6", "layers"), [0, 4, 5, 6]);
  for (const wrong of ["x", "6-4", "1-2-3", "-1"]) {
    assertThrows(() => readLayers(wrong, "layers"), UsageError, "--layers");
  }
});

Deno.test("precision, device and memory are checked", () => {
  const run = (...args: string[]) => parseFlags(args, RECORDING_FLAGS);
  const { dtype, device, memory_gb } = run("--precision", "bf16", "--memory-gb", "0.5");
  assertEquals([dtype, device, memory_gb], ["bf16", "auto", 0.5]);
  assertEquals(run("--dtype", "float16").dtype, "f16");
  assertThrows(() => run("--dtype", "float64"), UsageError, "must be float32, bfloat16, int8, ");
  assertThrows(() => run("--device", "rocket"), UsageError, "must be auto, cpu or webgpu");
  assertThrows(() => run("--memory_gb", "none"), UsageError, "--memory_gb");
  for (const penalty of ["0", "high", "", "Infinity"]) {
    const why = "--repetition_penalty must be";
    assertThrows(() => run(`--repetition_penalty=${penalty}`), UsageError, why);
  }
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

Deno.test("a scheduler's signal that comes twice lets work end as one does", async () => {
  const module = new URL("./command_line.ts", import.meta.url).href;
  const program = `import { CommandError, runCommand } from ${JSON.stringify(module)};
await runCommand({ name: "a", summary: "b", flags: {}, run: async (_, { signal }) => {
  console.log("begun");
  while (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, 10));
  console.log("told");
  await new Promise((resolve) => setTimeout(resolve, 200));
  throw new CommandError("interrupted", 75);
} });`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--ext=ts", program],
    cwd: new URL("../..", import.meta.url),
    ...{ stdout: "piped", stderr: "null" },
  }).spawn();
  let said = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    said += text;
    child.kill("SIGTERM");
  }
  assertEquals([said, (await child.status).code], ["begun\ntold\n", 75]);
});
