import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { Checkpoint } from "../../checkpoint/mod.ts";
import { Decoder } from "../decoder.ts";
import { forward } from "../forward.ts";
import { generate } from "../generate.ts";
import type { RowRequest } from "../row_plan.ts";
import { openRandom, textInput } from "../testdata/random_model.ts";
import { compareReceipts } from "../testdata/receipts.ts";
import { planOf } from "../layer_list.ts";
import { caseInput, maxDifference, readReference, repositoryFile } from "../testdata/reference.ts";
import { EDIT_KINDS } from "./kinds.ts";
import {
  ablateHeads,
  addVector,
  type Edit,
  editWith,
  knockoutAttention,
  patch,
  scale,
  type Site,
  swapVisualTokens,
  type TokenChoice,
  visualTokensOf,
  zeroLayer,
} from "./mod.ts";

const reference = readReference("random");
const square = caseInput(reference, "square");
const wide = caseInput(reference, "wide");
const long = Array.from({ length: 40 }, (_, i) => 3 * i % 200);
/** The last three share first tokens with others, of text and of a prompt with an image. */
const INPUTS = [
  square,
  wide,
  textInput([7, 8, 9]),
  textInput(long),
  textInput([...long.slice(0, 35), 9, 8]),
  textInput([...square.ids.slice(0, square.imageTokens[0].start), 5, 6, 7]),
];

async function sourceOf(decoder: Decoder, input = wide) {
  const capture = { keysValues: { tokens: "image" } } as const;
  const [{ captured }] = await forward(decoder, [{ input, capture }]);
  return visualTokensOf(captured);
}

const layer = fc.integer({ min: 0, max: 3 });
const layers = fc.uniqueArray(layer, { minLength: 1, maxLength: 3 });

/** Edits of every kind; of the image and the question only where `image` says so. */
function anyEdit(decoder: Decoder, image: boolean, source: Awaited<ReturnType<typeof sourceOf>>) {
  const { hiddenSize, numHeads, headDim } = decoder.config;
  const tokens = fc.constantFrom<TokenChoice>(
    "all",
    "prompt",
    "generated",
    [0],
    [1, 2],
    ...(image ? ["image", "question"] as const : []),
  );
  const heads = fc.uniqueArray(fc.integer({ min: 0, max: numHeads - 1 }), {
    minLength: 1,
    maxLength: 2,
  });
  const sites: Exclude<Site, "keysValues">[] = ["residual", "heads", "attention", "mlp", "layer"];
  const site = fc.constantFrom(...sites);
  const ramp = (width: number) => Float32Array.from({ length: width }, (_, i) => (i % 7 - 3) / 30);
  const widthOf = (site: Site) => site === "heads" ? numHeads * headDim : hiddenSize;
  const edits: fc.Arbitrary<Edit>[] = [
    fc.record({ site, layers, tokens }).map((where) => addVector(ramp(widthOf(where.site)), where)),
    fc.record({
      site: fc.constantFrom<Site>(...sites, "keysValues"),
      layers,
      tokens,
    }).map((where) => scale(0.7, where)),
    fc.record({ site, layers, tokens }).map((where) =>
      patch({ data: ramp(widthOf(where.site)), dims: [1, widthOf(where.site)] }, where)
    ),
    fc.record({ layers, tokens, heads, mean: fc.boolean() }).map(({ heads, mean, ...where }) =>
      ablateHeads(heads, { ...where, mean: mean ? ramp(numHeads * headDim) : undefined })
    ),
    fc.record({
      layers,
      heads: fc.option(heads, { nil: undefined }),
      from: fc.constantFrom<TokenChoice>(
        "all",
        "generated",
        [2],
        ...(image ? ["question" as const] : []),
      ),
      to: fc.constantFrom<TokenChoice>([1], [1, 2], ...(image ? ["image" as const] : [])),
    }).map(knockoutAttention),
    fc.record({ site, layers, tokens }).map((where) =>
      editWith(({ values, tokens }) => {
        const width = values.length / tokens.length;
        tokens.forEach((token, i) => values[i * width + token % width] += 0.2);
      }, where)
    ),
    layers.map((layers) => zeroLayer(...layers)),
  ];
  if (image) {
    edits.push(
      fc.tuple(layer, fc.option(layer, { nil: undefined })).map(([fromLayer, to]) =>
        swapVisualTokens(source, {
          fromLayer,
          toLayer: to === undefined ? to : Math.max(fromLayer, to),
        })
      ),
    );
  }
  // A layer that is left out, or an edit after it that undoes one, may leave nothing to change.
  return fc.oneof(...edits).map((edit): Edit => ({ ...edit, allowNoChange: true }));
}

/** Runs rows together and one by one. */
async function compareBatch(decoder: Decoder, requests: RowRequest[]) {
  // Stop tokens let rows leave at different steps.
  const stopTokens = Array.from({ length: 60 }, (_, i) => i);
  const options = { maxNewTokens: 7, stopTokens, logits: true };
  const together = await generate(decoder, requests, options);
  const logits = await forward(decoder, requests.map(({ capture: _, ...row }) => row));
  for (const [i, request] of requests.entries()) {
    const [alone] = await generate(decoder, [request], options);
    const { capture: _, ...plain } = request;
    const [{ logits: own }] = await forward(decoder, [plain]);
    const what = `row ${i}: ${JSON.stringify(request.edits?.map((edit) => edit.kind))}`;
    assert(maxDifference(logits[i].logits, own) < 2e-5, what);
    assertEquals(together[i].tokens, alone.tokens, what);
    assert(maxDifference(together[i].logits!, alone.logits!) < 2e-5, what);
    assertEquals(together[i].finish, alone.finish);
    compareReceipts(together[i].receipts, alone.receipts);
    for (const part of ["residual", "heads", "attention", "mlp", "layer", "keys"] as const) {
      const [a, b] = [together[i].captured[part], alone.captured[part]];
      assertEquals([...a.keys()], [...b.keys()], `${part} of ${what}`);
      for (const [layer, values] of a) {
        assertEquals(values.dims, b.get(layer)!.dims);
        assert(maxDifference(values, b.get(layer)!) < 2e-5, `${part} ${layer} of ${what}`);
      }
    }
  }
}

Deno.test("a batch of mixed edits, captures and splices equals the same rows one by one", async () => {
  await using decoder = await openRandom({ tokensPerCall: 120 });
  const source = await sourceOf(decoder);
  const row = fc.nat(INPUTS.length - 1).chain((input) =>
    fc.record({
      input: fc.constant(input),
      edits: fc.array(anyEdit(decoder, input < 2, source), { maxLength: 3 }),
      order: fc.option(fc.array(layer, { minLength: 4, maxLength: 4 })),
      capture: fc.option(
        fc.constantFrom("residual", "heads", "attention", "mlp", "layer", "keysValues"),
      ),
      tokens: fc.constantFrom<TokenChoice>("all", "generated", [1]),
    })
  );
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 8 }), async (rows) => {
      const requests = rows.map(({ input, edits, order, capture, tokens }): RowRequest => ({
        input: INPUTS[input],
        edits,
        layers: order?.map((i) => decoder.layers[i]),
        capture: capture === null ? undefined : { [capture]: { tokens } },
      }));
      // Beside an unmodified row, an edited one computes the tokens after its edit only.
      await compareBatch(decoder, [...requests, { input: square }, { input: wide }]);
    }),
    { numRuns: 25, seed: 11 },
  );
});

Deno.test("a row that is captured in one layer lends its prompt to one that is edited there", async () => {
  await using decoder = await openRandom();
  const source = await sourceOf(decoder);
  await compareBatch(decoder, [
    { input: square, capture: { attention: { layers: [2] } } },
    { input: square, edits: [swapVisualTokens(source, { fromLayer: 1 })] },
  ]);
});

Deno.test("an edit that says wrongly which tokens it changes is caught by that comparison", async () => {
  await using decoder = await openRandom();
  const { hiddenSize } = decoder.config;
  const { addVector: kind } = EDIT_KINDS;
  const vector = new Float32Array(hiddenSize).fill(0.3);
  const rows = [{ input: square }, {
    input: square,
    edits: [addVector(vector, { layers: [1], tokens: [3] })],
  }];
  await compareBatch(decoder, rows);
  EDIT_KINDS.addVector = {
    ...kind,
    plan: (edit, place) => {
      const plan = kind.plan(edit, place);
      return { ...plan, tokens: { ...plan.tokens, first: 30 } };
    },
  };
  try {
    await assertRejects(() => compareBatch(decoder, rows));
  } finally {
    EDIT_KINDS.addVector = kind;
  }
});

Deno.test("receipts say where, how often and how much", async () => {
  await using decoder = await openRandom();
  const { hiddenSize } = decoder.config;
  const vector = new Float32Array(hiddenSize).fill(0.5);
  const edits = [
    addVector(vector, { layers: [1, 2], tokens: [0, 4] }),
    addVector(vector, { layers: [1], tokens: "generated" }),
    knockoutAttention({ layers: [3], from: "question", to: "image" }),
  ];
  const [{ receipts, tokens }] = await generate(decoder, [{ input: square, edits }], {
    maxNewTokens: 4,
  });
  assertEquals(tokens.length, 4);
  const question = square.ids.length - square.imageTokens[0].start - square.imageTokens[0].count;
  assertEquals(receipts.map(({ norm: _, ...counts }) => counts), [
    { kind: "addVector", layers: [1, 2], calls: 2, tokens: 2 },
    // The last token is not read again.
    { kind: "addVector", layers: [1], calls: 3, tokens: 3 },
    { kind: "knockoutAttention", layers: [3], calls: question, tokens: question },
  ]);
  const norm = 0.5 * Math.sqrt(4 * hiddenSize);
  assert(Math.abs(receipts[0].norm! - norm) < 1e-4 * norm);
  assertEquals(receipts[2].norm, null);
});

Deno.test("values patched into their own place change nothing, and that is an error", async () => {
  await using decoder = await openRandom();
  for (const site of ["residual", "heads", "attention", "mlp", "layer"] as const) {
    const [plain] = await forward(decoder, [{ input: square, capture: { [site]: {} } }]);
    const own = plain.captured[site].get(2)!;
    const edit = patch(own, { site, layers: [2], tokens: "prompt" });
    await assertRejects(
      () => forward(decoder, [{ input: square, edits: [edit] }]),
      Error,
      "The patch of edit 0 of row 0 changed nothing; its result would be the unmodified model's. " +
        "Set allowNoChange if that is meant",
    );
    const [allowed] = await forward(decoder, [
      { input: square, edits: [{ ...edit, allowNoChange: true }] },
    ]);
    assert(maxDifference(allowed.logits, plain.logits) < 1e-6);
    assertEquals(allowed.receipts[0].norm, 0);
    // Those of another prompt do.
    const other = await forward(decoder, [{ input: wide, capture: { [site]: {} } }]);
    const [changed] = await forward(decoder, [{
      input: square,
      edits: [patch({ data: other[0].captured[site].get(2)!.row(-1), dims: [1, own.dims[1]] }, {
        site,
        layers: [2],
        tokens: [square.ids.length - 1],
      })],
    }]);
    assert(maxDifference(changed.logits, plain.logits) > 1e-3);
  }
});

Deno.test("RL's last residual in IN, under RL's head, gives RL's logits", async () => {
  const [IN, RL] = ["in", "rl"].map((name) => {
    using checkpoint = Checkpoint.open(repositoryFile(`dataset/tiny/checkpoints/${name}`));
    return planOf(checkpoint);
  });
  const { finalNorm, head } = RL;
  await using rl = await Decoder.open(RL);
  await using mixed = await Decoder.open({ ...IN, finalNorm, head });
  const input = caseInput(readReference("tiny"), "square");
  const layers = [RL.layers.length - 1];
  const [want] = await forward(rl, [{ input, capture: { layer: { layers } } }], { logits: "all" });
  const edits = [patch(want.captured.layer.get(layers[0])!, { site: "layer", layers })];
  const [plain, got] = await forward(mixed, [{ input }, { input, edits }], { logits: "all" });
  assert(maxDifference(plain.logits, want.logits) > 1);
  assert(maxDifference(got.logits, want.logits) < 1e-5);
});

Deno.test("what is generated is captured token by token, as when it is read at once", async () => {
  await using decoder = await openRandom();
  const capture = { residual: { layers: [2], tokens: "generated" } } as const;
  const [{ tokens, captured, logits }] = await generate(decoder, [{ input: square, capture }], {
    maxNewTokens: 5,
    logits: true,
  });
  assertEquals(captured.residual.get(2)!.dims, [4, decoder.config.hiddenSize]);
  assertEquals(logits!.dims, [5, decoder.config.vocabSize]);
  for (const [step, token] of tokens.entries()) {
    const row = logits!.row(step);
    assertEquals(row.indexOf(Math.max(...row)), token);
  }
});

Deno.test("edits that cannot be are refused with the reason", async () => {
  await using decoder = await openRandom();
  const { hiddenSize, numHeads } = decoder.config;
  const vector = new Float32Array(hiddenSize);
  const source = await sourceOf(decoder);
  const at = { layers: [1] };
  const cases: [unknown, string][] = [
    [null, "Cannot use edit 0 of row 0: it is null, not an edit"],
    [{ kind: "zeroLayr", layers: [1] }, 'no kind "zeroLayr"; did you mean "zeroLayer"?'],
    [{ kind: "zeroLayer", layer: 1 }, '(zeroLayer): it takes no "layer"; did you mean "layers"?'],
    [zeroLayer(4), "Cannot edit layer 4: the model has layers 0 to 3"],
    [zeroLayer(), "layers of edit 0 of row 0 (zeroLayer) is [], not a list of one or more"],
    [addVector([1, 2], at), `its vector has 2 numbers, where ${hiddenSize} are needed`],
    [addVector(vector.with(5, NaN), at), "number 5 of its vector is NaN"],
    [{ ...addVector(vector, at), vector: "x" }, "its vector is x, not numbers"],
    [{ ...addVector(vector, at), site: "mpl" }, 'no site "mpl"; did you mean "mlp"?'],
    [addVector(vector, { ...at, tokens: [99] }), "there is no token 99; the prompt has"],
    [{ ...addVector(vector, at), tokens: "imag" }, "its tokens are imag, not one of all, prompt"],
    [addVector(vector, at), "changed nothing"],
    [{ ...scale(2, { site: "mlp", layers: [1] }), factor: "2" }, "its factor is 2, not a number"],
    [ablateHeads([numHeads], at), `its heads are [${numHeads}], not a list of some of 0 to`],
    [patch({ data: [1], dims: [1, 1] }, at), `its values are [1,1], where [tokens, ${hiddenSize}]`],
    [
      patch({ data: new Float32Array(3 * hiddenSize), dims: [3, hiddenSize] }, {
        ...at,
        tokens: [1],
      }),
      "its values are of 3 tokens, 1 are chosen by [1]",
    ],
    [knockoutAttention({ ...at, from: "all", to: [0] }), "token 0 would see nothing, not even"],
    [knockoutAttention({ ...at, from: [1], to: [5] }), "changed nothing"],
    [{ ...editWith(() => {}, at), apply: 3 }, "its apply is 3"],
    [editWith(() => 1 as unknown as void, at), "its function returned 1; it must change values"],
    [editWith(({ values }) => void (values[0] = NaN), at), "at layer 1: it made token 0 NaN"],
    [swapVisualTokens(source, { fromLayer: 4 }), "swap visual tokens from layer 4"],
    [swapVisualTokens(source, { toLayer: 4 }), "swap visual tokens up to layer 4"],
    [swapVisualTokens(source, { fromLayer: 2, toLayer: 1 }), "from layer 2 to 1"],
    [
      swapVisualTokens({ ...source, keys: source.keys.slice(1) }),
      "the source has 3 layers, the model 4",
    ],
    [
      swapVisualTokens({ ...source, tokens: 1 }),
      "values, where 1 tokens of",
    ],
    [
      swapVisualTokens({ ...source, values: source.values.with(3, source.values[3].with(1, NaN)) }),
      "value 1 of layer 3 of the source is NaN",
    ],
    [{ ...swapVisualTokens(source), source: { ...source, tokes: 1 } }, 'it takes no "tokes"'],
  ];
  for (const [edit, message] of cases) {
    await assertRejects(
      () => forward(decoder, [{ input: square, edits: [edit as Edit] }]),
      Error,
      message,
    );
  }
  const text = textInput([7, 8, 9]);
  for (const edit of [swapVisualTokens(source), addVector(vector, { ...at, tokens: "question" })]) {
    await assertRejects(
      () => forward(decoder, [{ input: text, edits: [edit] }]),
      Error,
      "no image",
    );
  }
});
