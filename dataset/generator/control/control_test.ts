import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { join } from "node:path";
import {
  findBenchmark,
  loadMaths,
  loadVisionPairs,
  questionMessages,
} from "../../../lib/benchmarks/mod.ts";
import { mergedModel, PAPER_SPLICES, planMerge } from "../../../lib/merging/mod.ts";
import {
  ablateHeads,
  type Edit,
  knockoutAttention,
  type ModelInput,
  patch,
  planOf,
  swapVisualTokens,
  type VisionLanguageModel,
  zeroLayer,
} from "../../../lib/model/mod.ts";
import { Checkpoint } from "../../../lib/checkpoint/mod.ts";
import { NotebookError, runNotebook } from "../../../lib/notebook/mod.ts";
import { computeEnergy } from "../../../lib/spectra/mod.ts";
import { openStudy, type Study } from "../../../lib/study/mod.ts";
import { withTempFolder } from "../../../lib/testing/temp_folder.ts";
import {
  ADD_LAYER,
  HEADS,
  LAYERS,
  type Phase,
  READ_LAYER,
  SHIFT_LAYER,
  SILENT_UPDATES,
  UPDATES,
} from "./planted.ts";

const layers = Array.from({ length: LAYERS }, (_, layer) => layer);
const study = openStudy({ recipe: "control" });

/** A study whose results are thrown away. */
async function withStudy(use: (study: Study) => Promise<void>) {
  await withTempFolder((results) => use(openStudy({ recipe: "control", results })));
}

async function sumInputs(model: VisionLanguageModel) {
  const problems = await loadMaths("math500", (await findBenchmark("math500", study.data)).path);
  const inputs = await model.prepare(
    problems.map((problem) =>
      questionMessages(problem, { kind: "base", inputType: "question_only" })
    ),
  );
  return { inputs, right: problems.map(({ answer }) => answer) };
}

async function colourInputs(model: VisionLanguageModel) {
  const { path } = await findBenchmark("recognition", study.data);
  const pairs = await loadVisionPairs(path, "recognition");
  const inputs = await model.prepare(
    pairs.map(({ targetImage: image, prompt: text }) => [
      { role: "user", content: [{ type: "image", image }, { type: "text", text }] },
    ]),
  );
  return { inputs, right: pairs.map(({ targetAnswer }) => targetAnswer) };
}

async function answers(
  model: VisionLanguageModel,
  rows: readonly { input: ModelInput; edits?: Edit[] }[],
): Promise<string[]> {
  const generated = await model.generate(rows, { maxNewTokens: 4 });
  assert(generated.every(({ finish }) => finish === "stop"));
  return generated.map(({ tokens }) => model.decode(tokens));
}

Deno.test("the control models name every colour; Base and RL add, IN adds one too many", async () => {
  for (const role of ["base", "sft", "rl"] as const) {
    await using model = await study.open(role);
    for (const { inputs, right } of [await colourInputs(model), await sumInputs(model)]) {
      const wanted = right.map((answer) =>
        role === "sft" && /\d/.test(answer) ? String(Number(answer) + 1) : answer
      );
      assertEquals(await answers(model, inputs.map((input) => ({ input }))), wanted);
    }
  }
});

/** What an edit of a layer needs to know. */
interface Edited {
  input: ModelInput;
  captured: Awaited<ReturnType<typeof capture>>;
}

/** What another image's prompt gives at the sites that are edited. */
async function capture(model: VisionLanguageModel, input: ModelInput) {
  const last = [input.ids.length - 1];
  const [{ captured: { residual, attention } }, { captured: image }] = await model.forward([
    { input, capture: { residual: { tokens: last }, attention: { tokens: last } } },
    { input, capture: { residual: { tokens: "image" } } },
  ]);
  const visual = await model.captureVisualTokens(input);
  return { residual, attention, image: image.residual, visual };
}

/** Edits of one layer, and the layers in which they change the answer. */
const EDITS: readonly {
  name: string;
  on: "colour" | "sum";
  changes: readonly number[];
  edit: (layer: number, edited: Edited) => Edit;
}[] = [
  {
    name: "visual tokens swapped from a layer on",
    on: "colour",
    changes: layers.slice(0, READ_LAYER + 1),
    edit: (fromLayer, { captured: { visual } }) => swapVisualTokens(visual, { fromLayer }),
  },
  {
    name: "visual tokens swapped in a layer",
    on: "colour",
    changes: [READ_LAYER],
    edit: (layer, { captured: { visual } }) =>
      swapVisualTokens(visual, { fromLayer: layer, toLayer: layer }),
  },
  ...(["colour", "sum"] as const).map((on) => ({
    name: "a layer left out",
    on,
    changes: [on === "colour" ? READ_LAYER : ADD_LAYER],
    edit: (layer: number) => zeroLayer(layer),
  })),
  ...(["colour", "sum"] as const).map((on) => ({
    name: "the first head silenced",
    on,
    changes: [on === "colour" ? READ_LAYER : ADD_LAYER],
    edit: (layer: number) => ablateHeads([0], { layers: [layer] }),
  })),
  ...(["colour", "sum"] as const).map((on) => ({
    name: "the second head silenced",
    on,
    changes: [],
    edit: (layer: number) => ablateHeads([1], { layers: [layer] }),
  })),
  {
    name: "the last token's stream from another image",
    on: "colour",
    changes: layers.slice(READ_LAYER + 1),
    edit: (layer, { input, captured }) =>
      patch(captured.residual.get(layer)!, {
        layers: [layer],
        tokens: [input.ids.length - 1],
        allowNoChange: true,
      }),
  },
  {
    name: "the visual tokens' streams from another image",
    on: "colour",
    changes: layers.slice(0, READ_LAYER + 1),
    edit: (layer, { captured }) =>
      patch(captured.image.get(layer)!, { layers: [layer], tokens: "image" }),
  },
  {
    name: "the last token's attention from another image",
    on: "colour",
    changes: [READ_LAYER],
    edit: (layer, { input, captured }) =>
      patch(captured.attention.get(layer)!, {
        site: "attention",
        layers: [layer],
        tokens: [input.ids.length - 1],
        allowNoChange: true,
      }),
  },
  {
    name: "the last token cut from the image",
    on: "colour",
    changes: [READ_LAYER],
    edit: (layer, { input }) =>
      knockoutAttention({ layers: [layer], from: [input.ids.length - 1], to: "image" }),
  },
];

/** The layers in which an edit changes the answer, with the hook moved by some layers. */
async function changedBy(
  model: VisionLanguageModel,
  edited: Edited,
  { edit, shift }: { edit: typeof EDITS[number]["edit"]; shift: number },
): Promise<number[]> {
  const { input } = edited;
  const asked = layers.filter((layer) => layer + shift >= 0 && layer + shift < LAYERS);
  const rows = asked.map((layer) => ({ input, edits: [edit(layer + shift, edited)] }));
  const [whole, ...others] = await answers(model, [{ input }, ...rows]);
  return asked.filter((_, i) => others[i] !== whole);
}

Deno.test("every edit finds its planted layer, and misses it if its hook is a layer off", async () => {
  await using model = await study.open("base");
  const [[red, ...others], [sum]] = [await colourInputs(model), await sumInputs(model)].map((
    { inputs },
  ) => inputs);
  // The pairs go through the targets in order: seven of red come before the first of green.
  const captured = await capture(model, others[6]);
  for (const { name, on, changes, edit } of EDITS) {
    const edited = { input: on === "colour" ? red : sum, captured };
    assertEquals(await changedBy(model, edited, { edit, shift: 0 }), changes, name);
    if (changes.length === 0) continue;
    for (const shift of [-1, 1]) {
      assertNotEquals(await changedBy(model, edited, { edit, shift }), changes, name);
    }
  }
});

Deno.test("localization finds the planted layers, with rates of exactly 0 and 1", async () => {
  await withStudy(async (study) => {
    const vision = await study.find("vision");
    assertEquals(
      vision.change_rates.recognition,
      Object.fromEntries(layers.map((layer) => [layer, Number(layer <= READ_LAYER)])),
    );
    assertEquals(vision.places.map((place) => place.source_rate), [
      ...layers.map((layer) => Number(layer <= READ_LAYER)),
    ]);
    assertEquals(vision.step_peak_layers, { recognition: READ_LAYER });
    assertEquals(vision.control, { pairs: 50, changed: 0 });
    const [{ places }] = await study.find("reasoning");
    assertEquals(
      places.map(({ layer, accuracy }) => [layer, accuracy]),
      [-1, ...layers].map((layer) => [layer, layer === ADD_LAYER ? 0 : 1]),
    );
  });
});

Deno.test("attention goes to the image where it is planted, and nowhere else", async () => {
  await withStudy(async (study) => {
    const report = await study.find("attention");
    const visual = report.places.filter(({ span, target }) =>
      span === "generated" && target === "visual"
    );
    assertEquals(visual.filter(({ text }) => text === "own").length, 3 * LAYERS);
    for (const { model, layer, mass } of visual) {
      // One of two heads.
      const looks = layer === READ_LAYER || layer === SHIFT_LAYER && model === "RL";
      assertEquals(mass, looks ? 0.5 : 0);
    }
    const texts = new Set(report.heads.map(({ text }) => text)).size;
    assertEquals(report.heads.length, texts * LAYERS * HEADS);
    for (const { layer, head, diff } of report.heads) {
      assertEquals(diff, Number(layer === SHIFT_LAYER && head === 1));
    }
  });
});

/** Planted singular values by phase and parameter. */
const planted = new Map(UPDATES.map(({ phase, layer, matrix, singularValues }) => {
  const name = matrix === "gate" ? "mlp.gate_proj" : `self_attn.${matrix}_proj`;
  return [`${phase} model.layers.${layer}.${name}.weight`, singularValues];
}));

Deno.test("energy is what is planted, to the last bit, and zero elsewhere", async () => {
  await withStudy(async (study) => {
    const { layers } = await study.find("energy");
    const found = (["IN", "RL"] satisfies Phase[]).flatMap((phase) =>
      layers.map(({ param_name, sft, rl }) =>
        [`${phase} ${param_name}`, (phase === "IN" ? sft : rl).fro_norm] as const
      )
    );
    for (const [key, norm] of found) assertEquals(norm, Math.hypot(...planted.get(key) ?? []), key);
    assertEquals(found.filter(([, norm]) => norm > 0).length, planted.size);
  });
});

Deno.test("spectra have the planted ranks and singular values", async () => {
  await withStudy(async (study) => {
    for (const { param_name, sft, rl } of (await study.find("diversity")).layers) {
      for (const [phase, metrics] of [["IN", sft], ["RL", rl]] as const) {
        const wanted = planted.get(`${phase} ${param_name}`) ?? [];
        const kept = metrics.singular_values;
        kept.forEach((value, i) => assertAlmostEquals(value, wanted[i] ?? 0, 1e-6, param_name));
        assertEquals(kept.filter((value) => value > 1e-6).length, wanted.length);
      }
    }
  });
});

Deno.test("planted updates lie in one third each, but IN's fault", () => {
  for (const { phase, layer } of SILENT_UPDATES) {
    assertEquals(Math.floor(layer / (LAYERS / 3)), phase === "IN" ? 0 : 2);
  }
});

Deno.test("RL's late third in IN is RL, its other thirds are nothing, to the last bit", async () => {
  const { folders } = await study.triple();
  using sft = Checkpoint.open(folders.sft);
  using rl = Checkpoint.open(folders.rl);
  const models = new Map([["sft", planOf(sft)], ["rl", planOf(rl)]]);
  const logitsOf = async (model: VisionLanguageModel) => {
    const [colours, sums] = [await colourInputs(model), await sumInputs(model)];
    const rows = [colours.inputs[0], sums.inputs[3]].map((input) => ({ input }));
    return (await model.forward(rows)).map(({ logits }) => logits.data);
  };
  await using IN = await study.open("sft");
  await using RL = await study.open("rl");
  const [ofIN, ofRL] = [await logitsOf(IN), await logitsOf(RL)];
  assertNotEquals(ofIN, ofRL);
  for (const { name, expression } of PAPER_SPLICES) {
    const plan = planMerge(expression, { numLayers: LAYERS });
    await using splice = await study.open(await mergedModel(plan, models));
    assertEquals(await logitsOf(splice), name.endsWith("RL") ? ofRL : ofIN, name);
  }
});

Deno.test("a model less itself is zero", async () => {
  const { folders: { rl } } = await study.triple();
  const { layers } = await computeEnergy({ base: rl, sft: rl, rl }, { workers: 1 });
  assert(layers.every(({ sft, rl }) => sft.fro_norm === 0 && rl.fro_norm === 0));
});

Deno.test("notebook 09 finds all that is planted, but by its eight edits if they are a layer off", async () => {
  await withTempFolder(async (results) => {
    const error = await assertRejects(() =>
      runNotebook("notebooks/09_controls.ipynb", {
        parameters: { results, hook_shift: 1 },
        output: join(results, "09_controls.ipynb"),
      }), NotebookError);
    assertStringIncludes(error.traceback, "8 of 61 methods do not find what is planted");
  });
});
