import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { QUESTION_PREFIX } from "../benchmarks/prompts.ts";
import { ServedModelError } from "./served_error.ts";
import { createServedEvaluator } from "./served_evaluator.ts";
import {
  answer,
  events,
  failure,
  FakeApi,
  type FakeCall,
  type FakeScript,
  never,
  stream,
  whole,
} from "./testdata/fake_api.ts";
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

/** Answers with the question's number. */
const echo: FakeScript = (call) => answer(call, `\\boxed{${call.text.match(/\d+/)}}`);

/** Fails each question's first attempt. */
const failsOnce = (first: FakeScript): FakeScript => (call) =>
  call.attempt === 0 ? first(call) : echo(call);

for (const api of APIS) {
  Deno.test(`${api}: questions are asked as the protocol says and answers come back`, async () => {
    // The first four are answered when all of them have come.
    const four = Promise.withResolvers<void>();
    await using fake = new FakeApi(async (call) => {
      if (fake.calls.length === 4) four.resolve();
      await four.promise;
      return echo(call);
    });
    await using evaluator = evaluatorOf(fake, api);
    const got = new Collected();
    const seen: number[] = [];
    await evaluator.evaluate(
      requestsOf(api, 9),
      got.options({ onProgress: ({ done, total }) => seen.push(done / total) }),
    );
    const wanted = Array.from({ length: 9 }, (_, i) => [`q${i}`, `\\boxed{${i}}`]);
    assertEquals(got.texts, Object.fromEntries(wanted));
    assertEquals(seen, [...Array(10).keys()].map((i) => i / 9));
    const { newTokens, timedOut, seconds } = got.get("q3")!;
    assertEquals([newTokens, timedOut], [5, false]);
    assert(seconds > 0);
    assertEquals(fake.mostAtATime, 4);
    const { path, headers, body } = fake.calls.find(({ text }) => text.includes("Question 3"))!;
    assertEquals(path, api === "openai" ? "/v1/chat/completions" : "/v1/messages");
    assertEquals(headers.get("authorization"), `Bearer ${KEY}`);
    assertEquals([body.model, body.max_tokens, body.temperature], [MODELS[api], 100, 0]);
    assertEquals(body.system, undefined);
    assertEquals((body.messages as unknown[]).length, 1);
    assertEquals(fake.calls[0].text, QUESTION_PREFIX + "Question 0?");
    assertEquals(evaluator.models[0].kind, api === "openai" ? "gpt" : "claude");
  });

  const passing: Record<string, FakeScript> = {
    "429 with Retry-After": ({ api }) => failure(api, 429, { headers: { "retry-after": "7" } }),
    "429 with a date": ({ api }) =>
      failure(api, 429, {
        headers: { "retry-after": new Date(Date.now() + 60_900).toUTCString() },
      }),
    "500": ({ api }) => failure(api, 500),
    "529 without JSON": () => new Response("<html>overloaded</html>", { status: 529 }),
    "408": ({ api }) => failure(api, 408),
    "409": ({ api }) => failure(api, 409),
    "malformed JSON": () =>
      new Response('{"choices": [', { headers: { "content-type": "application/json" } }),
    "JSON of another form": () => Response.json({ choices: [], content: 7 }),
    "an empty body": () => new Response(""),
    "a malformed event": ({ api }) =>
      stream([events(api, "ab")[0], "event: x\ndata: {nonsense\n\n"]),
    "a connection dropped in the middle": ({ api }) =>
      stream(events(api, "\\boxed{99}").slice(0, 5), { end: "drop" }),
    "a JSON body dropped in the middle": () =>
      stream(['{"choices": [{"mess'], { end: "drop", type: "application/json" }),
    "a stream that ends too soon": ({ api }) => stream(events(api, "\\boxed{99}").slice(0, 5)),
    "an error in the stream": ({ api }) =>
      stream([
        events(api, "ab")[0],
        'event: error\ndata: {"type": "error", "error": {"type": "overloaded_error", "message": ' +
        '"Overloaded"}}\n\n',
      ]),
  };
  for (const [name, first] of Object.entries(passing)) {
    Deno.test(`${api}: ${name} is tried again, and no answer is lost or doubled`, async () => {
      await using fake = new FakeApi(failsOnce(first));
      const clock = new TestClock();
      await using evaluator = evaluatorOf(fake, api, { schedule: { clock, concurrency: 2 } });
      const got = new Collected();
      const details = new Set<string | undefined>();
      const onProgress = ({ detail }: { detail?: string }) => void details.add(detail?.slice(0, 8));
      await evaluator.evaluate(requestsOf(api, 3), got.options({ onProgress }));
      assertEquals(got.texts, { q0: "\\boxed{0}", q1: "\\boxed{1}", q2: "\\boxed{2}" });
      assert(details.has("again in"));
      assertEquals(fake.calls.length, 6);
      // 7 s, what is left until the date, or 1 s; nothing of what came before is kept.
      const [least, most] = name.endsWith("date")
        ? [10_000, 62_000]
        : name.startsWith("429")
        ? [7000, 8500]
        : [1000, 1500];
      assert(clock.sleeps.some((ms) => ms >= least && ms <= most), String(clock.sleeps));
    });
  }

  Deno.test(`${api}: a server that never answers is cut off, which is an answer`, async () => {
    await using fake = new FakeApi(never);
    await using evaluator = evaluatorOf(fake, api);
    const got = new Collected();
    await evaluator.evaluate(requestsOf(api, 3), got.options({ timeoutSeconds: 0.2 }));
    assertEquals(got.texts, { q0: "", q1: "", q2: "" });
    assert([...got.values()].every(({ timedOut, seconds }) => timedOut && seconds >= 0.19));
    assertEquals(fake.calls.length, 3);
  });

  Deno.test(`${api}: what came before the deadline is kept`, async () => {
    const pieces = (call: FakeCall) => events(call.api, "so far so good").slice(0, 6);
    await using fake = new FakeApi((call) => stream(pieces(call), { end: "hang" }));
    await using evaluator = evaluatorOf(fake, api);
    const got = new Collected();
    // Long enough for a busy machine to hear the pieces.
    await evaluator.evaluate(requestsOf(api, 1), got.options({ timeoutSeconds: 3 }));
    const { text, timedOut, newTokens } = got.get("q0")!;
    assert(text.length >= 6 && "so far so good".startsWith(text), text);
    assertEquals([timedOut, newTokens], [true, null]);
  });

  Deno.test(`${api}: servers that answer whole are understood`, async () => {
    await using fake = new FakeApi(({ api }) => whole(api, "\\boxed{7}"));
    await using evaluator = evaluatorOf(fake, api);
    const got = new Collected();
    await evaluator.evaluate(requestsOf(api, 1), got.options());
    assertEquals([got.get("q0")!.text, got.get("q0")!.newTokens], ["\\boxed{7}", 5]);
  });

  Deno.test(`${api}: a refusal is an answer`, async () => {
    const finish = api === "openai" ? "content_filter" : "refusal";
    const replies: FakeScript[] = [
      (call) => answer(call, "I cannot", finish),
      (call) => answer(call, "", finish),
      (call) => whole(call.api, null, finish),
      (call) =>
        call.api === "openai"
          ? Response.json({ choices: [{ message: { refusal: "No." }, finish_reason: "stop" }] })
          : answer(call, "No.", finish),
      (call) =>
        call.api === "openai"
          ? failure(call.api, 400, { code: "content_filter" })
          : answer(call, " ", finish),
    ];
    await using fake = new FakeApi((call) => replies[Number(call.text.match(/\d/))](call));
    await using evaluator = evaluatorOf(fake, api);
    const got = new Collected();
    await evaluator.evaluate(requestsOf(api, 5), got.options());
    const wanted = { q0: "I cannot", q1: "[refused]", q2: "[refused]", q3: "No.", q4: "[refused]" };
    assertEquals(got.texts, wanted);
    assertEquals(fake.calls.length, 5);
  });

  for (const status of [400, 401, 403, 404, 422]) {
    Deno.test(`${api}: ${status} ends the run with a clear message`, async () => {
      await using fake = new FakeApi((call) =>
        call.text.includes("2?") ? failure(call.api, status) : echo(call)
      );
      await using evaluator = evaluatorOf(fake, api, { schedule: { concurrency: 1 } });
      const got = new Collected();
      const error = await assertRejects(
        () => evaluator.evaluate(requestsOf(api, 5), got.options()),
        ServedModelError,
      );
      const task = `Cannot answer request "q2" with ${MODELS[api]} at ${fake.origin}`;
      assert(error.message.startsWith(task), error.message);
      assert(error.message.includes(`: ${status} the server's words; `), error.message);
      assertEquals(error.status, status);
      assertEquals(Object.keys(got.texts), ["q0", "q1"]);
      assertEquals(fake.calls.length, 3);
    });
  }

  Deno.test(`${api}: what is done is not asked, and an interrupted run goes on`, async () => {
    let broken = true;
    await using fake = new FakeApi((call) =>
      broken && call.text.includes("3?") ? failure(call.api, 401) : echo(call)
    );
    await using evaluator = evaluatorOf(fake, api, { schedule: { concurrency: 2 } });
    const got = new Collected();
    await assertRejects(() => evaluator.evaluate(requestsOf(api, 6), got.options()));
    broken = false;
    const done = new Set(got.keys());
    await evaluator.evaluate(requestsOf(api, 6), got.options({ done }));
    assertEquals(got.size, 6);
    const answered = fake.calls.filter(({ text }) => !text.includes("3?"));
    assertEquals(answered.length, 5);
    const calls = fake.calls.length;
    await evaluator.evaluate(requestsOf(api, 6), got.options({ done: new Set(got.keys()) }));
    assertEquals(fake.calls.length, calls);
  });

  Deno.test(`${api}: an abort ends what is under way`, async () => {
    await using fake = new FakeApi((call) => call.text.includes("0?") ? echo(call) : never(call));
    await using evaluator = evaluatorOf(fake, api);
    const got = new Collected();
    const controller = new AbortController();
    const options = got.options({ signal: controller.signal });
    const { onResponse } = options;
    const running = evaluator.evaluate(requestsOf(api, 9), {
      ...options,
      onResponse: async (...args) => {
        await onResponse(...args);
        controller.abort(new Error("enough"));
      },
    });
    assertEquals((await assertRejects(() => running)).message, "enough");
    assertEquals(Object.keys(got.texts), ["q0"]);
    assert(fake.calls.length <= 5);
  });
}

Deno.test("a redirect is not followed, so that no other host gets the key", async () => {
  await using other = new FakeApi(echo);
  await using fake = new FakeApi(({ path }) => Response.redirect(other.origin + path, 307));
  for (const api of APIS) {
    await using evaluator = evaluatorOf(fake, api);
    const running = () => evaluator.evaluate(requestsOf(api, 1), new Collected().options());
    await assertRejects(running, ServedModelError, "redirects are not followed");
  }
  assertEquals(other.calls.length, 0);
});

Deno.test("a server that is not there is named after all attempts", async () => {
  const schedule = { clock: new TestClock(), retries: 2 };
  const gone = new FakeApi(echo);
  await gone[Symbol.asyncDispose]();
  await using evaluator = createServedEvaluator("gpt-4o", {
    baseUrl: `${gone.origin}/v1/`,
    readVariable: () => KEY,
    schedule,
  });
  const error = await assertRejects(
    () => evaluator.evaluate(requestsOf("openai", 1), new Collected().options()),
    ServedModelError,
    "(attempt 3 of 3)",
  );
  assert(/no answer: .*connect.*check the base URL/is.test(error.message), error.message);
  assertEquals(schedule.clock.sleeps.length, 2);
});

Deno.test("an account without credit is not asked again", async () => {
  await using fake = new FakeApi(({ api }) => failure(api, 429, { code: "insufficient_quota" }));
  await using evaluator = evaluatorOf(fake, "openai");
  const running = () => evaluator.evaluate(requestsOf("openai", 1), new Collected().options());
  await assertRejects(running, ServedModelError, "has no credit");
  assertEquals(fake.calls.length, 1);
});

Deno.test("images are sent as PNG in the prompt's size, black ones too", async () => {
  const { decodeImage } = await import("../model/decode_image.ts");
  await using fake = new FakeApi(echo);
  const data = Uint8Array.from({ length: 14 * 28 * 3 }, (_, i) => i % 251);
  const image = { width: 14, height: 28, data };
  for (const api of APIS) {
    await using evaluator = evaluatorOf(fake, api);
    const question = { question: "Question 1?", image, description: "a ramp" };
    const requests = (["image_question", "black_image_description_question"] as const)
      .map((inputType) => ({ model: MODELS[api], key: inputType, question, inputType }));
    await evaluator.evaluate(requests, new Collected().options());
  }
  assertEquals(fake.calls.length, 4);
  for (const { api, png, text } of fake.calls) {
    const base64 = png!.replace("data:image/png;base64,", "");
    assertEquals(base64 === png, api === "anthropic");
    const shown = await decodeImage(Uint8Array.fromBase64(base64));
    assertEquals([shown.width, shown.height], [28, 56]);
    assertEquals(shown.data.every((value) => value === 0), text.includes("a ramp"));
  }
});

Deno.test("reasoning models get no temperature, another field for tokens, and no stream", async () => {
  await using fake = new FakeApi(echo);
  for (const name of ["o3-mini", "gpt-5-mini"]) {
    await using evaluator = createServedEvaluator(name, { readVariable: environment(fake) });
    const [request] = requestsOf("openai", 1);
    const got = new Collected();
    await evaluator.evaluate([{ ...request, model: name }], got.options());
    assertEquals(got.texts, { q0: "\\boxed{0}" });
    const { temperature, max_tokens, max_completion_tokens, stream } = fake.calls.at(-1)!.body;
    assertEquals(
      [temperature, max_tokens, max_completion_tokens, stream],
      [undefined, undefined, 100, undefined],
    );
    assertEquals(evaluator.models[0].identity.temperature, "the model's own");
  }
});

Deno.test("a model of any kind on a server that speaks OpenAI's API is asked in its own way", async () => {
  await using fake = new FakeApi(echo);
  const name = "MMR1/MMR1-7B-RL";
  assertThrows(
    () => createServedEvaluator(name, { readVariable: environment(fake) }),
    Error,
    "state the API",
  );
  const options = { api: "openai", readVariable: environment(fake) } as const;
  await using evaluator = createServedEvaluator(name, options);
  const [request] = requestsOf("openai", 1);
  await evaluator.evaluate([{ ...request, model: name }], new Collected().options());
  const [system] = fake.calls[0].body.messages as { role: string; content: string }[];
  assertEquals([system.role, evaluator.models[0].kind], ["system", "reasoner"]);
  assert(system.content.includes("<think>"));
  assertEquals(fake.calls[0].body.model, name);
});

Deno.test("requests of another model, and answers that cannot be kept, end the run", async () => {
  await using fake = new FakeApi(echo);
  await using evaluator = evaluatorOf(fake, "openai");
  const stranger = [{ ...requestsOf("openai", 1)[0], model: "gpt-4" }];
  await assertRejects(
    () => evaluator.evaluate(stranger, new Collected().options()),
    Error,
    'it is for "gpt-4", and this evaluator has "gpt-4o"',
  );
  assertEquals(fake.calls.length, 0);
  let kept = 0;
  const onResponse = () => {
    kept++;
    throw new Error("the disk is full");
  };
  const options = new Collected().options({ onResponse });
  const running = () => evaluator.evaluate(requestsOf("openai", 9), options);
  await assertRejects(running, Error, "the disk is full");
  assertEquals(kept, 1);
});
