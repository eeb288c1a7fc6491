import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { join } from "node:path";
import sharp from "sharp";
import {
  LayerSessions,
  swapVisualTokens,
  VisionLanguageModel,
  visualTokenIndices,
} from "../../model/mod.ts";
import type { PassOptions } from "../../experiments/mod.ts";
import { type MemorySink, memorySink } from "../../testing/memory_sink.ts";
import type { VisionPair } from "../../benchmarks/vision_dataset.ts";
import { withTempFolder } from "../../testing/temp_folder.ts";
import { explainGpuError } from "../../model/gpu_run.ts";
import type { Tensor } from "../../model/tensors.ts";
import { openTiny, tinyFolder, tinyPairs } from "../../testing/tiny_model.ts";
import { visionPass } from "./rows.ts";
import {
  type ControlRecord,
  pairKey,
  recordedPair,
  visionKey,
  type VisionRecord,
} from "./records.ts";
import { reportVision, visionLocalizationFrame } from "./report.ts";
import { visualPrefix } from "./visual_prefix.ts";
import { madeBases } from "../../testing/made_bases.ts";

interface Collected {
  records: MemorySink<VisionRecord>;
  controls: MemorySink<ControlRecord>;
}

function collect(
  records: readonly VisionRecord[] = [],
  controls: readonly ControlRecord[] = [],
): Collected {
  return {
    records: memorySink(visionKey, records),
    controls: memorySink<ControlRecord>(recordedPair, controls),
  };
}

function visionLocalization(
  model: VisionLanguageModel,
  pairs: readonly VisionPair[],
  { layers, records, controls, ...options }: Collected & PassOptions & { layers: number[] },
) {
  const { numLayers } = model;
  return visionPass({ numLayers, layers, maxNewTokens: 64, records, controls })
    .run(model, pairs, options);
}

Deno.test("a sweep in batches gives the answers of one swap at a time", async () => {
  await using model = await openTiny();
  const pairs = [...await tinyPairs("ocr", 2), ...await tinyPairs("grounding", 1)];
  const layers = [0, 8, 11];
  const together = collect();
  await visionLocalization(model, pairs, { ...together, layers });
  assertEquals(together.records.added.map(({ layer }) => layer), [...layers, ...layers, ...layers]);
  assertEquals(together.controls.added.map(({ answer_changed }) => answer_changed), [
    false,
    false,
    false,
  ]);

  for (const { id, targetImage, sourceImage, prompt } of pairs) {
    const [target, source] = await model.prepare([targetImage, sourceImage].map((image) => [{
      role: "user" as const,
      content: [{ type: "image" as const, image }, { type: "text" as const, text: prompt }],
    }]));
    const tokens = await model.captureVisualTokens(source);
    for (const layer of [-1, ...layers]) {
      const [{ tokens: answer }] = await model.generate([{
        input: target,
        edits: layer < 0 ? [] : [swapVisualTokens(tokens, { fromLayer: layer })],
      }], { maxNewTokens: 64 });
      const text = model.decode(answer);
      for (const record of together.records.added.filter(({ sample_id }) => sample_id === id)) {
        if (layer < 0) assertEquals(record.original_answer, text);
        else if (record.layer === layer) assertEquals(record.swapped_answer, text);
      }
    }
  }
  for (const { layer, layers_swapped, tokens_swapped, swap_norm } of together.records.added) {
    assertEquals([layers_swapped, tokens_swapped], [model.numLayers - layer, 16]);
    assert(swap_norm > 1);
  }
  // The control swaps everything, and changes next to nothing.
  for (const { layers_swapped, swap_norm } of together.controls.added) {
    assertEquals(layers_swapped, model.numLayers);
    assert(swap_norm < 0.01);
  }
});

Deno.test("records do not depend on memory, batches or where the run went on", async () => {
  await using model = await openTiny();
  const pairs = await tinyPairs("counting", 3);
  const layers = [0, 1, 6];
  const whole = collect();
  await visionLocalization(model, pairs, { ...whole, layers });
  for (const bounds of [{ maxRows: 1 }, { maxRows: 4 }, { memoryBytes: 1e6 }]) {
    const parts = collect();
    await visionLocalization(model, pairs, { ...parts, layers, ...bounds });
    assertEquals(parts.records.added, whole.records.added);
    assertEquals(
      parts.controls.added.map(({ swap_norm: _, ...rest }) => rest),
      whole.controls.added.map(
        ({ swap_norm: _, ...rest }) => rest,
      ),
    );
  }
  for (const [kept, keptControls] of [[0, 2], [5, 2], [9, 3]]) {
    const rest = collect(
      whole.records.added.slice(0, kept),
      whole.controls.added.slice(0, keptControls),
    );
    await visionLocalization(model, pairs, { ...rest, layers });
    assertEquals(rest.records.added, whole.records.added.slice(kept));
    assertEquals(rest.controls.added, whole.controls.added.slice(keptControls));
  }
});

/** Opened layers on a host that has so much memory for a pass, and says what a driver says. */
function smallMemory(bytes: number): LayerSessions {
  const sessions = new LayerSessions();
  const { backend } = sessions;
  const begin = backend.begin.bind(backend);
  backend.begin = async () => {
    const pass = await begin();
    let left = bytes;
    const taken = <T extends Tensor>(tensor: T): T => {
      left -= 4 * tensor.dims.reduce((product, size) => product * size, 1);
      if (left >= 0) return tensor;
      const why = "WebGPU validation failed. [Invalid Buffer (unlabeled)] is invalid";
      throw explainGpuError("run a graph on webgpu", new Error(why));
    };
    return {
      ...pass,
      upload: async (data, width) => taken(await pass.upload(data, width)),
      runAll: async (name, make, inputs) => {
        const results = await pass.runAll(name, make, inputs);
        for (const result of Object.values(results)) taken(result);
        return results;
      },
    };
  };
  return sessions;
}

Deno.test("a device whose memory runs out takes batches in halves, with the same records", async () => {
  const pairs = await tinyPairs("counting", 3);
  const layers = [0, 1, 6];
  const run = async (model: VisionLanguageModel) => {
    const collected = collect();
    await visionLocalization(model, pairs, { ...collected, layers });
    return [
      collected.records.added,
      collected.controls.added.map(({ swap_norm: _, ...rest }) => rest),
    ];
  };
  await using model = await openTiny();
  await using layerSessions = smallMemory(5e6);
  await using small = await VisionLanguageModel.open(tinyFolder(), { layerSessions });
  const { warn } = console;
  const said: string[] = [];
  console.warn = (text: string) => said.push(text);
  try {
    assertEquals(await run(small), await run(model));
  } finally {
    console.warn = warn;
  }
  assertEquals(said.slice(0, 1), [
    "The memory of cpu is too small for 15 rows; going on with 8 at a time",
  ]);
});

Deno.test("images of other sizes are swapped by interpolation", () =>
  withTempFolder(async (folder) => {
    await using model = await openTiny();
    const [pair] = await tinyPairs("recognition", 1);
    const path = join(folder, "wide.png");
    const red = { r: 200, g: 30, b: 30 };
    const image = { width: 168, height: 84, channels: 3, background: red } as const;
    await sharp({ create: image }).png().toFile(path);
    const wide: VisionPair = { ...pair, sourceImage: path };
    const found = collect();
    await visionLocalization(model, [wide], { ...found, layers: [0] });
    assertEquals(found.records.added[0].tokens_swapped, 16);
    assertEquals(found.records.added[0].answer_changed, true);
  }));

Deno.test("what cannot be swept is refused, and an abort keeps what was told", async () => {
  await using model = await openTiny();
  const pairs = await tinyPairs("counting", 4);
  await assertRejects(
    () =>
      visionLocalization(model, [{ ...pairs[0], targetImage: "nowhere.png" }], {
        ...collect(),
        layers: [0],
      }),
    Error,
    "nowhere.png",
  );
  const controller = new AbortController();
  const { records, controls } = collect();
  const append = (record: VisionRecord) => {
    records.append(record);
    controller.abort(new Error("stopped"));
  };
  await assertRejects(
    () =>
      visionLocalization(model, pairs, {
        records: { ...records, append },
        ...{ controls, layers: [0], maxRows: 3, signal: controller.signal },
      }),
    Error,
    "stopped",
  );
  assertEquals(records.added.length, 1);
});

Deno.test("a prompt cut after its image keeps the image's K and V", async () => {
  await using model = await openTiny();
  const [{ targetImage, prompt }] = await tinyPairs("grounding", 1);
  const [input] = await model.prepare([[{
    role: "user",
    content: [{ type: "image", image: targetImage }, { type: "text", text: prompt }],
  }]]);
  const short = visualPrefix(input);
  assertEquals(visualTokenIndices(short), visualTokenIndices(input));
  assert(short.ids.length < input.ids.length);
  const [whole, cut] = await Promise.all(
    [input, short].map((each) => model.captureVisualTokens(each)),
  );
  for (let layer = 0; layer < model.numLayers; layer++) {
    for (const part of ["keys", "values"] as const) {
      const difference = whole[part][layer].reduce(
        (most, value, i) => Math.max(most, Math.abs(value - cut[part][layer][i])),
        0,
      );
      assert(difference < 1e-4, `${part} of layer ${layer} differ by ${difference}`);
    }
  }
});

Deno.test("rates, steps and source answers of a report are counted, not fitted", () => {
  // Four pairs: their answers follow the source up to layers 0, 1, 1 and 3.
  const follows = [0, 1, 1, 3];
  const records = follows.flatMap((last, sample) =>
    [0, 1, 3].map((layer): VisionRecord => ({
      task: "ocr",
      sample_id: String(sample),
      layer,
      original_answer: "a",
      swapped_answer: "b",
      answer_changed: layer <= last,
      target_answer: "a",
      source_answer: "b",
      is_source_answer: layer < last,
      layers_swapped: 4 - layer,
      tokens_swapped: 16,
      swap_norm: 10 + layer,
    }))
  );
  const controls = follows.map((_, sample): ControlRecord => ({
    task: "ocr",
    sample_id: String(sample),
    original_answer: "a",
    control_answer: "a",
    answer_changed: false,
    target_answer: "a",
    correct: sample > 0,
    layers_swapped: 4,
    tokens_swapped: 16,
    swap_norm: 0,
  }));
  const report = reportVision({ records, controls, logits: [] }, {
    window: 3,
    tasks: ["ocr"],
    layers: [3, 0, 1],
    numLayers: 4,
    numSamples: 4,
    basis: madeBases(["ocr"]),
  });
  assertEquals(report.change_rates, { ocr: { "0": 1, "1": 0.75, "3": 0.25 } });
  // What layer 1 adds cannot be said without the rate from layer 2 on; layer 3 is the model's last.
  assertEquals(report.places.map(({ step }) => step), [0.25, null, 0.25]);
  assertEquals(report.places.map(({ source_rate }) => source_rate), [0.75, 0.25, 0]);
  assertEquals(report.peak_layers, { ocr: 0 });
  assertEquals(report.step_peak_layers, { ocr: 0 });
  const lone = reportVision({
    records: records.filter(({ layer }) => layer === 1),
    controls,
    logits: [],
  }, {
    window: 3,
    tasks: ["ocr"],
    layers: [1],
    numLayers: 4,
    numSamples: 4,
    basis: madeBases(["ocr"]),
  });
  assertEquals([lone.peak_layers, lone.step_peak_layers], [{ ocr: 1 }, {}]);
  assertEquals(report.baseline_accuracy, { ocr: 0.75 });
  assertEquals(report.control, { pairs: 4, changed: 0 });
  assertEquals(report.outcomes, [{
    task: "ocr",
    ids: ["0", "1", "2", "3"],
    changed: ["1111", "0111", "0001"],
  }]);
  assertEquals(report.receipts.swaps, 12);
  assertEquals(report.receipts.smallest_swap_norm, 10);
  const frame = visionLocalizationFrame(report);
  assertEquals(frame.columns.slice(0, 5), ["task", "layer", "n", "change_rate", "change_low"]);
  assertEquals(frame.height, 3);
  assertThrows(
    () =>
      reportVision({ records, controls, logits: [] }, {
        window: 3,
        tasks: ["ocr"],
        layers: [],
        numLayers: 4,
        numSamples: 4,
        basis: madeBases(["ocr"]),
      }),
    Error,
    "Cannot sum up vision localization: no layer",
  );
  assertEquals(pairKey({ task: "ocr", id: "1" }), recordedPair(controls[1]));
});
