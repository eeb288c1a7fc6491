import { assertEquals, assertThrows } from "@std/assert";
import { join } from "node:path";
import { withTempFolder } from "../testing/temp_folder.ts";
import { readEditedModels, readEdits } from "./edits_file.ts";

Deno.test("edits are read from the line and from files, one or several", () =>
  withTempFolder(async (folder) => {
    const edit = { kind: "zeroLayer", layers: [3] };
    const file = join(folder, "edits.json");
    await Deno.writeTextFile(file, JSON.stringify(edit));
    for (const text of [JSON.stringify(edit), ` [${JSON.stringify(edit)}]`, file]) {
      assertEquals<unknown>(readEdits(text), [edit]);
    }
    assertThrows(() => readEdits("no-such.json"), Error, "no such file, and it is no JSON");
    assertThrows(() => readEdits("[{]"), Error, "Cannot read --edit: it is not JSON");
    assertThrows(() => readEdits('{"kind":"a","kind":"b"}'), Error, 'the key "kind" stands twice');
  }));

Deno.test("edited models have a name, a model and edits, and nothing else", () =>
  withTempFolder(async (folder) => {
    const file = join(folder, "edited.json");
    const model = { name: "IN without layer 3", model: "sft", edits: [{ kind: "zeroLayer" }] };
    const read = (value: unknown) => {
      Deno.writeTextFileSync(file, JSON.stringify(value));
      return readEditedModels(file);
    };
    assertEquals<unknown>(await read([model]), [model]);
    const cases: [unknown, string][] = [
      [model, "expected array"],
      [[], ""],
      [[{ ...model, edits: [] }], "edits"],
      [[{ ...model, name: "../in" }], "name"],
      [[{ ...model, edit: 3 }], 'unknown key "edit"; did you mean "edits"?'],
      [[{ name: "x", edits: model.edits }], "model is missing"],
    ];
    for (const [value, message] of cases) {
      const error = assertThrows(() => read(value), Error, message);
      assertEquals(error.message.startsWith(`Cannot read the edited models of ${file}: `), true);
    }
  }));
