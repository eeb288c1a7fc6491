import { assertEquals } from "@std/assert";
import type { NotebookOutput } from "./nbformat.ts";
import { applyCarriageReturns, OutputCollector, UNHANDLED_ERROR } from "./outputs.ts";

type Message = [type: string, content: Record<string, unknown>];

function collect(...messages: Message[]): NotebookOutput[] {
  const collector = new OutputCollector();
  const outputs = collector.startCell(3);
  for (const [type, content] of messages) collector.add(type, content);
  return outputs;
}

const print = (text: string, name = "stdout"): Message => ["stream", { name, text }];
const stream = (text: string, name = "stdout"): NotebookOutput => ({
  output_type: "stream",
  name,
  text,
});
const show = (text: string, id?: string, type = "display_data"): Message => [
  type,
  {
    data: { "text/plain": text },
    metadata: {},
    transient: id === undefined ? {} : { display_id: id },
  },
];
const shown = (text: string): NotebookOutput => ({
  output_type: "display_data",
  data: { "text/plain": text },
  metadata: {},
});

Deno.test("prints to one stream in a row are one output", () => {
  const outputs = collect(
    print("a"),
    print("b\n"),
    print("e", "stderr"),
    print("c"),
    show("x"),
    print("d"),
  );
  assertEquals(outputs, [
    stream("ab\n"),
    stream("e", "stderr"),
    stream("c"),
    shown("x"),
    stream("d"),
  ]);
});

Deno.test("a result has the number of its cell, and no transient data", () => {
  const content = {
    execution_count: 99,
    data: { "text/plain": "1" },
    metadata: { m: 1 },
    transient: {},
  };
  assertEquals(collect(["execute_result", content]), [{
    output_type: "execute_result",
    data: { "text/plain": "1" },
    metadata: { m: 1 },
    execution_count: 3,
  }]);
});

Deno.test("an update replaces all displays of its id, also those of earlier cells", () => {
  const collector = new OutputCollector();
  const first = collector.startCell(1);
  for (const message of [show("a", "id"), show("other", "other")]) collector.add(...message);
  const second = collector.startCell(2);
  for (const message of [show("b", "id"), show("c", "id", "update_display_data")]) {
    collector.add(...message);
  }
  assertEquals(first, [shown("c"), shown("other")]);
  assertEquals(second, [shown("c")]);
});

Deno.test("an update of an unknown id, or without one, shows nothing", () => {
  assertEquals(collect(show("a", "x", "update_display_data")), []);
  assertEquals(collect(show("a"), show("b", undefined, "update_display_data")), [shown("a")]);
});

Deno.test("outputs are cleared at once, or when the next one comes", () => {
  const clear = (wait: boolean): Message => ["clear_output", { wait }];
  assertEquals(collect(print("a"), clear(false)), []);
  assertEquals(collect(print("a"), clear(true)), [stream("a")]);
  assertEquals(collect(print("a"), clear(true), print("b"), print("c")), [stream("bc")]);
  assertEquals(collect(print("a"), clear(true), show("b")), [shown("b")]);
});

Deno.test("errors are outputs, and clearing does not forget them", () => {
  const collector = new OutputCollector();
  const outputs = collector.startCell(1);
  collector.add("error", { ename: "E", evalue: "v", traceback: ["E: v", "  at x"] });
  collector.add(UNHANDLED_ERROR, { ename: "Error", evalue: "str", traceback: [""] });
  const expected = { output_type: "error", ename: "E", evalue: "v", traceback: ["E: v", "  at x"] };
  const traceback = ["Error: str"];
  const second = { output_type: "error", ename: "Error", evalue: "str", traceback };
  assertEquals<unknown>(outputs, [expected, second]);
  collector.add("clear_output", {});
  assertEquals(outputs, []);
  assertEquals<unknown>(collector.error, expected);
  collector.startCell(2);
  assertEquals(collector.error, undefined);
});

Deno.test("display data that a file cannot hold is an error of the cell", () => {
  const json = { "application/json": { a: 1 }, "application/x+json": 5, "text/html": ["a", "b"] };
  const good = { ...json, "text/html": "ab" };
  assertEquals(collect(["display_data", { data: json }]), [
    { output_type: "display_data", data: good, metadata: {} },
  ]);
  const evalue = 'The display data "text/plain" must be text, got 5';
  const ename = "InvalidDisplayData";
  assertEquals(collect(["display_data", { data: { "text/plain": 5 } }]), [
    { output_type: "error", ename, evalue, traceback: [`${ename}: ${evalue}`] },
  ]);
});

Deno.test("messages that are no outputs are ignored", () => {
  assertEquals(collect(["status", { execution_state: "busy" }], ["execute_input", {}]), []);
});

Deno.test("carriage returns leave what a terminal shows", () => {
  const cases = [
    ["a\rb", "b"],
    ["x\n10 %\r20 %\r30 %\ny\n", "x\n30 %\ny\n"],
    ["windows\r\nline\r\n", "windows\nline\n"],
    ["kept until more comes\r", "kept until more comes\r"],
    ["no returns\n\n", "no returns\n\n"],
  ];
  for (const [given, expected] of cases) assertEquals(applyCarriageReturns(given), expected);
});
