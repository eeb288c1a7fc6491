import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { withTempFolder } from "../testing/temp_folder.ts";
import { installKernel, jupyterDataFolder } from "./kernelspec.ts";

const specOf = (folder: string) =>
  JSON.parse(Deno.readTextFileSync(join(folder, "kernels", "deno", "kernel.json")));

Deno.test("a kernel's Deno is where it lasts", () =>
  withTempFolder(async (folder) => {
    const cached = join(folder, "_npx", "1", "node_modules", "deno", "deno");
    Deno.mkdirSync(join(cached, ".."), { recursive: true });
    Deno.writeTextFileSync(cached, `#!/bin/sh\necho "deno ${Deno.version.deno} (stable)"\n`);
    const kernel = await installKernel({ dataFolder: folder, deno: cached });
    Deno.removeSync(cached);
    assertEquals(kernel.outcome, "installed");
    assertEquals(specOf(folder).argv.slice(1), [
      "jupyter",
      "--kernel",
      "--conn",
      "{connection_file}",
    ]);
    const { stdout } = await new Deno.Command(specOf(folder).argv[0]).output();
    assert(new TextDecoder().decode(stdout).startsWith("deno "));
    assertEquals((await installKernel({ dataFolder: folder })).outcome, "kept");
  }));

Deno.test("a kernel whose Deno is gone, or older, is made anew; one elsewhere stays", () =>
  withTempFolder(async (folder) => {
    const own = join(folder, "own");
    const install = () => installKernel({ dataFolder: folder, deno: own });
    const write = (version: string) => {
      Deno.writeTextFileSync(own, `#!/bin/sh\necho "deno ${version}"\n`, { mode: 0o755 });
    };
    assertEquals((await install()).outcome, "installed");
    assertEquals((await install()).outcome, "installed");
    write("2.0.10");
    assertEquals((await install()).outcome, "installed");
    write("99.10.0");
    assertEquals(await install(), {
      folder: join(folder, "kernels", "deno"),
      deno: own,
      outcome: "kept",
    });
  }));

Deno.test("a user's kernels lie where Jupyter looks", () => {
  const among = (variables: Record<string, string>) => (name: string) => variables[name];
  assertEquals(jupyterDataFolder(among({ JUPYTER_DATA_DIR: "/x", HOME: "/h" })), "/x");
  assertEquals(jupyterDataFolder(among({ HOME: "/h" }), "linux"), "/h/.local/share/jupyter");
  assertEquals(
    jupyterDataFolder(among({ HOME: "/h", XDG_DATA_HOME: "/d" }), "linux"),
    "/d/jupyter",
  );
  assertEquals(jupyterDataFolder(among({ HOME: "/h" }), "darwin"), "/h/Library/Jupyter");
});
