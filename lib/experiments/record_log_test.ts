import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
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
    const latin = new TextEncoder().encode(`${line}{"id":"X","value":1}\n`);
    latin[latin.indexOf(0x58)] = 0xfc;
    const cases: [string | Uint8Array, string][] = [
      [latin, "log.jsonl: it is not UTF-8 text: line 2, byte 0xfc"],
      [`${line}{"id":"b","id":"c","value":1}\n`, ':2: the key "id" stands twice'],
      [`\ufeff${line}`, ":1: it starts with a byte order mark"],
      [`${line}${"[".repeat(3000)}${"]".repeat(3000)}\n`, ":2: its values are nested more than"],
      [`${line}{"id":"b","valeu":1}\n`, ':2: value is missing, but "valeu" is there'],
      [`${line}{"id":"b","value":"1"}\n`, ":2: value: Invalid input: expected number"],
      [`${line}{"id":\n${line}`, ":2: it is not JSON"],
      [`${line}{"id":"b"}\n`, ":2: value is missing"],
      [`${line}${line}`, ":2: record a stands twice"],
    ];
    for (const [text, reason] of cases) {
      const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
      Deno.writeFileSync(path, bytes);
      const { message } = assertThrows(() => open(path), Error, reason);
      assertEquals(message.split("\n").length, 1);
      assertEquals(Deno.readFileSync(path), bytes);
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

Deno.test("a log that is removed or replaced while it is written ends the run", () =>
  withTempFolder((folder) => {
    const path = join(folder, "run", "log.jsonl");
    const removals = [
      () => Deno.removeSync(path),
      () => Deno.removeSync(join(folder, "run"), { recursive: true }),
      () => Deno.renameSync(join(folder, "run"), join(folder, "elsewhere")),
      () => {
        Deno.renameSync(path, `${path}.old`);
        Deno.writeTextFileSync(path, "");
      },
    ];
    for (const remove of removals) {
      using log = open(path);
      log.append({ id: "a", value: 1 });
      log.confirm();
      remove();
      assertThrows(() => log.append({ id: "b", value: 2 }), Error, `Cannot go on with ${path}`);
      assertThrows(() => log.confirm(), Error, "while this run was writing it");
      for (const { name } of Deno.readDirSync(folder)) {
        Deno.removeSync(join(folder, name), { recursive: true });
      }
    }
  }));

Deno.test("records are put in place of others, whole or not at all, and the log grows on", () =>
  withTempFolder(async (folder) => {
    const path = join(folder, "log.jsonl");
    {
      using log = open(path);
      for (const id of ["a", "b"]) log.append({ id, value: 1 });
      const before = Deno.readTextFileSync(path);
      const changed = { id: "a", value: 2 };
      await assertRejects(() => log.update([changed, { id: "c", value: 2 }]), Error, "update c");
      assertEquals(Deno.readTextFileSync(path), before);
      await log.update([changed]);
      log.append({ id: "c", value: 3 });
      assertThrows(() => open(path), Error, "another run is writing it");
      assertEquals([...log.records.values()].map(({ value }) => value), [2, 1, 3]);
    }
    using again = open(path);
    assertEquals([...again.records.values()].map(({ value }) => value), [2, 1, 3]);
  }));

Deno.test({
  name: "a full disk is an error that names the file, and the log keeps its whole lines",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withTempFolder(async (folder) => {
      const path = join(folder, "log.jsonl");
      const module = import.meta.resolve("./record_log.ts");
      const source = `
        import { RecordLog } from ${JSON.stringify(module)};
        const schema = { safeParse: (data) => ({ success: true, data }) };
        using log = RecordLog.open(${JSON.stringify(path)}, { schema, id: ({ id }) => id });
        try {
          for (let i = 0;; i++) log.append({ id: String(i), value: "x".repeat(100) });
        } catch (error) {
          console.log(error.message);
        }`;
      // No file may be larger than 2 blocks of 512 bytes: what the system says then names no file.
      const script = `trap '' XFSZ; ulimit -f 2; exec "$0" eval --no-check "$1"`;
      const { stdout } = await new Deno.Command("sh", {
        args: ["-c", script, Deno.execPath(), source],
        stderr: "inherit",
        cwd: new URL("../..", import.meta.url).pathname,
      }).output();
      const message = new TextDecoder().decode(stdout);
      assertStringIncludes(message, `Cannot write to ${path}: `);
      const lines = Deno.readTextFileSync(path).split("\n");
      assertStringIncludes(message, `its ${lines.length - 1} records stand`);
      assertEquals([lines.length > 2, lines.at(-1)], [true, ""]);
      for (const line of lines.slice(0, -1)) JSON.parse(line);
    }),
});
