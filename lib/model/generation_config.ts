/**
 * How a checkpoint wants its answers decoded: generation_config.json, as transformers' `generate`
 * takes it. It counts in greedy decoding too: published Qwen2.5-VL checkpoints hold
 * `repetition_penalty: 1.05`.
 *
 * @module
 */
import { join } from "node:path";
import { z } from "zod";
import type { CheckpointConfig } from "../checkpoint/mod.ts";
import { didYouMean, nearestName } from "../nearest_name.ts";
import { readStrictJson } from "../strict_json.ts";

const tokenId = z.int().nonnegative();
const tokens = z.array(tokenId);
const oneOrMore = z.union([tokenId.transform((id) => [id]), tokens]);
const count = z.int().nonnegative();

/** What is honoured, by the names of generation_config.json, and what it is where nothing is said. */
const HONOURED = {
  /** Divides positive and multiplies negative logits of tokens in prompt and answer. */
  repetition_penalty: z.number().positive().default(1),
  /** No run of so many tokens occurs twice in prompt and answer; 0 for no such rule. */
  no_repeat_ngram_size: count.default(0),
  /** Runs of tokens that the answer does not complete. */
  bad_words_ids: z.array(tokens.min(1)).default([]),
  /** Tokens that are never chosen. */
  suppress_tokens: tokens.default([]),
  /** Tokens that no answer begins with. */
  begin_suppress_tokens: tokens.default([]),
  /** Tokens of the answer before which no end token is chosen; null for the next rule's. */
  min_new_tokens: count.nullable().default(null),
  /** The same of prompt and answer together. */
  min_length: count.default(0),
  /** The last token of an answer that reaches its limit: the lowest of these. */
  forced_eos_token_id: oneOrMore.default([]),
  /** Where tokens are drawn: only so many of the likeliest (0: all), as the library's default. */
  top_k: count.default(50),
  /** Where tokens are drawn: only the likeliest that have this probability together. */
  top_p: z.number().gt(0).max(1).default(1),
  /** Where tokens are drawn: only those of this share of the likeliest one's probability. */
  min_p: z.number().min(0).max(1).default(0),
  /** Refused where tokens are drawn, unless they are these. */
  typical_p: z.number().default(1),
  epsilon_cutoff: z.number().default(0),
  eta_cutoff: z.number().default(0),
  top_h: z.number().nullable().default(null),
};

const TOKEN_RULES = [
  "bad_words_ids",
  "suppress_tokens",
  "begin_suppress_tokens",
  "forced_eos_token_id",
] as const;
const UNDRAWN = ["typical_p", "epsilon_cutoff", "eta_cutoff", "top_h"] as const;

const schema = z.object(HONOURED);

/** Rules of decoding, by the names of generation_config.json. */
export type GenerationConfig = Readonly<z.infer<typeof schema>>;

/** Rules that change nothing; draws are from the 50 likeliest, as the library's default. */
export const NO_RULES: GenerationConfig = schema.parse({});

/** Fields that change answers and are not honoured, with the values at which they do nothing. */
const REFUSED: Readonly<Record<string, readonly unknown[]>> = {
  num_beams: [1],
  num_beam_groups: [1],
  num_return_sequences: [1],
  diversity_penalty: [0],
  guidance_scale: [1],
  penalty_alpha: [0],
  encoder_repetition_penalty: [1],
  encoder_no_repeat_ngram_size: [0],
  remove_invalid_values: [false],
  token_healing: [false],
  exponential_decay_length_penalty: [],
  sequence_bias: [],
  force_words_ids: [],
  constraints: [],
  forced_decoder_ids: [],
  dola_layers: [],
  stop_strings: [],
  max_time: [],
  watermarking_config: [],
  cache_implementation: ["dynamic", "static", "offloaded", "offloaded_static", "hybrid"],
};

/** Names of transformers and of other libraries that are like a rule's and mean something else. */
const OTHERS = [
  "max_length",
  "max_new_tokens",
  "min_tokens",
  "forced_bos_token_id",
  "attn_implementation",
  "top_a",
];

/** Refuses a name that is a rule's but for a slip; other names that are not known do nothing. */
function checkNames(json: unknown, source: string) {
  const rules = [...Object.keys(HONOURED), ...Object.keys(REFUSED)];
  for (const name of Object.keys(given(json, source))) {
    const near = rules.includes(name) ? undefined : nearestName(name, [...OTHERS, ...rules]);
    if (near === undefined || OTHERS.includes(near)) continue;
    fail(
      source,
      `it has no rule ${didYouMean(name, [near])} Correct or remove it in a copy of the file`,
    );
  }
}

function fail(source: string, why: string): never {
  throw new Error(`Cannot generate by ${source}: ${why}`);
}

function given(json: unknown, source: string): Record<string, unknown> {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    fail(source, "it must hold one JSON object");
  }
  return Object.fromEntries(Object.entries(json).filter(([, value]) => value !== null));
}

/**
 * The rules of decoding in a parsed generation_config.json.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const rules = parseGenerationConfig({ do_sample: true, temperature: 1e-6, repetition_penalty: 1.05 });
 * assertEquals([rules.repetition_penalty, rules.no_repeat_ngram_size], [1.05, 0]);
 * ```
 *
 * @param json The file's value; fields that transformers does not know do nothing there either.
 * @param source Name for messages.
 * @throws {Error} naming a field whose value is none, or that changes answers and is not honoured.
 */
export function parseGenerationConfig(
  json: unknown,
  source = "generation_config.json",
): GenerationConfig {
  const fields = given(json, source);
  for (const [name, neutral] of Object.entries(REFUSED)) {
    if (fields[name] === undefined || neutral.includes(fields[name])) continue;
    fail(
      source,
      `${name} is ${JSON.stringify(fields[name])}, which is not supported; remove it from a copy ` +
        "of the file to go without",
    );
  }
  const parsed = schema.safeParse(fields);
  if (parsed.success) return parsed.data;
  const [{ path, message }] = parsed.error.issues;
  fail(source, `${path.join(".")}: ${message}`);
}

/**
 * The rules of decoding of a checkpoint: of its generation_config.json or, where there is none, of
 * config.json, as older versions of the library wrote them.
 *
 * @throws {Error} as {@linkcode parseGenerationConfig}, or if the file is not JSON or misspells a
 * rule; names it.
 */
export function generationConfigOf(
  { folder, config }: { folder: string; config: CheckpointConfig },
): GenerationConfig {
  const path = join(folder, "generation_config.json");
  const json = readStrictJson(path);
  if (json === undefined) {
    return parseGenerationConfig({ ...config.text, ...config.raw }, join(folder, "config.json"));
  }
  checkNames(json, path);
  return parseGenerationConfig(json, path);
}

/** The penalty, and what else says something: what a run's identity records. */
export function statedRules(config: GenerationConfig): Partial<GenerationConfig> {
  return Object.fromEntries(
    Object.entries(config).filter(([name, value]) =>
      name === "repetition_penalty" ||
      JSON.stringify(value) !== JSON.stringify(NO_RULES[name as keyof GenerationConfig])
    ),
  );
}

/**
 * Checks rules against what they are used for.
 *
 * @throws {Error} naming a token outside of the vocabulary, or, where tokens are drawn, a rule of
 * drawing that is not supported.
 */
export function checkGeneration(
  config: GenerationConfig,
  { vocabSize, draws }: { vocabSize: number; draws: boolean },
): void {
  for (const name of TOKEN_RULES) {
    const beyond = config[name].flat().find((id) => id >= vocabSize);
    if (beyond === undefined) continue;
    fail("the rules given", `${name} names token ${beyond} of a vocabulary of ${vocabSize}`);
  }
  const name = draws && UNDRAWN.find((name) => config[name] !== NO_RULES[name]);
  if (name) {
    fail("the rules given", `${name} ${config[name]} is not supported where tokens are drawn`);
  }
}

/**
 * Rules with some of them replaced.
 *
 * @throws {Error} naming an override that is no rule, or its value.
 */
export function overrideGeneration(
  config: GenerationConfig,
  overrides: Partial<GenerationConfig> = {},
): GenerationConfig {
  const unknown = Object.keys(overrides).find((name) => !Object.hasOwn(HONOURED, name));
  if (unknown !== undefined) {
    fail("the rules given", `there is no rule ${didYouMean(unknown, Object.keys(HONOURED))}`);
  }
  const stated = Object.entries(overrides).filter(([, value]) => value !== undefined);
  return parseGenerationConfig({ ...config, ...Object.fromEntries(stated) }, "the rules given");
}
