/**
 * The attention shift as an experiment on three models.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import {
  benchmarkTitle,
  findBenchmark,
  loadImageQuestions,
  modelKind,
  withChoices,
} from "../../benchmarks/mod.ts";
import {
  countOption,
  defineExperiment,
  hashJson,
  OPTION_TEXTS,
  type Preparation,
  seedOption,
  type Setting,
} from "../../experiments/mod.ts";
import { sampleIndices } from "../../statistics/mod.ts";
import {
  attentionKey,
  type AttentionRecord,
  attentionRecordSchema,
  generationKey,
  type GenerationRecord,
  generationRecordSchema,
  MODEL_ROLES,
  type ModelRole,
  secondWriter,
} from "./records.ts";
import { type AttentionReport, reportAttention } from "./report.ts";
import { attentionPass, type ImageQuestion, type Step } from "./rows.ts";

/** Names of the files in the output folder. */
export const ATTENTION_FILES = {
  run: "run.json",
  generations: "generations.jsonl",
  attention: "attention.jsonl",
  summary: "attention_summary.json",
} as const;

const attentionOptions = z.strictObject({
  category: z.string().default("math-targeted-vqa").register(OPTION_TEXTS, {
    help: "Category of the questions, or all",
    value: "NAME",
  }),
  sampleSize: countOption(100, "Questions drawn"),
  sampleSeed: seedOption(),
  maxNewTokens: countOption(2048, "Longest text"),
  fixedText: z.enum(MODEL_ROLES).default("IN").register(OPTION_TEXTS, {
    help: "Whose text all are measured under: base, sft or rl",
    value: "MODEL",
    words: { base: "Base", sft: "IN", in: "IN", rl: "RL" },
  }),
});

/** Kinds of records. */
type AttentionRecords = { generations: GenerationRecord; attentions: AttentionRecord };

async function drawQuestions(
  { data, options: { category, sampleSize, sampleSeed }, ...hub }: Setting<
    ModelRole,
    z.output<typeof attentionOptions>
  >,
): Promise<{ questions: ImageQuestion[]; source: string }> {
  const { source, path } = await findBenchmark("mathvista", data, hub);
  const all = await loadImageQuestions(path);
  const items = all.filter((item) => category === "all" || item.category === category);
  if (items.length === 0) {
    const categories = [...new Set(all.map((item) => item.category))].join(", ");
    throw new Error(
      `Cannot measure attention: ${path} has no questions of category ${category}, only ` +
        categories,
    );
  }
  const drawn = sampleIndices(items.length, { size: sampleSize, seed: sampleSeed });
  const questions = drawn.map((i) => {
    const { id, readImage, question, choices } = items[i];
    return { id, readImage, question: choices ? withChoices(question, choices) : question };
  });
  return { questions, source };
}

/** Identifies questions by all that reaches a model. */
async function hashQuestions(questions: readonly ImageQuestion[]): Promise<string> {
  const parts = [];
  for (const { id, readImage, question } of questions) {
    const hash = createHash("sha256").update(await readImage()).digest("hex");
    parts.push([id, question, hash]);
  }
  return hashJson(parts);
}

/** The attention shift of Base, IN and RL. */
export const ATTENTION_EXPERIMENT = defineExperiment({
  name: "attention_shift",
  version: 2,
  models: MODEL_ROLES,
  options: attentionOptions,
  prepare: async (
    setting,
  ): Promise<Preparation<ModelRole, AttentionRecords, ImageQuestion, AttentionReport>> => {
    const { category, sampleSize, sampleSeed, maxNewTokens, fixedText } = setting.options;
    const { models } = setting;
    const kindOf = (role: ModelRole) =>
      modelKind(models[role].name, models[role].kind ?? (role === "Base" ? "base" : undefined));
    const kinds = { Base: kindOf("Base"), IN: kindOf("IN"), RL: kindOf("RL") };
    const { questions, source } = await drawQuestions(setting);
    const basis = {
      questions: {
        benchmark: benchmarkTitle("mathvista") + (category === "all" ? "" : ` ${category}`),
        data: source,
        n: questions.length,
        grader: null,
        describer: null,
      },
    };
    return {
      samples: questions,
      sampleKey: ({ id }) => id,
      identity: {
        data: {
          questions: await hashQuestions(questions),
          category,
          sample_size: sampleSize,
          sample_seed: sampleSeed,
        },
        options: { fixed_text: fixedText, max_new_tokens: maxNewTokens },
      },
      kinds,
      basis,
      runFile: ATTENTION_FILES.run,
      records: {
        generations: {
          paths: [ATTENTION_FILES.generations],
          schema: generationRecordSchema,
          id: generationKey,
          sampleOf: ({ id }) => id,
        },
        attentions: {
          paths: [ATTENTION_FILES.attention],
          schema: attentionRecordSchema,
          id: attentionKey,
          sampleOf: ({ id }) => id,
        },
      },
      outputs: [ATTENTION_FILES.summary],
      // The fixed text's model comes first: the others are measured under what it wrote.
      // Under the second text IN and RL are, once it is written.
      passes: (sinks) => {
        const writer = secondWriter(fixedText);
        const order = [fixedText, ...MODEL_ROLES.filter((role) => role !== fixedText)];
        const pass = (role: ModelRole, steps: Step[]) => ({
          model: role,
          pass: attentionPass({
            role,
            kind: kinds[role],
            maxNewTokens,
            fixedText,
            steps,
            ...sinks,
          }),
        });
        return [
          ...order.map((role) =>
            pass(role, [
              "generation",
              "own",
              "fixed",
              ...role === writer ? ["second"] as const : [],
            ])
          ),
          pass(writer === "RL" ? "IN" : "RL", ["second"]),
        ];
      },
      report: ({ attentions }) => {
        const names = Object.fromEntries(MODEL_ROLES.map((role) => [role, models[role].name]));
        const report = reportAttention(attentions, { models: names, fixedText, basis });
        return { report, files: { [ATTENTION_FILES.summary]: report } };
      },
    };
  },
});
