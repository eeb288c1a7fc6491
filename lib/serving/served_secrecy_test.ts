import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { withTempFolder } from "../testing/temp_folder.ts";
import { Describer } from "./describer.ts";
import { ServedJudge } from "./served_judge.ts";
import { answer, failure, FakeApi, type FakeScript, stream } from "./testdata/fake_api.ts";
import {
  APIS,
  Collected,
  environment,
  evaluatorOf,
  KEY,
  MODELS,
  requestsOf,
} from "./testdata/served_test_tools.ts";
import { TestClock } from "./testdata/test_clock.ts";

const CONSOLE = ["debug", "info", "log", "warn", "error"] as const;

/** Everything that is written to the console meanwhile. */
async function consoleDuring(work: () => Promise<void>): Promise<string> {
  const lines: string[] = [];
  const originals = CONSOLE.map((name) => [name, console[name]] as const);
  for (const name of CONSOLE) {
    console[name] = (...values: unknown[]) =>
      void lines.push(values.map((v) => Deno.inspect(v)).join(" "));
  }
  try {
    await work();
  } finally {
    for (const [name, original] of originals) console[name] = original;
  }
  return lines.join("\n");
}

/** Contents and names of all files of a folder. */
function contents(folder: string): string {
  let text = "";
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = join(folder, name);
    text += name + (isDirectory ? contents(path) : Deno.readTextFileSync(path));
  }
  return text;
}

/** A server that repeats the key wherever it can. */
const tattling: Record<string, FakeScript> = {
  "in answers": (call) => answer(call, `correct: your key is ${KEY}.`),
  "in an error": ({ api }) =>
    failure(api, 401, {
      message: `Incorrect key ${KEY}`,
      headers: { "x-key": encodeURIComponent(KEY) },
    }),
  "in a filter's error": ({ api }) => failure(api, 400, { message: KEY, code: "content_filter" }),
  "in an error that passes": ({ api }) => failure(api, 503, { message: `${KEY} is overloaded` }),
  "in a page": () => new Response(`<html>${KEY}</html>`, { status: 502 }),
  "in broken JSON": () =>
    new Response(`{"${KEY}`, { headers: { "content-type": "application/json" } }),
  "in JSON of another form": () => Response.json({ error: { message: KEY }, [KEY]: 1 }),
  "in a broken event": () => stream([`event: x\ndata: {"${KEY}\n\n`]),
  "in an event's error": () =>
    stream([`event: error\ndata: ${JSON.stringify({ error: { message: KEY, type: KEY } })}\n\n`]),
};

for (const [name, script] of Object.entries(tattling)) {
  Deno.test(`a key that a server repeats ${name} shows nowhere`, async () => {
    await using fake = new FakeApi(script);
    await withTempFolder(async (folder) => {
      let seen = "";
      let failures = 0;
      const note = (value: unknown) =>
        seen += Deno.inspect(value, { depth: 20 }) + JSON.stringify(value);
      const attempt = async (work: () => Promise<unknown>) => {
        try {
          note(await work());
        } catch (error) {
          failures++;
          for (let at = error; at instanceof Error; at = at.cause) {
            note(`${at.message} ${at.stack}`);
          }
          note(error);
        }
      };
      const written = await consoleDuring(async () => {
        for (const api of APIS) {
          const schedule = { clock: new TestClock(), retries: 1 };
          await using evaluator = evaluatorOf(fake, api, { schedule });
          const got = new Collected();
          const options = got.options({ onProgress: note });
          await attempt(() => evaluator.evaluate(requestsOf(api, 2), options));
          note([...got]);
          note([evaluator, evaluator.models]);
          const served = {
            model: MODELS[api],
            cacheFolder: folder,
            readVariable: environment(fake),
            schedule,
          };
          const judge = new ServedJudge(served);
          await attempt(() => judge.judge({ key: "1", question: "1?", gold: "1", response: "1" }));
          const describer = new Describer(evaluator, { cacheFolder: folder });
          const image = { width: 28, height: 28, data: new Uint8Array(28 * 28 * 3) };
          await attempt(() => describer.describe([{ key: "p", image }]));
          note([judge, describer]);
        }
      });
      assert(fake.calls.some(({ headers }) => headers.get("authorization")?.includes(KEY)));
      const isAnswer = name.includes("answers") || name.includes("filter");
      assertEquals(failures, isAnswer ? 0 : 6);
      seen += written + contents(folder);
      assert(seen.includes("gpt-4o"));
      for (const secret of [KEY, encodeURIComponent(KEY), KEY.slice(0, 12), KEY.slice(-12)]) {
        const at = seen.indexOf(secret);
        assertEquals(at, -1, seen.slice(Math.max(0, at - 200), at + 100));
      }
    });
  });
}
