import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { withTempFolder } from "../testing/temp_folder.ts";
import { Describer } from "./describer.ts";
import type { EvaluateOptions, EvaluationRequest, Evaluator } from "./evaluator.ts";

const picture = (value: number) => ({
  key: `p${value}`,
  image: { width: 28, height: 28, data: new Uint8Array(28 * 28 * 3).fill(value) },
});

/** Says how light an image is; notes what it was asked. */
class Sayer implements Evaluator {
  readonly models = [{ name: "org/sayer", kind: "base", identity: {} }] as const;
  readonly calls: { all: number; open: number }[] = [];
  late = false;

  async evaluate(
    requests: readonly EvaluationRequest[],
    { done, onResponse, temperature }: EvaluateOptions,
  ) {
    assertEquals(temperature, 0);
    const open = requests.filter(({ key }) => !done?.has(key));
    this.calls.push({ all: requests.length, open: open.length });
    for (const request of open) {
      assertEquals(request.inputType, "image_to_describe");
      const text = `light ${request.question.image!.data[0]}`;
      await onResponse(request, { text, timedOut: this.late, seconds: 1, newTokens: 2 });
    }
  }

  async [Symbol.asyncDispose]() {}
}

Deno.test("images are described together, and a run that goes on plans with all of them", () =>
  withTempFolder(async (cacheFolder) => {
    const sayer = new Sayer();
    const describer = new Describer(sayer, { cacheFolder });
    const two = [picture(1), picture(2)];
    assertEquals(await describer.describe(two), ["light 1", "light 2"]);
    const more = [picture(3), ...two, picture(3)];
    assertEquals(await describer.describe(more), ["light 3", "light 1", "light 2", "light 3"]);
    assertEquals(await describer.describe(more), ["light 3", "light 1", "light 2", "light 3"]);
    assertEquals(sayer.calls, [{ all: 2, open: 2 }, { all: 3, open: 1 }]);
  }));

Deno.test("other weights of the same name describe anew, and a late description is none", () =>
  withTempFolder(async (cacheFolder) => {
    const sayer = new Sayer();
    const [first, second] = ["a", "b"].map((weights) =>
      new Describer(sayer, { cacheFolder, identity: { weights } })
    );
    assertNotEquals(first.identity, second.identity);
    assertEquals([first.model, second.model], ["org/sayer", "org/sayer"]);
    await first.describe([picture(1)]);
    await first.describe([picture(1)]);
    assertEquals(sayer.calls.length, 1);
    sayer.late = true;
    await assertRejects(
      () => second.describe([picture(1)]),
      Error,
      'Cannot describe image "p1": org/sayer did not finish in 1200 s',
    );
    sayer.late = false;
    assert((await second.describe([picture(1)]))[0] === "light 1");
  }));
