import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { formatMergeExpression, modelsOfExpression } from "./format_merge_expression.ts";
import {
  isMergeExpression,
  MAX_EXPRESSION_LENGTH,
  type MergeExpression,
  MergeExpressionError,
  parseMergeExpression,
} from "./merge_expression.ts";
import { readModelName } from "./model_alias.ts";

const part = (model: string, region: "early" | "middle" | "late", thirds: 1 | 2 = 1) => ({
  model,
  region,
  thirds,
});

const FORMS: [string, MergeExpression][] = [
  [
    "IN early 1/3 + RL middle 1/3 + Base late 1/3 layers",
    { kind: "splice", parts: [part("sft", "early"), part("rl", "middle"), part("base", "late")] },
  ],
  [
    "ColdStart EARLY 2/3 Layers+final LATE 1/3 LAYER",
    { kind: "splice", parts: [part("sft", "early", 2), part("rl", "late")] },
  ],
  [
    "MMR1/MMR1-7B-SFT early 1/3 layers + ./a=b/C@main late 2/3 layers",
    {
      kind: "splice",
      parts: [part("MMR1/MMR1-7B-SFT", "early"), part("./a=b/C@main", "late", 2)],
    },
  ],
  [
    "base layers 0-1 ablate noise=0.5",
    {
      kind: "edit",
      model: "base",
      layers: { first: 0, last: 1 },
      change: { kind: "noise", ratio: 0.5 },
    },
  ],
  [
    "\tsft  layer 7\ninterpolate rl ALPHA=.25 Component=ATTN ",
    {
      kind: "edit",
      model: "sft",
      layers: { first: 7, last: 7 },
      change: { kind: "interpolate", donor: "rl", alpha: 0.25, component: "attn" },
    },
  ],
  [
    "sft middle 1/3 layers interpolate rl alpha=1e-2",
    {
      kind: "edit",
      model: "sft",
      layers: { region: "middle" },
      change: { kind: "interpolate", donor: "rl", alpha: 0.01, component: "all" },
    },
  ],
  [
    "base early 1/3 layers replaced by /data/m.1",
    {
      kind: "edit",
      model: "base",
      layers: { region: "early" },
      change: { kind: "replace", donor: "/data/m.1" },
    },
  ],
];

const QUOTED: [string, MergeExpression][] = [
  [
    `"./my models/sft" early 1/3 + 'a b/"c" + d' late 2/3`,
    {
      kind: "splice",
      parts: [part("./my models/sft", "early"), part('a b/"c" + d', "late", 2)],
    },
  ],
  [
    '"./it\'s here" layers 0-1 interpolate "RL" alpha=1',
    {
      kind: "edit",
      model: "./it's here",
      layers: { first: 0, last: 1 },
      change: { kind: "interpolate", donor: "rl", alpha: 1, component: "all" },
    },
  ],
];

Deno.test("names with spaces and plus signs are read in quotes, and printed in them", () => {
  for (const [text, merge] of QUOTED) {
    assertEquals(parseMergeExpression(text), merge, text);
    assertEquals(parseMergeExpression(formatMergeExpression(merge)), merge, text);
    assert(isMergeExpression(text), text);
  }
  assertEquals(
    formatMergeExpression(QUOTED[1][1]),
    '"./it\'s here" layers 0-1 interpolate rl alpha=1',
  );
  assert(!isMergeExpression('"./my late layers/a"'));
  const names = ["my own"];
  assertEquals(
    modelsOfExpression(parseMergeExpression("'My Own' layers 1 replaced by rl", { names })),
    ["my own", "rl"],
  );
});

Deno.test("one model's name may be a path with spaces, or anything with a slash in quotes", () => {
  const cases: [string, string | null][] = [
    ["./my models/a", "./my models/a"],
    ["/data/a + b", "/data/a + b"],
    ['"my models/a"', "my models/a"],
    ["sft eerly 1/3", null],
    ['""', null],
    ['"a b"', null],
    ['"./a', null],
  ];
  for (const [text, expected] of cases) assertEquals(readModelName(text), expected, text);
});

Deno.test("every form is read, in any case and spacing, and printed so that it reads back", () => {
  for (const [text, merge] of FORMS) {
    assertEquals(parseMergeExpression(text), merge, text);
    assertEquals(parseMergeExpression(formatMergeExpression(merge)), merge, text);
    assert(isMergeExpression(text), text);
  }
  assertEquals(
    formatMergeExpression(FORMS[0][1]),
    "sft early 1/3 + rl middle 1/3 + base late 1/3 layers",
  );
  assertEquals(modelsOfExpression(FORMS[0][1]), ["sft", "rl", "base"]);
  assertEquals(modelsOfExpression(FORMS[3][1]), ["base"]);
});

Deno.test("a recipe's own names are models too", () => {
  const names = ["RL-Frozen-Early"];
  const merge = parseMergeExpression("rl late 1/3 layers replaced by rl-frozen-early", { names });
  assertEquals(modelsOfExpression(merge), ["rl", "RL-Frozen-Early"]);
  assertThrows(
    () => parseMergeExpression("rl late 1/3 layers replaced by rl-frozen-early"),
    MergeExpressionError,
    "unknown model: one of base, sft, coldstart, in, rl, final, a folder",
  );
});

Deno.test("an error points at the word and says what was expected there", () => {
  // "^" marks the position, and is not part of the text.
  const cases: [string, string][] = [
    ["^", "expected a model"],
    ["rl^", "a model alone is not a merge"],
    ["^rll early 1/3 + sft late 2/3", "unknown model"],
    ["^1/3 early", "unknown model"],
    ["sft ^earli 1/3", 'expected "early", "middle" or "late" and a share, "layers I-J"'],
    ["sft early ^1/4 + rl late 2/3", 'expected a share, "1/3" or "2/3"'],
    ["sft early ^3/3 + rl late 0/3", "expected a share"],
    ["sft early ^", "expected a share"],
    ["sft early 1/3^", 'expected "+" and the next part'],
    ["sft late 1/3^", 'expected "ablate noise=R"'],
    ["sft early 1/3 ^rl late 2/3", 'expected "ablate noise=R"'],
    ["sft early 1/3 + rl late ^1/3 layers", "the shares add to 2/3, they must add to 3/3"],
    ["sft early 2/3 + rl late ^2/3 layers", "the shares add to 4/3"],
    ["sft early 2/3 + rl middle 1/3 + rl late ^1/3", "the shares add to 4/3"],
    ["sft ^middle 1/3 + rl late 2/3", 'a splice begins with its "early" part'],
    ["sft early 1/3 + rl ^early 2/3", 'expected "middle" or "late"'],
    ["sft early 1/3 + rl middle 2/3^", 'expected "+" and the "late" part'],
    ["sft early 1/3 + rl middle 1/3 + sft ^middle 1/3", 'expected "late"'],
    ["sft early 1/3 + ^+ rl late 2/3", "expected a model"],
    ["sft early 1/3 + rl late 2/3 ^+ base", "expected nothing more"],
    ["sft layers ^5-3 replaced by rl", "the range is out of order: 5 comes after 3"],
    ["sft layers ^-7 replaced by rl", "expected a range of layers"],
    ["sft layers 5 ^- 7 replaced by rl", 'expected "ablate noise=R"'],
    ["sft layers ^99999999999 replaced by rl", "expected a range of layers"],
    ["sft layers 1-2 interpolate rl alpha=^1.5", 'alpha must be a number from 0 to 1, not "1.5"'],
    ["sft layers 1-2 interpolate rl alpha=^-0.1", 'alpha must be a number from 0 to 1, not "-0.1"'],
    ["sft layers 1-2 interpolate rl alpha=^0,5", "alpha must be a number"],
    ["sft layers 1-2 interpolate rl alpha=^", "alpha must be a number from 0 to 1, not nothing"],
    ["sft layers 1-2 interpolate rl ^alpha = 0.5", "expected alpha= and a number"],
    ["sft layers 1-2 interpolate ^alpha=0.5", "unknown model"],
    ["sft layers 1-2 interpolate rl alpha=0.5 component=^head", "expected mlp, attn or all"],
    ["sft layers 1-2 interpolate rl alpha=0.5 ^components=mlp", "expected nothing more"],
    ["sft layers 1-2 ablate noise=^-1", 'noise must be a number from 0 to 1, not "-1"'],
    ["sft layers 1-2 ablate noise=^NaN", "noise must be a number"],
    ["sft layers 1-2 ablate^", "expected noise= and a number"],
    ["sft early ^2/3 layers replaced by rl", 'expected "1/3": a region that is changed is a third'],
    ["sft early 1/3 layers replaced ^with rl", 'expected "by" and a model'],
    ["sft early 1/3 layers replaced by^", "expected a model"],
    ["^my+model early 1/3 layers replaced by rl", "unknown model"],
    ['^"./my model early 1/3 layers replaced by rl', "the quote is not closed"],
    ["sft early 1/3 layers replaced by ^'./my model\"", "the quote is not closed"],
    ['sft early 1/3 layers replaced by ^"', "the quote is not closed"],
    ['sft early 1/3 layers replaced by ^""', "unknown model"],
    ["sft all ^1/3 layers replaced by rl", 'expected "layers"'],
    ["sft all layers^", 'expected "ablate noise=R"'],
    ['sft ^"early" 1/3 layers replaced by rl', 'expected "early"'],
    ['sft early 1/3 "+" rl late 2/3'.replace('"+"', '^"+"'), "expected"],
  ];
  for (const [marked, expected] of cases) {
    const position = marked.indexOf("^");
    const text = marked.replace("^", "");
    const error = assertThrows(() => parseMergeExpression(text), MergeExpressionError, expected);
    assertEquals(error.position, position, `${text}: ${error.message}`);
    const where = text.slice(position).trim() === ""
      ? "at its end"
      : `at character ${position + 1} (`;
    assert(error.message.includes(where), error.message);
    assert(!error.message.includes("\n"), error.message);
  }
});

Deno.test("an expression of absurd length is refused, briefly", () => {
  const text = "sft ".repeat(MAX_EXPRESSION_LENGTH);
  const { message } = assertThrows(() => parseMergeExpression(text), MergeExpressionError);
  assert(message.length < 500, message);
});

const role = fc.constantFrom("base", "sft", "rl");
const reference = fc.tuple(
  fc.constantFrom("./", "/", "org/", "../"),
  // Any folder's name that has not both kinds of quotes.
  fc.stringMatching(/^[^"]*$/),
  fc.boolean(),
)
  .map(([start, rest, other]) => start + (other ? rest.replaceAll("'", '"') : rest));
const model = fc.oneof(role, reference);
const share = fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0);
const selection = fc.oneof(
  fc.constantFrom("early" as const, "middle" as const, "late" as const, "all" as const)
    .map((region) => ({ region })),
  fc.tuple(fc.nat(), fc.nat()).map(([a, b]) => ({
    first: Math.min(a, b) % 1e9,
    last: Math.max(a, b) % 1e9,
  })).filter(({ first, last }) => first <= last),
);
const change = fc.oneof(
  share.map((ratio) => ({ kind: "noise" as const, ratio })),
  model.map((donor) => ({ kind: "replace" as const, donor })),
  fc.record({
    kind: fc.constant("interpolate" as const),
    donor: model,
    alpha: share,
    component: fc.constantFrom("mlp" as const, "attn" as const, "all" as const),
  }, { noNullPrototype: true }),
);
const merges: fc.Arbitrary<MergeExpression> = fc.oneof(
  fc.record({ kind: fc.constant("edit" as const), model, layers: selection, change }, {
    noNullPrototype: true,
  }),
  fc.tuple(model, model, model).map(([a, b, c]) => ({
    kind: "splice" as const,
    parts: [part(a, "early"), part(b, "middle"), part(c, "late")],
  })),
  fc.tuple(model, model, fc.constantFrom(1 as const, 2 as const)).map(([a, b, thirds]) => ({
    kind: "splice" as const,
    parts: [part(a, "early", thirds), part(b, "late", thirds === 1 ? 2 : 1)],
  })),
);

Deno.test("any expression prints to a text that parses back to it", () => {
  fc.assert(
    fc.property(merges, (merge) => {
      assertEquals(parseMergeExpression(formatMergeExpression(merge)), merge);
    }),
    { numRuns: 500 },
  );
});

Deno.test("any text is read or refused with a position inside of it, never anything else", () => {
  const words = fc.array(
    fc.constantFrom(
      ..."base sft rl ./x a/b early middle late layers 1/3 2/3 + 0-1 3 ablate noise=0.5 replaced by"
        .split(" "),
      ..."interpolate alpha=1 alpha=2 component=mlp __proto__ constructor toString - = \u202e \" '"
        .split(
          " ",
        ),
    ),
    { maxLength: 12 },
  ).map((list) => list.join(" "));
  let parsed = 0;
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary" }), words, words, words), (text) => {
      try {
        const merge = parseMergeExpression(text);
        assertEquals(parseMergeExpression(formatMergeExpression(merge)), merge);
        parsed++;
      } catch (error) {
        assert(error instanceof MergeExpressionError, `${text}: ${error}`);
        assert(error.position >= 0 && error.position <= text.length);
        assertEquals(error.expression, text);
      }
    }),
    {
      numRuns: 1000,
      examples: FORMS.map(([text]) => [text]),
    },
  );
  assert(parsed >= FORMS.length);
});
