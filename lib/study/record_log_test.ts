import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { join } from "node:path";
import { z } from "zod";
import { withTempFolder } from "../testing/temp_folder.ts";
import { RecordLog } from "./record_log.ts";

const schema = z.object({ id: z.string(), value: z.number() });
type Item = z.infer<typeof schema>;
const open = (path: string) => RecordLog.open<Item>(path, { schema, id: (record) => record.id });

function write(path: string, records: Item[]) {
  using log = open(path);
  for (const record of records) log.append(record);
}

Deno.test("records come back in their order", () =>
  withTempFolder((folder) => {
    const path = join(folder, "new", "log.jsonl");
    const records = [{ id: "b", value: 1 }, { id: "a", value: 2 }];
    write(path, records);
    using log = open(path);
    assertEquals([...log.records.values()], records);
  }));

Deno.test("cut anywhere, a log keeps its whole lines and goes on", () =>
  withTempFolder((folder) => {
    const records = [{ id: "a", value: 1 }, { id: "ü\n", value: 2 }, { id: "c", value: 3 }];
    const whole = join(folder, "whole.jsonl");
    write(whole, records);
    const bytes = Deno.readFileSync(whole);
    const path = join(folder, "cut.jsonl");
    fc.assert(fc.property(fc.nat(bytes.length), (length) => {
      Deno.writeFileSync(path, bytes.subarray(0, length));
      {
        using log = open(path);
        for (const record of records) if (!log.records.has(record.id)) log.append(record);
      }
      assertEquals(Deno.readFileSync(path), bytes);
    }));
  }));

Deno.test("no record is written twice", () =>
  withTempFolder((folder) => {
    using log = open(join(folder, "log.jsonl"));
    log.append({ id: "a", value: 1 });
    assertThrows(() => log.append({ id: "a", value: 2 }), Error, "Record a is in");
  }));

Deno.test("a damaged line is an error that names it, and the file stays as it was", () =>
  withTempFolder((folder) => {
    const path = join(folder, "log.jsonl");
    const line = '{"id":"a","value":1}\n';
    const cases: [string, string][] = [
      [`${line}{"id":\n${line}`, ":2: not JSON"],
      [`${line}{"id":"b"}\n`, ":2: value"],
      [`${line}${line}`, ":2: record a stands twice"],
    ];
    for (const [text, reason] of cases) {
      Deno.writeTextFileSync(path, text);
      assertThrows(() => open(path), Error, reason);
      assertEquals(Deno.readTextFileSync(path), text);
    }
  }));

Deno.test("a second process cannot write the same log", () =>
  withTempFolder((folder) => {
    const path = join(folder, "log.jsonl");
    {
      using _log = open(path);
      assertThrows(() => open(path), Error, "another run is writing it");
    }
    open(path)[Symbol.dispose]();
  }));

Deno.test("a place that cannot be written is an error", () =>
  withTempFolder((folder) => {
    Deno.writeTextFileSync(join(folder, "file"), "");
    assertThrows(() => open(join(folder, "file", "log.jsonl")), Error, "Cannot write");
  }));
