import { assert, assertEquals, assertThrows } from "@std/assert";
import { join } from "node:path";
import { Checkpoint } from "../checkpoint/mod.ts";
import { decodeImage } from "./decode_image.ts";
import {
  type GenerationConfig,
  generationConfigOf,
  overrideGeneration,
  parseGenerationConfig,
  statedRules,
} from "./generation_config.ts";
import { swapVisualTokens, type VisualTokens, zeroLayer } from "./edits/mod.ts";
import { VisionLanguageModel } from "./model.ts";
import type { ModelInput } from "./model_input.ts";
import type { RowRequest } from "./row_plan.ts";
import { generationRuns, type ReferenceRun } from "./testdata/generation_reference.ts";
import { caseInput, readReference, repositoryFile, testdata } from "./testdata/reference.ts";

for (const name of ["tiny", "random"] as const) {
  Deno.test(`greedy tokens under rules are those of transformers, in batches: ${name}`, async () => {
    const reference = readReference(name);
    const { steps, runs } = generationRuns(name);
    await using model = await VisionLanguageModel.open(repositoryFile(reference.meta.model));
    const inputs = new Map<string, ModelInput>();
    const inputOf = (of: string) => {
      if (!inputs.has(of)) inputs.set(of, caseInput(reference, of));
      return inputs.get(of)!;
    };
    const sources = new Map<string, VisualTokens>();
    for (const { swap } of runs) {
      if (!swap || sources.has(swap.image)) continue;
      const image = await decodeImage(testdata(`images/${swap.image}`));
      const content = [{ type: "image", image }, { type: "text", text: swap.text }] as const;
      const [input] = await model.prepare([[{ role: "user", content }]]);
      sources.set(swap.image, await model.captureVisualTokens(input));
    }
    const rowOf = ({ case: of, ablate, swap }: ReferenceRun): RowRequest => ({
      input: inputOf(of),
      edits: ablate !== undefined
        ? [zeroLayer(...[ablate])]
        : swap
        ? [swapVisualTokens(sources.get(swap.image)!, { fromLayer: swap.from })]
        : undefined,
    });
    // All runs of the same rules are one batch.
    const batches = Map.groupBy(
      runs,
      ({ tokens: _, lead: __, case: ___, ablate: ____, ...run }) => {
        const { swap: _____, ...rules } = run;
        return JSON.stringify(rules);
      },
    );
    assert([...batches.values()].filter((batch) => batch.length > 10).length === 3);
    for (const batch of batches.values()) {
      const [{ generation, stop_tokens: stopTokens = [], max_new_tokens }] = batch;
      const options = { maxNewTokens: max_new_tokens ?? steps, stopTokens, generation };
      const answers = await model.generate(batch.map(rowOf), options);
      for (const [i, { tokens: expected, ...run }] of batch.entries()) {
        const { tokens, finish } = answers[i];
        const end = finish === "stop" ? [expected[tokens.length]] : [];
        assert(end.every((token) => stopTokens.includes(token)));
        assertEquals([...tokens, ...end], expected, JSON.stringify(run));
      }
    }
    const answer = (of: Partial<GenerationConfig>) =>
      runs.find(({ generation }) => JSON.stringify(generation) === JSON.stringify(of))!.tokens;
    assert(answer({ repetition_penalty: 1 }).join() !== answer({ repetition_penalty: 1.5 }).join());
  });
}

function withFile(json: unknown, test: (folder: string) => void) {
  const folder = Deno.makeTempDirSync();
  try {
    if (json !== undefined) {
      Deno.writeTextFileSync(join(folder, "generation_config.json"), JSON.stringify(json));
    }
    test(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("a checkpoint's rules: its own file, else config.json, else none", () => {
  using checkpoint = Checkpoint.open(testdata("random-qwen"));
  const config = {
    ...checkpoint.config,
    raw: { ...checkpoint.config.raw, no_repeat_ngram_size: 4 },
    text: { ...checkpoint.config.text, repetition_penalty: 1.2 },
  };
  // What Qwen2.5-VL-7B-Instruct holds.
  const published = {
    bos_token_id: 151643,
    pad_token_id: 151643,
    do_sample: true,
    eos_token_id: [151645, 151643],
    repetition_penalty: 1.05,
    temperature: 0.000001,
    transformers_version: "4.49.0",
  };
  withFile(published, (folder) => {
    assertEquals(statedRules(generationConfigOf({ folder, config })), { repetition_penalty: 1.05 });
  });
  withFile(undefined, (folder) => {
    assertEquals(statedRules(generationConfigOf({ folder, config })), {
      repetition_penalty: 1.2,
      no_repeat_ngram_size: 4,
    });
    const plain = { folder, config: checkpoint.config };
    assertEquals(statedRules(generationConfigOf(plain)), { repetition_penalty: 1 });
  });
});

Deno.test("fields that change answers and are not honoured are refused by name", () => {
  const refused: [unknown, string][] = [
    [{ num_beams: 4 }, "num_beams is 4, which is not supported"],
    [{ guidance_scale: 1.5 }, "guidance_scale"],
    [
      { exponential_decay_length_penalty: [10, 1.1] },
      "exponential_decay_length_penalty is [10,1.1]",
    ],
    [{ sequence_bias: [[[3], 2]] }, "sequence_bias"],
    [{ stop_strings: ["</answer>"] }, "stop_strings"],
    [{ cache_implementation: "quantized" }, "cache_implementation"],
    [{ repetition_penalty: 0 }, "repetition_penalty"],
    [{ repetition_penalty: "1.05" }, "repetition_penalty"],
    [{ no_repeat_ngram_size: 1.5 }, "no_repeat_ngram_size"],
    [{ bad_words_ids: [[]] }, "bad_words_ids.0"],
    [{ suppress_tokens: [-1] }, "suppress_tokens.0"],
    [{ top_p: 0 }, "top_p"],
    [[1], "one JSON object"],
    ["x", "one JSON object"],
  ];
  for (const [json, message] of refused) {
    const { message: whole } = assertThrows(() => parseGenerationConfig(json), Error, message);
    assert(whole.startsWith("Cannot generate by generation_config.json: "), whole);
  }
  // Nothing at all, and what does nothing.
  const neutral = {
    num_beams: 1,
    guidance_scale: null,
    sequence_bias: null,
    renormalize_logits: true,
  };
  assertEquals(parseGenerationConfig(neutral), parseGenerationConfig({}));
});

Deno.test("a misspelt rule is refused by name, another unknown name does nothing", () => {
  using checkpoint = Checkpoint.open(testdata("random-qwen"));
  const { config } = checkpoint;
  const misspelt = {
    repetition_penality: "repetition_penalty",
    noRepeatNgramSize: "no_repeat_ngram_size",
    suppres_tokens: "suppress_tokens",
    topk: "top_k",
    num_beam: "num_beams",
  };
  for (const [name, meant] of Object.entries(misspelt)) {
    withFile({ [name]: 1.5 }, (folder) => {
      const file = join(folder, "generation_config.json");
      assertThrows(
        () => generationConfigOf({ folder, config }),
        Error,
        `Cannot generate by ${file}: it has no rule "${name}"; did you mean "${meant}"?`,
      );
    });
    withFile({ [name]: null }, (folder) => generationConfigOf({ folder, config }));
  }
  // What else transformers knows, and names of other libraries.
  const others = `
    max_length max_new_tokens early_stopping do_sample use_cache cache_config
    return_legacy_cache prefill_chunk_size temperature length_penalty renormalize_logits
    forced_bos_token_id low_memory output_attentions output_hidden_states output_scores
    output_logits return_dict_in_generate pad_token_id bos_token_id eos_token_id
    decoder_start_token_id is_assistant num_assistant_tokens num_assistant_tokens_schedule
    assistant_confidence_threshold assistant_early_exit assistant_lookbehind target_lookbehind
    prompt_lookup_num_tokens max_matching_ngram_size compile_config disable_compile
    generation_kwargs _from_model_config transformers_version _attn_implementation
    presence_penalty frequency_penalty top_a min_tokens max_tokens chat_format user_token_id
  `;
  const file = Object.fromEntries(others.trim().split(/\s+/).map((name) => [name, 1]));
  withFile({ ...file, top_k: 50 }, (folder) => {
    assertEquals(statedRules(generationConfigOf({ folder, config })), { repetition_penalty: 1 });
  });
});

Deno.test("overrides replace single rules, and must be rules", () => {
  const config = parseGenerationConfig({ repetition_penalty: 1.05, no_repeat_ngram_size: 3 });
  assertEquals(statedRules(overrideGeneration(config, { repetition_penalty: 1 })), {
    repetition_penalty: 1,
    no_repeat_ngram_size: 3,
  });
  assertEquals(overrideGeneration(config, { repetition_penalty: undefined }), config);
  const misspelt = { repetitionPenalty: 1 } as Partial<GenerationConfig>;
  assertThrows(
    () => overrideGeneration(config, misspelt),
    Error,
    'did you mean "repetition_penalty"',
  );
});

Deno.test("rules that name no token, or that draws cannot follow, are refused", async () => {
  await using model = await VisionLanguageModel.open(testdata("random-qwen"));
  const [input] = await model.prepare([[{ role: "user", content: "Compute 3 + 4." }]]);
  const run = (generation: Partial<GenerationConfig>, temperature = 0) =>
    model.generate([{ input }], { maxNewTokens: 2, temperature, generation });
  for (
    const [rules, temperature, message] of [
      [{ suppress_tokens: [3, 520] }, 0, "suppress_tokens names token 520 of a vocabulary of 520"],
      [{ bad_words_ids: [[1], [2, 999]] }, 0, "bad_words_ids names token 999"],
      [{ typical_p: 0.9 }, 1, "typical_p 0.9 is not supported where tokens are drawn"],
    ] as const
  ) {
    const given = structuredClone(rules) as Partial<GenerationConfig>;
    const error = await run(given, temperature).then(() => null, (error: Error) => error);
    assert(error?.message.includes(message), error?.message);
  }
  await run({ typical_p: 0.9 });
});
