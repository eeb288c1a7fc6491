import { assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { z } from "zod";
import { withTempFolder } from "../testing/temp_folder.ts";
import { AnswerCache, cacheKey } from "./answer_cache.ts";

const schema = z.object({ word: z.string() });
const KEY = cacheKey(["model", "prompt", "input"]);

/** A source that counts how often it is asked. */
function source(word = "yes", signal?: AbortSignal) {
  const made = {
    asked: 0,
    about: { model: "gpt-4o-mini" },
    ask: () => Promise.resolve({ word: `${word}${++made.asked}` }),
    keep: (answer: { word: string }) => answer.word !== "null1",
    signal,
  };
  return made;
}

Deno.test("an answer is asked for once, by one run and by the next", async () => {
  await withTempFolder(async (folder) => {
    const cache = new AnswerCache(join(folder, "grading"), schema);
    const first = source();
    const all = await Promise.all([cache.get(KEY, first), cache.get(KEY, first)]);
    assertEquals([...all, await cache.get(KEY, first)], Array(3).fill({ word: "yes1" }));
    const next = source("no");
    assertEquals(await new AnswerCache(join(folder, "grading"), schema).get(KEY, next), all[0]);
    assertEquals([first.asked, next.asked], [1, 0]);
    const text = await Deno.readTextFile(join(folder, "grading", `${KEY}.json`));
    assertEquals(JSON.parse(text), { key: KEY, model: "gpt-4o-mini", word: "yes1" });
    assertEquals([...Deno.readDirSync(join(folder, "grading"))].length, 1);
  });
});

Deno.test("torn and foreign files are asked for anew and replaced", async () => {
  await withTempFolder(async (folder) => {
    const path = join(folder, `${KEY}.json`);
    const good = JSON.stringify({ key: KEY, word: "kept" });
    const others = [
      "",
      "null",
      good.slice(0, -3),
      JSON.stringify({ key: "other", word: "kept" }),
      JSON.stringify({ key: KEY, word: 7 }),
      JSON.stringify([KEY]),
    ];
    for (const text of others) {
      await Deno.writeTextFile(path, text);
      const fresh = source();
      const cache = new AnswerCache(folder, schema);
      assertEquals(await cache.get(KEY, fresh), { word: "yes1" }, text);
      assertEquals(await cache.get(KEY, fresh), { word: "yes1" });
      assertEquals(fresh.asked, 1);
    }
    await Deno.writeTextFile(path, good);
    assertEquals(await new AnswerCache(folder, schema).get(KEY, source()), { word: "kept" });
  });
});

Deno.test("failures and answers not to keep leave no file", async () => {
  await withTempFolder(async (folder) => {
    const cache = new AnswerCache(folder, schema);
    const fails = { ...source(), ask: () => Promise.reject(new Error("no answer")) };
    const both = await Promise.allSettled([cache.get(KEY, fails), cache.get(KEY, fails)]);
    assertEquals(both.map(({ status }) => status), ["rejected", "rejected"]);
    const unsure = source("null");
    assertEquals(await cache.get(KEY, unsure), { word: "null1" });
    assertEquals([...Deno.readDirSync(folder)], []);
    assertEquals(await cache.get(KEY, unsure), { word: "null2" });
  });
});

Deno.test("one who waits for another's answer asks on if that one is called off", async () => {
  await withTempFolder(async (folder) => {
    const cache = new AnswerCache(folder, schema);
    const off = new AbortController();
    const asked = Promise.withResolvers<void>();
    const hangs = {
      ...source("", off.signal),
      ask: () =>
        new Promise<never>((_, reject) => {
          asked.resolve();
          off.signal.addEventListener("abort", () => reject(off.signal.reason));
        }),
    };
    const first = cache.get(KEY, hangs);
    const second = cache.get(KEY, source("second"));
    const away = new AbortController();
    const third = cache.get(KEY, source("third", away.signal));
    away.abort(new Error("not me"));
    await assertRejects(() => third, Error, "not me");
    // The first asks only after it has looked for a file.
    await asked.promise;
    off.abort(new Error("enough"));
    await assertRejects(() => first, Error, "enough");
    assertEquals(await second, { word: "second1" });
  });
});
