import { assertEquals } from "@std/assert";
import { jsonLines, MathsProcess } from "./maths_process.ts";

Deno.test("JSON lines are read however they are cut, a torn last one is left out", async () => {
  const bytes = new TextEncoder().encode('{"a":"é"}\n[1,2]\n{"torn":');
  for (const size of [1, 3, 100]) {
    const pieces = Array.from(
      { length: Math.ceil(bytes.length / size) },
      (_, i) => bytes.slice(i * size, (i + 1) * size),
    );
    const lines = jsonLines<unknown>(ReadableStream.from(pieces));
    assertEquals(await Array.fromAsync(lines), [{ a: "é" }, [1, 2]]);
  }
});

Deno.test("an engine that has ended gives no verdict, and may be ended again", async () => {
  const engine = await MathsProcess.start(60_000);
  assertEquals(await engine.ask({ a: "x+1", b: "1+x" }, 30_000), "equal");
  assertEquals(await engine.stop(), "");
  assertEquals(await engine.ask({ a: "x+1", b: "1+x" }, 30_000), undefined);
  await engine.stop();
});
