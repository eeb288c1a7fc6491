/**
 * Attention shift: how much generated tokens look at the image, model by model.
 *
 * @module
 */
import { type ModelKind, questionMessages } from "../benchmarks/mod.ts";
import {
  BATCH_ROWS,
  decodeImage,
  type ModelInput,
  planBatches,
  type VisionLanguageModel,
} from "../model/mod.ts";
import type { ProgressListener } from "../progress.ts";
import { attentionMass } from "./attention_mass.ts";
import {
  attentionKey,
  type AttentionRecord,
  generationKey,
  type GenerationRecord,
  type ModelRole,
} from "./attention_records.ts";

/** A question about an image. */
export interface ImageQuestion {
  id: string;
  /** Reads the image file's bytes. */
  readImage: () => Promise<Uint8Array>;
  /** The question, with its choices if it has any. */
  question: string;
}

/** Options of {@linkcode attentionShift}. */
export interface AttentionShiftOptions {
  role: ModelRole;
  /** How the model was trained to be asked. */
  kind: ModelKind;
  /** Tokens of a text at most, default 2048. */
  maxNewTokens?: number;
  /** Tokens of the text that all models are measured under, by question; none if it is this one's. */
  fixedTexts: ReadonlyMap<string, readonly number[]> | null;
  /** What is there already, by `generationKey`. */
  generations?: ReadonlyMap<string, GenerationRecord>;
  /** What is there already, by `attentionKey`. */
  attentions?: ReadonlyMap<string, AttentionRecord>;
  onGeneration: (record: GenerationRecord) => void;
  onAttention: (record: AttentionRecord) => void;
  onProgress?: ProgressListener;
  signal?: AbortSignal;
  /** Bytes of K, V and hidden states of one batch; default what the device has room for. */
  memoryBytes?: number;
  /** Most rows of one batch. */
  maxRows?: number;
}

interface AskedRow {
  question: ImageQuestion;
  input: ModelInput;
  /** Nothing is shared between questions. */
  touch: 0;
}

/** Questions whose images are decoded and encoded together. */
const IMAGES_TOGETHER = 32;
/** Prompts of one forward pass: their captures are held together. */
const FORWARD_TOGETHER = 8;

/** One model's run of {@linkcode attentionShift}. */
class AttentionRun {
  #done = 0;

  constructor(
    readonly model: VisionLanguageModel,
    readonly options: AttentionShiftOptions,
    readonly total: number,
  ) {}

  progress(rows: number, detail: string) {
    const { onProgress, role } = this.options;
    const label = `attention shift, ${role}`;
    onProgress?.({ label, done: this.#done + rows, total: this.total, unit: "samples", detail });
  }

  async ask(questions: readonly ImageQuestion[]): Promise<AskedRow[]> {
    const { kind, signal } = this.options;
    const chats = [];
    for (const { readImage, question } of questions) {
      const image = await decodeImage(await readImage());
      chats.push(questionMessages({ question, image }, { kind, inputType: "image_question" }));
    }
    const inputs = await this.model.prepare(chats, { signal });
    return questions.map((question, i) => ({ question, input: inputs[i], touch: 0 }));
  }

  /** Each row's own text. */
  async generate(rows: readonly AskedRow[]): Promise<number[][]> {
    const { role, generations, onGeneration, signal, maxNewTokens = 2048 } = this.options;
    const { memoryBytes = this.model.batchBytes, maxRows = BATCH_ROWS } = this.options;
    const texts = new Map<AskedRow, number[]>();
    const limits = { config: this.model.config.text, maxNewTokens, memoryBytes, maxRows };
    for (const batch of planBatches(rows, limits)) {
      const known = batch.map(({ question: { id } }) =>
        generations?.get(generationKey({ model: role, id }))
      );
      const answers = known.every((record) => record !== undefined)
        ? null
        : await this.model.generate(batch.map(({ input }) => ({ input })), {
          maxNewTokens,
          signal,
          onToken: ({ rowsLeft }) => this.progress(batch.length - rowsLeft, "generating"),
        });
      batch.forEach((row, i) => {
        const record = known[i] ?? {
          model: role,
          id: row.question.id,
          question: row.question.question,
          tokens: [...answers![i].tokens],
          full_response: this.model.decode(answers![i].tokens),
          finished: answers![i].finish === "stop",
        };
        if (!known[i]) onGeneration(record);
        texts.set(row, record.tokens);
      });
      this.#done += batch.length;
    }
    return rows.map((row) => texts.get(row)!);
  }

  /** Records the attention under each row's text. */
  async attend(
    rows: readonly AskedRow[],
    texts: readonly (readonly number[])[],
    text: AttentionRecord["text"],
  ): Promise<AttentionRecord[]> {
    const { role, attentions, onAttention, signal } = this.options;
    const records: AttentionRecord[] = [];
    for (let first = 0; first < rows.length; first += FORWARD_TOGETHER) {
      signal?.throwIfAborted();
      const part = rows.slice(first, first + FORWARD_TOGETHER);
      const keys = part.map(({ question: { id } }) => ({ model: role, text, id }));
      const known = keys.map((key) => attentions?.get(attentionKey(key)));
      const masses = known.every((record) => record !== undefined) ? null : await attentionMass(
        this.model,
        part.map(({ input }, i) => ({ input, tokens: texts[first + i] })),
        { signal },
      );
      keys.forEach((key, i) => {
        const record = known[i] ?? { ...key, ...masses![i] };
        if (!known[i]) onAttention(record);
        records.push(record);
      });
      this.#done += part.length;
      this.progress(0, `${text} text`);
    }
    return records;
  }

  /** The own text is the fixed one: its records are the same under another name. */
  repeat(records: readonly AttentionRecord[]) {
    const { attentions, onAttention } = this.options;
    for (const record of records) {
      const fixed = { ...record, text: "fixed" as const };
      if (!attentions?.has(attentionKey(fixed))) onAttention(fixed);
    }
    this.#done += records.length;
  }
}

/**
 * Generates one model's text for every question and measures, for every layer and head, the
 * attention from the text's tokens to visual, question and system tokens: under its own text, and
 * under a fixed one, so that a change of text is not mistaken for a change of attention.
 *
 * @throws {Error} if an image or prompt is at fault, or a fixed text is missing; records told so far
 * stand.
 */
export async function attentionShift(
  model: VisionLanguageModel,
  questions: readonly ImageQuestion[],
  options: AttentionShiftOptions,
): Promise<void> {
  if (questions.length === 0) throw new Error("Cannot measure attention: there are no questions");
  const { fixedTexts, signal } = options;
  const run = new AttentionRun(model, options, 3 * questions.length);
  for (let first = 0; first < questions.length; first += IMAGES_TOGETHER) {
    signal?.throwIfAborted();
    const rows = await run.ask(questions.slice(first, first + IMAGES_TOGETHER));
    const own = await run.generate(rows);
    const records = await run.attend(rows, own, "own");
    if (fixedTexts === null) {
      run.repeat(records);
      continue;
    }
    const fixed = rows.map(({ question: { id } }) => {
      const tokens = fixedTexts.get(id);
      if (!tokens) throw new Error(`Cannot measure attention: question ${id} has no fixed text`);
      return tokens;
    });
    await run.attend(rows, fixed, "fixed");
  }
}
