import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { swapVisualTokens } from "../../model/mod.ts";
import { memorySink } from "../../testing/memory_sink.ts";
import { openTiny, tinyPairs } from "../../testing/tiny_model.ts";
import { logitPlaces } from "./logit_report.ts";
import { logitPass } from "./logit_rows.ts";
import { logitKey, type LogitRecord } from "./records.ts";

Deno.test("logits of a pair are those of one swap at a time, in both directions", async () => {
  await using model = await openTiny();
  const [pair] = await tinyPairs("counting", 1);
  const [layers, window] = [[0, 5, 11], 3];
  const records = memorySink<LogitRecord>(logitKey);
  await logitPass({ numLayers: 12, layers, window, records }).run(model, [pair]);
  assertEquals(records.added.map(({ direction }) => direction), ["forward", "backward"]);
  const inputs = await model.prepare(
    [pair.targetImage, pair.sourceImage].map((image) => [{
      role: "user" as const,
      content: [{ type: "image" as const, image }, { type: "text" as const, text: pair.prompt }],
    }]),
  );
  for (const [side, record] of records.added.entries()) {
    const [input, other] = side === 0 ? inputs : inputs.toReversed();
    const visual = await model.captureVisualTokens(other);
    // The answers are of one digit each.
    const [own, others] = [record.own_answer, record.other_answer].map((text) =>
      model.encode(text)
    );
    assert(own.length === 1 && others.length === 1 && own[0] !== others[0]);
    const difference = async (swap?: { fromLayer: number; toLayer?: number }) => {
      const edits = swap ? [swapVisualTokens(visual, swap)] : [];
      const [{ logits }] = await model.forward([{ input, edits }]);
      const row = logits.row(0);
      return row[others[0]] - row[own[0]];
    };
    assertAlmostEquals(record.baseline!, await difference(), 2e-3);
    for (const [i, fromLayer] of layers.entries()) {
      assertAlmostEquals(record.from[i], await difference({ fromLayer }), 2e-3);
      const toLayer = Math.min(11, fromLayer + 2);
      assertAlmostEquals(record.windows[i], await difference({ fromLayer, toLayer }), 2e-3);
    }
    // From the last layer on, a window is all there is.
    assertEquals(record.windows[2], record.from[2]);
  }
  const again = memorySink<LogitRecord>(logitKey, records.added);
  await logitPass({ numLayers: 12, layers, window, records: again }).run(model, [pair]);
  assertEquals(again.added, []);
});

Deno.test("answers that do not differ have no values, an image and itself no rise", async () => {
  await using model = await openTiny();
  const [pair] = await tinyPairs("counting", 1);
  const records = memorySink<LogitRecord>(logitKey);
  await logitPass({ numLayers: 12, layers: [0], window: 12, records }).run(model, [
    { ...pair, id: "same answer", sourceAnswer: pair.targetAnswer },
    { ...pair, id: "same image", sourceImage: pair.targetImage },
  ]);
  const [answer, , image] = records.added;
  assertEquals([answer.baseline, answer.from], [null, []]);
  assertAlmostEquals(image.from[0], image.baseline!, 2e-3);
});

Deno.test("rises are means over pairs and directions, as a share of the whole swap's", () => {
  const record = (id: number, baseline: number | null, from: number[], windows: number[]) => ({
    ...{ task: "ocr", sample_id: String(id), direction: "forward" as const },
    ...{ own_answer: "a", other_answer: "b", baseline, from, windows },
  });
  const places = logitPlaces([
    record(0, -4, [4, 0], [0, -4]),
    record(1, -2, [2, -2], [-2, -2]),
    record(2, null, [], []),
  ], { tasks: ["ocr", "counting"], layers: [0, 6] });
  const own = places.filter(({ task }) => task === "ocr");
  assertEquals(own.map(({ swap, layer, n, rise, share }) => [swap, layer, n, rise, share]), [
    ["from", 0, 2, 6, 1],
    ["from", 6, 2, 2, 2 / 6],
    ["window", 0, 2, 2, 2 / 6],
    ["window", 6, 2, 0, 0],
  ]);
  assert(places.slice(own.length).every(({ n, rise }) => n === 0 && rise === null));
});
