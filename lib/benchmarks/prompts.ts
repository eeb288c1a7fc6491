/**
 * What a model is asked. The models were trained to these texts, so they are protocol: not one
 * character may change.
 *
 * @module
 */
import type { ChatMessage, RgbImage } from "../model/mod.ts";
import type { ModelKind } from "./model_kind.ts";
import { promptImage, promptImageSize } from "./prompt_image.ts";

/** Stands before every question. */
export const QUESTION_PREFIX =
  'Please solve the problem step by step and put your answer in one "\\boxed{}".\n\n';

const REASONER =
  "You are a helpful assistant. When the user asks a question, your response must include two " +
  "parts: first, the reasoning process enclosed in <think>...</think> tags, then the final answer " +
  "enclosed in <answer>...</answer> tags. Please provide a clear, concise response within <answer> " +
  "</answer> tags that directly addresses the question.";

const REVISUAL =
  "You FIRST think about the reasoning process as an internal monologue and then provide the final " +
  "answer. The reasoning process MUST BE enclosed within <think> </think> tags. The final answer " +
  "MUST BE put in \\boxed{}.";

/**
 * The system prompt of a kind of model; null where none is given, so that the chat template's own
 * default applies.
 */
export function systemPrompt(kind: ModelKind): string | null {
  if (kind === "reasoner") return REASONER;
  return kind === "revisual" ? REVISUAL : null;
}

/**
 * What is shown of a sample: its image and question, a black image instead, a black image and a
 * description in words, or the question alone. Records name these in `input_type`. A describer is
 * shown an image and what it shall do, without prefix and system prompt.
 */
export type InputType =
  | "image_to_describe"
  | "image_question"
  | "black_image_question"
  | "black_image_description_question"
  | "question_only";

/**
 * Adds the choices of a multiple-choice question, lettered from A.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(withChoices("How many?", ["2", "7"]), "How many?\n\nChoices:\nA. 2\nB. 7");
 * ```
 *
 * @throws {Error} if there are more choices than letters.
 */
export function withChoices(question: string, choices: readonly string[]): string {
  if (choices.length > 26) {
    throw new Error(
      `Cannot letter ${choices.length} choices: there are 26 letters (${question.slice(0, 60)})`,
    );
  }
  const lines = choices.map((choice, i) => `${String.fromCharCode(65 + i)}. ${choice}`);
  return `${question}\n\nChoices:\n${lines.join("\n")}`;
}

/** A question to ask, choices included. */
export interface Question {
  /** Text of the question, with its choices (see {@linkcode withChoices}). */
  question: string;
  /** The image as decoded; null for a question of text only. */
  image?: RgbImage | null;
  /** What the image shows, in words. */
  description?: string | null;
}

export interface QuestionMessagesOptions {
  /** How the model was trained to be asked. */
  kind: ModelKind;
  inputType: InputType;
  /** Makes the black images; default {@linkcode blackImage}. */
  black?: typeof blackImage;
}

/** The text of the user's turn: prefix, description where one is shown, question. */
function questionText({ question, description }: Question, inputType: InputType): string {
  if (inputType === "image_to_describe") return question;
  if (inputType !== "black_image_description_question") return QUESTION_PREFIX + question;
  return `${QUESTION_PREFIX}Image Description:\n${description}\n\nQuestion:\n${question}`;
}

/**
 * The chat that asks a question. Images are sized as in {@linkcode promptImage}.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const messages = questionMessages(
 *   { question: "Compute 3 + 4." },
 *   { kind: "base", inputType: "question_only" },
 * );
 * assertEquals(messages, [{ role: "user", content: QUESTION_PREFIX + "Compute 3 + 4." }]);
 * ```
 *
 * @throws {Error} if an image or a description is to be shown and there is none.
 */
export function questionMessages(
  question: Question,
  { kind, inputType, black = blackImage }: QuestionMessagesOptions,
): ChatMessage[] {
  const text = questionText(question, inputType);
  const system = inputType === "image_to_describe" ? null : systemPrompt(kind);
  const messages: ChatMessage[] = system === null ? [] : [{ role: "system", content: system }];
  if (inputType === "question_only") return [...messages, { role: "user", content: text }];
  const missing = !question.image
    ? "image"
    : inputType === "black_image_description_question" && !question.description
    ? "description"
    : undefined;
  if (missing) {
    throw new Error(
      `Cannot ask as ${inputType}: the sample has no ${missing} ` +
        `(${JSON.stringify(question.question.slice(0, 60))})`,
    );
  }
  const image = question.image!;
  const shown = inputType.startsWith("black_image")
    ? black(promptImageSize(image))
    : promptImage(image);
  return [...messages, {
    role: "user",
    content: [{ type: "image", image: shown }, { type: "text", text }],
  }];
}

/**
 * A black picture of the same size.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(blackImage({ width: 1, height: 2 }).data, new Uint8Array(6));
 * ```
 */
export function blackImage({ width, height }: { width: number; height: number }): RgbImage {
  return { width, height, data: new Uint8Array(width * height * 3) };
}
