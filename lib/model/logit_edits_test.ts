import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { type GenerationConfig, parseGenerationConfig } from "./generation_config.ts";
import { zeroLayer } from "./edits/mod.ts";
import { generate } from "./generate.ts";
import { forward } from "./forward.ts";
import { extendInput } from "./model_input.ts";
import { logitEdits, RowRules } from "./logit_edits.ts";
import { openRandom, textInput } from "./testdata/random_model.ts";

const VOCAB = 24;

/** The rules written out over all logits, one after the other, as transformers' processors go. */
function processed(
  logits: Float32Array,
  ids: number[],
  rules: GenerationConfig,
  { promptLength, stops }: { promptLength: number; stops: number[] },
): Float32Array {
  const scores = logits.slice();
  const step = ids.length - promptLength;
  for (const token of new Set(ids)) {
    const penalty = Math.fround(rules.repetition_penalty);
    scores[token] = scores[token] < 0 ? scores[token] * penalty : scores[token] / penalty;
  }
  const forbid = (token: number) => scores[token] = -Infinity;
  const size = rules.no_repeat_ngram_size;
  const grams = Array.from(
    { length: Math.max(0, ids.length - size + 1) },
    (_, i) => ids.slice(i, i + size),
  );
  if (size > 0) {
    const last = ids.slice(ids.length - size + 1).join();
    grams.filter((gram) => gram.slice(0, -1).join() === (size === 1 ? "" : last))
      .forEach((gram) => forbid(gram[size - 1]));
  }
  for (const word of rules.bad_words_ids) {
    if (stops.some((stop) => word.join() === String(stop))) continue;
    if (word.length > 1 && word.length > ids.length) continue;
    const before = word.slice(0, -1);
    if (before.length === 0 || ids.slice(-before.length).join() === before.join()) {
      forbid(word[word.length - 1]);
    }
  }
  const least = rules.min_new_tokens === null
    ? rules.min_length
    : promptLength + rules.min_new_tokens;
  if (ids.length < least) stops.forEach(forbid);
  rules.suppress_tokens.forEach(forbid);
  if (step === 0) rules.begin_suppress_tokens.forEach(forbid);
  return scores;
}

const token = fc.nat(VOCAB - 1);
const tokens = (maxLength: number) => fc.array(token, { maxLength });
const rulesOf = fc.record({
  repetition_penalty: fc.constantFrom(1, 1, 1.05, 1.5, 0.7),
  no_repeat_ngram_size: fc.constantFrom(0, 0, 1, 2, 3),
  bad_words_ids: fc.array(fc.array(token, { minLength: 1, maxLength: 3 }), { maxLength: 4 }),
  suppress_tokens: tokens(3),
  begin_suppress_tokens: tokens(3),
  min_new_tokens: fc.option(fc.nat(6)),
  min_length: fc.nat(16),
});
const rowOf = fc.record({
  prompt: fc.array(fc.nat(7), { minLength: 1, maxLength: 12 }),
  answer: fc.array(fc.nat(7), { maxLength: 6 }),
  logits: fc.array(fc.integer({ min: -20, max: 20 }), { minLength: VOCAB, maxLength: VOCAB }),
});

Deno.test("edits of a few logits are what the rules make of all", () => {
  fc.assert(fc.property(
    rulesOf,
    fc.array(rowOf, { minLength: 1, maxLength: 4 }),
    fc.uniqueArray(fc.nat(7), { maxLength: 2 }),
    (given, rows, stops) => {
      const rules = parseGenerationConfig(given);
      const stopTokens = new Set(stops);
      const states = rows.map(({ prompt, answer }) => {
        const row = new RowRules(rules, {
          prompt: Int32Array.from(prompt),
          stopTokens,
          maxNewTokens: 99,
        });
        answer.forEach((token) => row.push(token));
        return row;
      });
      const logits = Float32Array.from(rows.flatMap((row) => row.logits));
      const expected = rows.flatMap(({ prompt, answer, logits }) => [
        ...processed(Float32Array.from(logits), [...prompt, ...answer], rules, {
          promptLength: prompt.length,
          stops,
        }),
      ]);
      const edits = logitEdits(states, VOCAB);
      assertEquals(new Set(edits?.places).size, edits?.places.length ?? 0);
      edits?.places.forEach((place, i) => {
        const [logit, penalty] = [logits[place], edits.penalties[i]];
        logits[place] = (logit < 0 ? logit * penalty : logit / penalty) + edits.biases[i];
      });
      assertEquals([...logits], expected);
    },
  ));
});

Deno.test("a batch under rules equals its rows alone, and step by step over all logits", async () => {
  await using decoder = await openRandom();
  const { vocabSize } = decoder.config;
  const inputs = [
    textInput([7, 8, 9, 8]),
    textInput(Array.from({ length: 30 }, (_, i) => 5 * i % 60)),
    textInput([7, 8, 9, 8, 3]),
  ];
  const stopTokens = [17, 40, 200];
  const rules = parseGenerationConfig({
    repetition_penalty: 1.3,
    no_repeat_ngram_size: 2,
    suppress_tokens: [5],
    min_new_tokens: 4,
  });
  const rows = inputs.flatMap((input) => [{ input }, { input, edits: [zeroLayer(1)] }]);
  const options = { maxNewTokens: 7, stopTokens, generation: rules };
  const together = await generate(decoder, rows, options);
  for (const [i, row] of rows.entries()) {
    const [alone] = await generate(decoder, [row], options);
    assertEquals(together[i].tokens, alone.tokens);
    const written: number[] = [];
    while (written.length < 7) {
      const input = extendInput(row.input, written);
      const [{ logits }] = await forward(decoder, [{ ...row, input }]);
      const scores = processed(logits.data, [...input.ids], rules, {
        promptLength: row.input.ids.length,
        stops: stopTokens,
      });
      const best = scores.reduce((best, score, i) => score > scores[best] ? i : best, 0);
      if (stopTokens.includes(best)) break;
      written.push(best);
    }
    assertEquals([...together[i].tokens], written);
  }
  assertEquals(vocabSize, 520);
});
