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
      "1000000000.0 GB are needed",
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

Deno.test("what a killed process was filling is removed by the next that writes the folder", () =>
  withTempFolder(async (folder) => {
    const path = join(folder, "m");
    const source = `
      import { writeNewFolder } from ${JSON.stringify(import.meta.resolve("./new_folder.ts"))};
      await writeNewFolder(${JSON.stringify(path)}, async (temporary) => {
        Deno.writeTextFileSync(temporary + "/shard", "weights");
        console.log("filling");
        await new Promise((resolve) => setTimeout(resolve, 60_000));
      });`;
    const child = new Deno.Command(Deno.execPath(), {
      args: ["eval", "--no-check", source],
      stdin: "null",
      stdout: "piped",
    }).spawn();
    const reader = child.stdout.getReader();
    await reader.read();
    // While it lives, another that writes the same folder leaves it alone.
    await writeNewFolder(path, () => Promise.resolve());
    Deno.removeSync(path);
    assertEquals(names(folder).map((name) => name.slice(0, 3)), [".m."]);
    child.kill("SIGKILL");
    await child.status;
    await reader.cancel();
    await writeNewFolder(path, () => Promise.resolve());
    assertEquals(names(folder), ["m"]);
  }));
