/**
 * The attention shift kept on disk: resumed sample by sample.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { writeAtomically } from "../atomic_write.ts";
import {
  benchmarkTitle,
  findBenchmark,
  loadImageQuestions,
  modelKind,
  withChoices,
} from "../benchmarks/mod.ts";
import type { HubDatasetOptions } from "../checkpoint/hub/mod.ts";
import { sampleIndices } from "../statistics/mod.ts";
import {
  attentionKey,
  attentionRecordSchema,
  type AttentionReport,
  attentionShift,
  generationKey,
  generationRecordSchema,
  type ImageQuestion,
  MODEL_ROLES,
  type ModelRole,
  reportAttention,
} from "../probing/mod.ts";
import type { ProgressListener } from "../progress.ts";
import { claimFolder } from "./probing_folder.ts";
import { LazyModel, type ProbedModel } from "./probing_model.ts";
import { provenance } from "./provenance.ts";
import { RecordLog } from "./record_log.ts";
import { hashJson, type ModelIdentity, type RunIdentity } from "./run_identity.ts";

/** Raised when a change of code changes results. */
const VERSION = 1;

/** Names of the files in the output folder. */
export const ATTENTION_FILES = {
  run: "run.json",
  generations: "generations.jsonl",
  attention: "attention.jsonl",
  summary: "attention_summary.json",
} as const;

/** A model and how it was trained to be asked. */
export interface RoleModel extends ProbedModel {
  /** Default: "base" for Base, else read off the name. */
  kind?: string;
}

/** Options of {@linkcode storedAttentionShift}. */
export interface StoredAttentionOptions extends Pick<HubDatasetOptions, "cacheDir" | "offline"> {
  /** Folder of the results. */
  output: string;
  /** Puts them into a folder of their own in there, named by models, data and options. */
  keyed?: boolean;
  /** Where MathVista's questions are from: "embedded", "hub" or a folder. */
  data: string;
  /** Category of the questions; default "math-targeted-vqa", "all" for all. */
  category?: string;
  /** Questions drawn; default 100. */
  sampleSize?: number;
  /** Seed of the draw; default 123. */
  sampleSeed?: number;
  /** Tokens of a text at most; default 2048. */
  maxNewTokens?: number;
  /** Whose text all models are measured under; default "IN". */
  fixedText?: ModelRole;
  /** Throws away what the folder holds. */
  overwrite?: boolean;
  /** Bytes of a batch; does not change results. */
  memoryBytes?: number;
  onProgress?: ProgressListener;
  signal?: AbortSignal;
}

async function drawQuestions(
  options: StoredAttentionOptions,
): Promise<{ questions: ImageQuestion[]; source: string }> {
  const { data, category = "math-targeted-vqa" } = options;
  const { sampleSize = 100, sampleSeed = 123 } = options;
  const { source, path } = await findBenchmark("mathvista", data, options);
  const all = await loadImageQuestions(path);
  const items = all.filter((item) => category === "all" || item.category === category);
  if (items.length === 0) {
    const categories = [...new Set(all.map((item) => item.category))].join(", ");
    throw new Error(
      `Cannot measure attention: ${path} has no questions of category ${category}, only ` +
        categories,
    );
  }
  if (!Number.isInteger(sampleSize) || sampleSize < 1) {
    throw new RangeError(`Cannot draw ${sampleSize} questions: it must be 1 or more`);
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

/**
 * The attention shift over three models, kept in `output`: what is there already is not computed
 * again. One model is open at a time.
 *
 * @throws {NotRunError} if the data have no MathVista.
 * @throws {Error} if the folder holds results of other models, other data or other options, or if a
 * question is at fault.
 */
export async function storedAttentionShift(
  models: Readonly<Record<ModelRole, RoleModel>>,
  options: StoredAttentionOptions,
): Promise<AttentionReport> {
  const { maxNewTokens = 2048, fixedText = "IN", overwrite } = options;
  const { category = "math-targeted-vqa", sampleSize = 100, sampleSeed = 123 } = options;
  const { memoryBytes, onProgress, signal } = options;
  const kinds = Object.fromEntries(
    MODEL_ROLES.map((role) => {
      const { name, kind } = models[role];
      return [role, modelKind(name, kind ?? (role === "Base" ? "base" : undefined))];
    }),
  );
  const { questions, source } = await drawQuestions(options);
  const identities: Record<string, ModelIdentity> = {};
  for (const role of MODEL_ROLES) {
    await using lazy = new LazyModel(models[role]);
    identities[role] = { ...await lazy.identity(), model_type: kinds[role] };
  }
  const basis = {
    questions: {
      benchmark: benchmarkTitle("mathvista") + (category === "all" ? "" : ` ${category}`),
      data: source,
      n: questions.length,
      grader: null,
      describer: null,
    },
  };
  const identity: RunIdentity = {
    experiment: "attention_shift",
    version: VERSION,
    models: identities,
    data: {
      questions: await hashQuestions(questions),
      category,
      sample_size: sampleSize,
      sample_seed: sampleSeed,
    },
    options: { fixed_text: fixedText, max_new_tokens: maxNewTokens },
  };
  const names = Object.fromEntries(MODEL_ROLES.map((role) => [role, models[role].name]));
  const output = options.keyed ? join(options.output, hashJson(identity)) : options.output;
  await claimFolder(output, {
    file: ATTENTION_FILES.run,
    identity,
    about: { models: names, basis, ...await provenance() },
    logs: [ATTENTION_FILES.generations, ATTENTION_FILES.attention],
    outputs: [ATTENTION_FILES.summary],
    overwrite,
  });
  using generations = RecordLog.open(join(output, ATTENTION_FILES.generations), {
    schema: generationRecordSchema,
    id: generationKey,
  });
  using attentions = RecordLog.open(join(output, ATTENTION_FILES.attention), {
    schema: attentionRecordSchema,
    id: attentionKey,
  });
  // The fixed text's model comes first: the others are measured under what it wrote.
  const order = [fixedText, ...MODEL_ROLES.filter((role) => role !== fixedText)];
  for (const role of order) {
    const complete = questions.every(({ id }) =>
      attentions.records.has(attentionKey({ model: role, text: "own", id })) &&
      attentions.records.has(attentionKey({ model: role, text: "fixed", id }))
    );
    if (complete) continue;
    await using lazy = new LazyModel(models[role]);
    const fixedTexts = role === fixedText ? null : new Map(
      questions.map(({ id }) => [
        id,
        generations.records.get(generationKey({ model: fixedText, id }))!.tokens,
      ]),
    );
    await attentionShift(await lazy.open(), questions, {
      role,
      kind: modelKind(models[role].name, kinds[role]),
      maxNewTokens,
      fixedTexts,
      generations: new Map(generations.records),
      attentions: new Map(attentions.records),
      onGeneration: (record) => generations.append(record),
      onAttention: (record) => attentions.append(record),
      onProgress,
      signal,
      memoryBytes,
    });
  }
  for (const log of [generations, attentions]) log.confirm();
  const report = reportAttention([...attentions.records.values()], {
    models: names,
    fixedText,
    basis,
  });
  await writeAtomically(
    join(output, ATTENTION_FILES.summary),
    JSON.stringify(report, null, 2) + "\n",
  );
  return report;
}
