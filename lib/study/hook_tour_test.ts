import { assert, assertEquals, assertRejects } from "@std/assert";
import { HookTour } from "./hook_tour.ts";
import { openStudy } from "./study.ts";

Deno.test("every stop of the tour shows its hook at work", async () => {
  const study = openStudy({ recipe: "tiny" });
  await using tour = await HookTour.open(study);
  const asked = (await tour.ask()).toRecords();
  for (const { answer, published } of asked) assertEquals(answer, published);
  const [{ answer: target }, { answer: source }] = asked;
  assert(target !== source);

  const ablated = (await tour.ablate()).toRecords();
  assertEquals([ablated[0].answer, ablated[0].calls_left_out], [target, 0]);
  assert(ablated.slice(1).every(({ calls_left_out }) => Number(calls_left_out) > 0));
  assert(ablated.some(({ answer }) => answer !== target));

  const swapped = (await tour.swap()).toRecords();
  assertEquals([swapped[0].answer, swapped[0].layers_swapped], [target, 0]);
  // From the first layer on nothing of the target image is left to see.
  assertEquals([swapped[1].answer, swapped[1].layers_swapped], [source, 12]);

  const attention = (await tour.attend()).toRecords();
  assertEquals(attention.length, 12);
  for (const { layer: _, basis: __, ...masses } of attention) {
    const values = Object.values(masses).map(Number);
    assert(values.every((mass) => mass > 0) && values.reduce((a, b) => a + b) <= 1);
  }

  const merged = (await tour.merge()).toRecords();
  assertEquals(merged.map(({ model }) => model).slice(0, 3), ["IN", "RL", "IN:RL:RL"]);
  assert(merged.every(({ response }) => String(response).includes("<think>")));
});

Deno.test("a pair that is not there is refused", async () => {
  const study = openStudy({ recipe: "tiny" });
  await assertRejects(() => HookTour.open(study, { pair: 1e6 }), Error, "there are 0 to 99");
});
