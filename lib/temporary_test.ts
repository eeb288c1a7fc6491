import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { writeAtomically } from "./atomic_write.ts";
import { makeTemporary, removeDead } from "./temporary.ts";
import { withTempFolder } from "./testing/temp_folder.ts";

const names = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

/** Makes a temporary file and a folder with content in a process that is then killed. */
async function leaveBehind(folder: string): Promise<void> {
  const source = `
    import { makeTemporary } from ${JSON.stringify(import.meta.resolve("./temporary.ts"))};
    const at = (name) => ${JSON.stringify(folder)} + "/" + name;
    makeTemporary(at("x.json"), "file");
    const { path } = makeTemporary(at(".m"), "folder");
    Deno.writeTextFileSync(path + "/shard", "weights");
    console.log("made");
    await new Promise((resolve) => setTimeout(resolve, 60_000));`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-check", source],
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  // Alive, it keeps what it makes.
  removeDead({ folder });
  assertEquals(names(folder).filter((name) => name.endsWith(".tmp")).length, 2);
  child.kill("SIGKILL");
  await child.status;
  await reader.cancel();
}

Deno.test("what a killed process was making is removed, what a living one makes is not", () =>
  withTempFolder(async (folder) => {
    await leaveBehind(folder);
    using alive = makeTemporary(join(folder, "x.json"), "file");
    using aliveFolder = makeTemporary(join(folder, ".m"), "folder");
    const others = [
      // Another machine's, an older suite's, and files that only look alike.
      "x.json.ffffff-01234567.tmp",
      "x.json.01234567.tmp",
      "notes.tmp",
    ];
    for (const name of others) Deno.writeTextFileSync(join(folder, name), "keep");
    const expected = [
      ...others,
      ...[alive, aliveFolder].map(({ path }) => path.slice(folder.length + 1)),
    ];
    removeDead({ folder });
    assertEquals(names(folder), expected.sort());
  }));

Deno.test("a file's leftovers alone are removed where it alone is written", () =>
  withTempFolder(async (folder) => {
    await leaveBehind(folder);
    removeDead({ base: join(folder, ".m") });
    assertEquals(names(folder).map((name) => name.slice(0, 7)), ["x.json."]);
    removeDead({ base: join(folder, "x.jso") });
    assertEquals(names(folder).length, 1);
    removeDead({ base: join(folder, "x.json") });
    assertEquals(names(folder), []);
  }));

Deno.test("leftovers in folders below are found; no folder is no error", () =>
  withTempFolder(async (folder) => {
    const deep = join(folder, "a", "b");
    await writeAtomically(join(deep, "x.json"), "{}");
    await leaveBehind(deep);
    removeDead({ folder });
    assertEquals(names(deep), ["x.json"]);
    removeDead({ folder: join(folder, "nowhere") });
  }));

Deno.test("while one writes a file over and over, another that cleans never hurts", () =>
  withTempFolder(async (folder) => {
    const source = `
      import { removeDead } from ${JSON.stringify(import.meta.resolve("./temporary.ts"))};
      console.log("cleaning");
      for (;;) removeDead({ folder: ${JSON.stringify(folder)} });`;
    const child = new Deno.Command(Deno.execPath(), {
      args: ["eval", "--no-check", source],
      stdin: "null",
      stdout: "piped",
    }).spawn();
    const reader = child.stdout.getReader();
    await reader.read();
    const path = join(folder, "x.json");
    for (let i = 0; i < 300; i++) {
      await writeAtomically(path, String(i));
      assertEquals(Deno.readTextFileSync(path), String(i));
    }
    child.kill("SIGKILL");
    await child.status;
    await reader.cancel();
    assertEquals(names(folder), ["x.json"]);
  }));
