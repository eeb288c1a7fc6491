import { assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { withTempFolder } from "../testing/temp_folder.ts";
import { checkNewFolder, writeNewFolder } from "./new_folder.ts";

function names(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

Deno.test("a folder appears when it is complete, also in place of an empty one", () =>
  withTempFolder(async (folder) => {
    Deno.mkdirSync(join(folder, "empty"));
    for (const name of ["new", "empty", join("a", "b")]) {
      const path = join(folder, name);
      const result = await writeNewFolder(path, async (temporary) => {
        await Deno.writeTextFile(join(temporary, "file"), name);
        assertEquals(
          name === "empty" ? names(path) : names(folder).includes(name),
          name === "empty" ? [] : false,
        );
        return 7;
      });
      assertEquals([result, Deno.readTextFileSync(join(path, "file"))], [7, name]);
    }
    assertEquals(names(folder), ["a", "empty", "new"]);
  }));

Deno.test("what is there already is never touched", () =>
  withTempFolder(async (folder) => {
    Deno.mkdirSync(join(folder, "full"));
    Deno.writeTextFileSync(join(folder, "full", "mine"), "x");
    Deno.writeTextFileSync(join(folder, "file"), "x");
    const cases = [["full", "not empty (mine)"], ["file", "a file of that name"]];
    for (const [name, message] of cases) {
      const path = join(folder, name);
      await assertRejects(() => checkNewFolder(path), Error, message);
      await assertRejects(() => writeNewFolder(path, () => Promise.resolve()), Error, message);
    }
    await checkNewFolder(join(folder, "absent"));
    // Someone else fills it meanwhile.
    const late = join(folder, "late");
    await assertRejects(
      () =>
        writeNewFolder(late, async () => {
          await Deno.mkdir(late);
          await Deno.writeTextFile(join(late, "theirs"), "x");
        }),
      Error,
      "not empty (theirs)",
    );
    assertEquals(names(folder), ["file", "full", "late"]);
  }));

Deno.test("a disk that is too small or full is named, and nothing is left behind", () =>
  withTempFolder(async (folder) => {
    const path = join(folder, "a", "b");
    const room = { byteLength: 1e18 };
    await assertRejects(
      () => writeNewFolder(path, () => Promise.resolve(), room),
      Error,
      "1000000000.00 GB are needed",
    );
    await assertRejects(
      () =>
        writeNewFolder(path, async (temporary) => {
          await Deno.writeTextFile(join(temporary, "part"), "x");
          await Deno.writeTextFile("/dev/full", "x");
        }),
      Error,
      "the disk is full",
    );
    await assertRejects(
      () => writeNewFolder(path, () => Promise.reject(new TypeError("a bug"))),
      TypeError,
      "a bug",
    );
    assertEquals(names(folder), []);
  }));
