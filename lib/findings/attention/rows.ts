/**
 * Attention shift: how much generated tokens look at the image, model by model.
 *
 * @module
 */
import { type ModelKind, questionMessages } from "../../benchmarks/mod.ts";
import {
  type BatchContext,
  definePass,
  type Pass,
  type PlainRow,
  type Sink,
} from "../../experiments/mod.ts";
import { type BatchLimits, decodeImage, type ModelInput, planBatches } from "../../model/mod.ts";
import { attentionMass } from "./attention_mass.ts";
import {
  attentionKey,
  type AttentionRecord,
  generationKey,
  type GenerationRecord,
  type ModelRole,
  secondWriter,
  TEXTS,
} from "./records.ts";

/** A question about an image. */
export interface ImageQuestion {
  id: string;
  /** Reads the image file's bytes. */
  readImage: () => Promise<Uint8Array>;
  /** The question, with its choices if it has any. */
  question: string;
}

/** What {@linkcode attentionPass} takes. */
export interface AttentionPassOptions {
  role: ModelRole;
  /** How the model was trained to be asked. */
  kind: ModelKind;
  /** Tokens of a text at most. */
  maxNewTokens: number;
  /** Whose text all models are measured under; it must be there, or be this model's. */
  fixedText: ModelRole;
  /** What is done, default: text, and attention under the own and the fixed one. */
  steps?: readonly Step[];
  /** Texts by `generationKey`. */
  generations: Sink<GenerationRecord>;
  /** Attention by `attentionKey`. */
  attentions: Sink<AttentionRecord>;
}

/** A model writes its own text, and is measured under it and under the fixed one. */
interface AttentionRow extends PlainRow<ImageQuestion> {
  kind: Step;
}

/** A model's text, or the attention under a text. */
export type Step = "generation" | AttentionRecord["text"];

type PromptedRow = AttentionRow & { input: ModelInput };

const STEPS = ["generation", "own", "fixed"] as const;

/** Questions whose images are decoded and encoded together. */
const IMAGES_TOGETHER = 32;
/** Prompts of one forward pass: their captures are held together. */
const FORWARD_TOGETHER = 8;

/** Texts by memory, then the attention under one kind of text after the other. */
function planRows(rows: PromptedRow[], limits: BatchLimits): PromptedRow[][] {
  const ofKind = (wanted: AttentionRow["kind"]) => rows.filter(({ kind }) => kind === wanted);
  const attention = TEXTS.flatMap((kind) => {
    const own = ofKind(kind);
    return Array.from(
      { length: Math.ceil(own.length / FORWARD_TOGETHER) },
      (_, i) => own.slice(i * FORWARD_TOGETHER, (i + 1) * FORWARD_TOGETHER),
    );
  });
  const generation: PromptedRow[][] = planBatches(ofKind("generation"), limits);
  return [...generation, ...attention];
}

/**
 * For every question one model's text, and for every layer and head the attention from the text's
 * tokens to visual, question and system tokens: under its own text, and under fixed ones, so that a
 * change of text is not mistaken for a change of attention.
 *
 * The run fails if an image or prompt is at fault, or a fixed text is missing; records made so far
 * stand.
 */
export function attentionPass(
  { role, kind, maxNewTokens, fixedText, steps = STEPS, generations, attentions }:
    AttentionPassOptions,
): Pass<ImageQuestion> {
  const writers = { own: role, fixed: fixedText, second: secondWriter(fixedText) };
  const keyOf = ({ sample: { id }, kind }: AttentionRow) =>
    kind === "generation"
      ? generationKey({ model: role, id })
      : attentionKey({ model: role, text: kind, id });
  const isDone = (row: AttentionRow) =>
    (row.kind === "generation" ? generations : attentions).records.has(keyOf(row));

  async function generate(batch: PromptedRow[], { model, signal, progress }: BatchContext) {
    const answers = await model.generate(batch.map(({ input }) => ({ input })), {
      maxNewTokens,
      signal,
      onToken: ({ rowsLeft }) => progress(batch.length - rowsLeft, "generating"),
    });
    batch.forEach((row, i) => {
      if (isDone(row)) return;
      const { tokens, finish } = answers[i];
      generations.append({
        model: role,
        id: row.sample.id,
        question: row.sample.question,
        tokens: [...tokens],
        full_response: model.decode(tokens),
        finished: finish === "stop",
      });
    });
  }

  function textOf(id: string, kind: AttentionRecord["text"]): readonly number[] {
    const text = generations.records.get(generationKey({ model: writers[kind], id }));
    if (!text) throw new Error(`Cannot measure attention: question ${id} has no ${kind} text`);
    return text.tokens;
  }

  async function attend(
    batch: PromptedRow[],
    text: AttentionRecord["text"],
    { model, signal, progress }: BatchContext,
  ) {
    progress(0, `${text} text`);
    // Under its own text a second time: the records are the same under another name.
    const records = text !== "own" && writers[text] === role
      ? batch.map(({ sample: { id } }) => ({
        ...attentions.records.get(attentionKey({ model: role, text: "own", id }))!,
        text,
      }))
      : (await attentionMass(
        model,
        batch.map((row) => ({ input: row.input, tokens: textOf(row.sample.id, text) })),
        { signal },
      )).map((mass, i) => ({ model: role, text, id: batch[i].sample.id, ...mass }));
    batch.forEach((row, i) => {
      if (!isDone(row)) attentions.append(records[i]);
    });
  }

  return definePass({
    label: `attention shift, ${role}`,
    maxNewTokens,
    together: () => IMAGES_TOGETHER,
    rows: (sample) => steps.map((kind) => ({ sample, kind, touch: 0 })),
    isDone,
    prepare: async (questions, { model, signal }) => {
      const chats = [];
      for (const { readImage, question } of questions) {
        const image = await decodeImage(await readImage());
        chats.push(questionMessages({ question, image }, { kind, inputType: "image_question" }));
      }
      return (await model.prepare(chats, { signal })).map((input) => ({ input }));
    },
    batches: planRows,
    run: (batch, context) => {
      const [{ kind }] = batch;
      return kind === "generation" ? generate(batch, context) : attend(batch, kind, context);
    },
  });
}
