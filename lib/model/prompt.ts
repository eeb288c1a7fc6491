/**
 * Chats to token ids: the checkpoint's own chat template, with room for each image's tokens.
 *
 * @module
 */
import { join } from "node:path";
import { readStrictJson } from "../strict_json.ts";
import { checkKeys, type KeysOf, showValue } from "../check_keys.ts";
import type { ImageSource } from "./decode_image.ts";
import type { QwenConfig } from "./qwen_config.ts";
import { QwenTokenizer } from "./tokenizer.ts";

/** A piece of a message. */
export type ChatPart = { type: "text"; text: string } | { type: "image"; image: ImageSource };

/** A message; a plain string is one text. */
export interface ChatMessage {
  role: "system" | "user" | "assistant";
  content: string | readonly ChatPart[];
}

/** A chat as tokens. */
export interface EncodedPrompt {
  /** Token ids; each image is a run of the image token. */
  ids: Int32Array;
  /** The runs, in the prompt's order. */
  images: { start: number; count: number }[];
}

const ROLES = ["system", "user", "assistant"];

/** The template's source: a file of its own wins over tokenizer_config.json. */
function findTemplate(tokenizer: QwenTokenizer): string {
  const { folder, config } = tokenizer;
  try {
    return Deno.readTextFileSync(join(folder, "chat_template.jinja"));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const file = readStrictJson(join(folder, "chat_template.json")) as
    | { chat_template?: unknown }
    | undefined;
  for (const template of [file?.chat_template, config.chat_template]) {
    if (typeof template === "string") return template;
    if (!Array.isArray(template)) continue;
    const named = template.find((entry) => entry?.name === "default")?.template;
    if (typeof named === "string") return named;
  }
  throw new Error(
    `Cannot write prompts for ${folder}: it has no chat template (chat_template.jinja, ` +
      "chat_template.json or a chat_template in tokenizer_config.json)",
  );
}

const MESSAGE: KeysOf<ChatMessage> = { role: true, content: true };
const TEXT: KeysOf<Extract<ChatPart, { type: "text" }>> = { type: true, text: true };
const IMAGE: KeysOf<Extract<ChatPart, { type: "image" }>> = { type: true, image: true };

/** Checks messages, which may come from a file; only text and images pass. */
function checkMessages(messages: readonly ChatMessage[]): void {
  if (!Array.isArray(messages)) {
    throw new TypeError(
      `Cannot write a prompt: ${
        showValue(messages)
      } is no chat, which is a list of messages such ` +
        'as {role: "user", content: "..."}',
    );
  }
  if (messages.length === 0) throw new Error("Cannot write a prompt: there are no messages");
  for (const [index, message] of messages.entries()) {
    const at = `message ${index}`;
    checkKeys(message, MESSAGE, at);
    const { role, content } = message;
    if (!ROLES.includes(role)) {
      throw new Error(
        `Cannot write a prompt: ${at} has role ${JSON.stringify(role)}, not ${ROLES.join(", ")}`,
      );
    }
    if (typeof content === "string") continue;
    if (!Array.isArray(content)) {
      throw new Error(`Cannot write a prompt: ${at} has neither a text nor a list of parts`);
    }
    for (const part of content as readonly { type: string; text?: unknown; image?: unknown }[]) {
      const { type, text, image } = Object(part) as Partial<typeof part>;
      if (type === "video") {
        throw new Error(
          `Cannot write a prompt: ${at} has a video; only texts and still images are supported, so ` +
            "give frames of it as images",
        );
      }
      const known = type === "image" && image !== undefined ||
        type === "text" && typeof text === "string";
      if (!known) {
        throw new Error(
          `Cannot write a prompt: ${at} has a part ${showValue(part)}; a text is {type: "text", ` +
            'text: "..."}, an image {type: "image", image}',
        );
      }
      checkKeys(part, type === "text" ? TEXT : IMAGE, `a part of ${at}`);
    }
  }
}

/**
 * The images of a chat, in the order in which they are shown to the model.
 *
 * @example
 * ```ts
 * const images = chatImages([
 *   { role: "user", content: [{ type: "image", image: "a.png" }, { type: "text", text: "What?" }] },
 * ]);
 * console.log(images); // [ "a.png" ]
 * ```
 */
export function chatImages(messages: readonly ChatMessage[]): ImageSource[] {
  return messages.flatMap(({ content }) =>
    typeof content === "string"
      ? []
      : content.flatMap((part) => part.type === "image" ? [part.image] : [])
  );
}

/**
 * Writes prompts for one checkpoint.
 *
 * @example
 * ```ts ignore
 * const encoder = await PromptEncoder.open(folder, qwenConfigOf(checkpoint));
 * const { ids } = encoder.encode([{ role: "user", content: "Compute 3 + 4." }]);
 * ```
 */
export class PromptEncoder {
  /** The checkpoint's tokenizer. */
  readonly tokenizer: QwenTokenizer;
  readonly #template: string;
  readonly #config: QwenConfig;

  private constructor(tokenizer: QwenTokenizer, config: QwenConfig) {
    this.tokenizer = tokenizer;
    this.#template = findTemplate(tokenizer);
    this.#config = config;
  }

  /**
   * Opens the tokenizer and the chat template of a checkpoint folder.
   *
   * @throws {Error} if one of them is missing or malformed.
   */
  static async open(folder: string, config: QwenConfig): Promise<PromptEncoder> {
    return new PromptEncoder(await QwenTokenizer.open(folder), config);
  }

  /**
   * The prompt's text, one placeholder an image, ending where the answer begins.
   *
   * @throws {Error} for a video, an unknown part or role, or a template that fails.
   */
  render(messages: readonly ChatMessage[]): string {
    checkMessages(messages);
    const plain = messages.map(({ role, content }) => ({
      role,
      content: typeof content === "string"
        ? content
        : content.map((part) => part.type === "text" ? part : { type: "image" }),
    }));
    try {
      return this.tokenizer.render(plain, this.#template);
    } catch (cause) {
      throw new Error(
        `Cannot write a prompt with the chat template of ${this.tokenizer.folder}: ` +
          (cause as Error).message,
        { cause },
      );
    }
  }

  /**
   * The prompt's tokens.
   *
   * @param messages The chat.
   * @param imageTokens Number of tokens of each image, in the prompt's order.
   * @throws {Error} as {@linkcode PromptEncoder.render}, and if the text itself names image or video
   * tokens, or a token is outside of the vocabulary.
   */
  encode(messages: readonly ChatMessage[], imageTokens: readonly number[] = []): EncodedPrompt {
    const { imageTokenId, videoTokenId, text: { vocabSize } } = this.#config;
    const tokens = this.tokenizer.encode(this.render(messages));
    const places = tokens.filter((id) => id === imageTokenId).length;
    if (places !== imageTokens.length) {
      throw new Error(
        `Cannot write a prompt: it has ${places} image places for ${imageTokens.length} images; a ` +
          "text may not contain the image token's name",
      );
    }
    const added = imageTokens.reduce((sum, count) => sum + count - 1, 0);
    const ids = new Int32Array(tokens.length + added);
    const images: { start: number; count: number }[] = [];
    let at = 0;
    for (const id of tokens) {
      if (id < 0 || id >= vocabSize) {
        throw new Error(
          `Cannot write a prompt: token ${id} is outside of the model's vocabulary of ${vocabSize}`,
        );
      }
      if (id === videoTokenId) {
        throw new Error(
          "Cannot write a prompt: its text names the video token; videos are not supported",
        );
      }
      if (id !== imageTokenId) {
        ids[at++] = id;
        continue;
      }
      const count = imageTokens[images.length];
      images.push({ start: at, count });
      ids.fill(id, at, at += count);
    }
    return { ids, images };
  }
}
