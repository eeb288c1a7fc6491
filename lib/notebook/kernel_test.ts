import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { sleep } from "../signals.ts";
import type { CellEvent } from "./execute_cells.ts";
import { KernelError, startKernel } from "./kernel.ts";
import { NotebookError } from "./notebook_error.ts";
import { withNotebook } from "../testing/notebook_fixture.ts";
import { runNotebook } from "./run_notebook.ts";

// Prints the ids of the kernel and of a process that the cell started, then never ends.
const HANGING_CELL = `const child = new Deno.Command("sleep", { args: ["600"] }).spawn();
console.log(Deno.pid, child.pid);
await new Promise(() => {});`;

const CONFIG = new URL("../../deno.json", import.meta.url).pathname;
const RUNNER = new URL("./run_notebook.ts", import.meta.url).href;

/** Whether a process runs: one that has ended but that nobody has waited for (Z) does not. */
function isAlive(pid: number): boolean {
  const { stdout } = new Deno.Command("ps", { args: ["-o", "stat=", "-p", `${pid}`] }).outputSync();
  return /^[^Z]/.test(new TextDecoder().decode(stdout).trim());
}

/** Looks so often that even a machine that is busy with other work has ended what it was to end. */
async function assertGone(pids: number[]): Promise<void> {
  for (let looks = 0; looks < 1000 && pids.some(isAlive); looks++) await sleep(20);
  assertEquals(pids.filter(isAlive), [], "still there");
}

function commandLine(pid: number): string {
  const { stdout } = new Deno.Command("ps", { args: ["-o", "args=", "-p", `${pid}`] }).outputSync();
  return new TextDecoder().decode(stdout).trim();
}

/** Starts a program that runs the hanging cell; gives it and the ids that the cell prints. */
async function startProgram(
  path: string,
  then: string,
): Promise<{ program: Deno.ChildProcess; pids: number[] }> {
  const script = `${path}.ts`;
  await Deno.writeTextFile(
    script,
    `import { runNotebook } from ${JSON.stringify(RUNNER)};
await runNotebook(${JSON.stringify(path)}, { onCell(event) {
  if (event.type !== "stream") return;
  console.log(event.text);
  ${then}
} });`,
  );
  const program = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--config", CONFIG, script],
    stdin: "null",
    stdout: "piped",
  }).spawn();
  let text = "";
  for await (const chunk of program.stdout.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.includes("\n")) break;
  }
  return { program, pids: text.trim().split(" ").map(Number) };
}

Deno.test("aborting ends the run, the kernel and what the kernel started", async () => {
  await withNotebook([HANGING_CELL], async (path, folder) => {
    const controller = new AbortController();
    let pids: number[] = [];
    const onCell = (event: CellEvent) => {
      if (event.type !== "stream") return;
      pids = event.text.trim().split(" ").map(Number);
      assert(pids.length === 2 && pids.every(isAlive));
      controller.abort(new Error("the user asked"));
    };
    const { signal } = controller;
    const run = runNotebook(path, { output: `${folder}/out.ipynb`, signal, onCell });
    const error = await assertRejects(() => run, NotebookError, "aborted: the user asked");
    assertEquals(error.kind, "aborted");
    assertEquals(error.cell?.number, 1);
    assertEquals(error.failedNotebook, undefined);
    assertEquals(isAlive(pids[0]), false);
    await assertGone(pids);
    const again = await assertRejects(() => runNotebook(path, { signal }), NotebookError);
    assertEquals(again.kind, "aborted");
  });
});

Deno.test("SIGTERM ends the kernel and then the program, as does Deno.exit", async () => {
  await withNotebook([HANGING_CELL], async (path) => {
    const terminated = await startProgram(path, "");
    assert(terminated.pids.every(isAlive));
    terminated.program.kill("SIGTERM");
    assertEquals((await terminated.program.status).signal, "SIGTERM");
    await assertGone(terminated.pids);

    const exited = await startProgram(path, "Deno.exit(7);");
    assertEquals((await exited.program.status).code, 7);
    await assertGone(exited.pids);
  });
});

Deno.test("a kernel whose program was killed ends, and what the kernel started", async () => {
  await withNotebook([HANGING_CELL], async (path) => {
    const { program, pids } = await startProgram(path, "");
    program.kill("SIGKILL");
    await program.status;
    await assertGone(pids);
  });
});

Deno.test("killed at any time after its start, a kernel's program leaves no kernel and no files", async () => {
  const module = new URL("./kernel_process.ts", import.meta.url).href;
  const source = `
    import { spawnKernel } from ${JSON.stringify(module)};
    const { pid } = await spawnKernel({ cwd: "." });
    console.log(pid);
    await new Promise((resolve) => setTimeout(resolve, 60_000));`;
  const files = await Deno.makeTempDir();
  try {
    for (const [signal, delayMs] of [["SIGKILL", 0], ["SIGHUP", 0], ["SIGKILL", 400]] as const) {
      const program = new Deno.Command(Deno.execPath(), {
        args: ["eval", "--no-check", source],
        env: { TMPDIR: files },
        stdin: "null",
        stdout: "piped",
      }).spawn();
      const reader = program.stdout.getReader();
      const pid = Number(new TextDecoder().decode((await reader.read()).value));
      await sleep(delayMs);
      assertEquals([isAlive(pid), [...Deno.readDirSync(files)].length], [true, 1]);
      program.kill(signal);
      await program.status;
      await reader.cancel();
      await assertGone([pid]);
      assertEquals([...Deno.readDirSync(files)], []);
    }
  } finally {
    await Deno.remove(files, { recursive: true });
  }
});

Deno.test("a kernel that cannot start says why", async () => {
  await withNotebook(["1"], async (path, folder) => {
    await Deno.writeTextFile(`${folder}/deno.json`, "{ broken");
    const error = await assertRejects(() => runNotebook(path), NotebookError, "cannot start");
    assertEquals(error.kind, "crash");
    assertStringIncludes(error.message, "deno.json");
    await assertRejects(() => startKernel({ cwd: folder }), KernelError, "exit code 1");
  });
});

Deno.test("a kernel executes code until it is closed, and leaves no files", async () => {
  const kernel = await startKernel({ cwd: "." });
  const [, file] = commandLine(kernel.pid).match(/--conn (\S+)\/connection\.json/) ?? [];
  await assertRejects(() => Deno.stat(file), Deno.errors.NotFound);
  const seen: string[] = [];
  const options = { onOutput: (type: string) => void seen.push(type) };
  assertEquals(await kernel.execute("let a = 1;", options), { ok: true, traceback: [] });
  const reply = await kernel.execute('console.log(a);\nthrow new Error("x");', options);
  assertEquals([reply.ok, reply.traceback[0]], [false, "Error: x"]);
  assertEquals(seen.filter((type) => type === "stream" || type === "error"), ["stream", "error"]);
  assertEquals(kernel.languageInfo.name, "typescript");
  await kernel.close();
  assertEquals(isAlive(kernel.pid), false);
  await assertRejects(() => kernel.execute("1", options), KernelError);
});
