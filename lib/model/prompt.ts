/**
 * Chats to token ids: the checkpoint's own chat template, with room for each image's tokens.
 *
 * @module
 */
import type { Message, PreTrainedTokenizer } from "@huggingface/transformers";
import { join } from "node:path";
import { readStrictJson } from "../strict_json.ts";
import { checkKeys, type KeysOf, showValue } from "../check_keys.ts";
import type { ImageSource } from "./decode_image.ts";
import type { QwenConfig } from "./qwen_config.ts";

export type ChatPart = { type: "text"; text: string } | { type: "image"; image: ImageSource };

/** A message; a plain string is one text. */
export interface ChatMessage {
  role: "system" | "user" | "assistant";
  content: string | readonly ChatPart[];
}

const ROLES = ["system", "user", "assistant"];

/** The template's source: a file of its own wins over tokenizer_config.json, which is `config`. */
function findTemplate(folder: string, config: { chat_template?: unknown }): string {
  try {
    return Deno.readTextFileSync(join(folder, "chat_template.jinja"));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const file = readStrictJson(join(folder, "chat_template.json")) as typeof config | undefined;
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

function refuse(why: string): never {
  throw new Error(`Cannot write a prompt: ${why}`);
}

const MESSAGE: KeysOf<ChatMessage> = { role: true, content: true };
const PARTS: { [Type in ChatPart["type"]]: KeysOf<Extract<ChatPart, { type: Type }>> } = {
  text: { type: true, text: true },
  image: { type: true, image: true },
};

/** Checks messages, which may come from a file; only text and images pass. */
function checkMessages(messages: readonly ChatMessage[]): void {
  if (!Array.isArray(messages)) {
    throw new TypeError(
      `Cannot write a prompt: ${showValue(messages)} is no chat, which is a list of messages ` +
        'such as {role: "user", content: "..."}',
    );
  }
  if (messages.length === 0) refuse("there are no messages");
  for (const [index, message] of messages.entries()) {
    const at = `message ${index}`;
    checkKeys(message, MESSAGE, at);
    const { role, content } = message;
    if (!ROLES.includes(role)) {
      refuse(`${at} has role ${JSON.stringify(role)}, not ${ROLES.join(", ")}`);
    }
    if (typeof content === "string") continue;
    if (!Array.isArray(content)) refuse(`${at} has neither a text nor a list of parts`);
    for (const part of content as readonly unknown[]) {
      const { type, text, image } = Object(part) as Record<string, unknown>;
      if (type === "video") {
        refuse(
          `${at} has a video; only texts and still images are supported, so give frames of it as ` +
            "images",
        );
      }
      if (type === "text" ? typeof text !== "string" : type !== "image" || image === undefined) {
        refuse(
          `${at} has a part ${showValue(part)}; a text is {type: "text", text: "..."}, an image ` +
            '{type: "image", image}',
        );
      }
      checkKeys(part, PARTS[type as ChatPart["type"]], `a part of ${at}`);
    }
  }
}

/**
 * The images of a chat, in the order in which they are shown to the model.
 */
export function chatImages(messages: readonly ChatMessage[]): ImageSource[] {
  return messages.flatMap(({ content }) => typeof content === "string" ? [] : content)
    .flatMap((part) => part.type === "image" ? [part.image] : []);
}

/**
 * Writes prompts for one checkpoint.
 */
export class PromptEncoder {
  readonly #tokenizer: PreTrainedTokenizer;
  readonly #folder: string;
  readonly #template: string;
  readonly #config: QwenConfig;

  private constructor(
    tokenizer: PreTrainedTokenizer,
    { folder, template, config }: { folder: string; template: string; config: QwenConfig },
  ) {
    this.#tokenizer = tokenizer;
    this.#folder = folder;
    this.#template = template;
    this.#config = config;
  }

  /**
   * Opens the tokenizer and the chat template of a checkpoint folder.
   *
   * @throws {Error} if one of them is missing or malformed; names the file.
   */
  static async open(folder: string, config: QwenConfig): Promise<PromptEncoder> {
    const path = join(folder, "tokenizer.json");
    const json = readStrictJson(path);
    if (json === undefined) {
      throw new Error(
        `Cannot read ${path}: it is not there; a checkpoint folder needs its tokenizer beside the ` +
          "weights",
      );
    }
    const settings = readStrictJson(join(folder, "tokenizer_config.json")) ?? {};
    // At first use: the library brings a runtime and an image decoder with it.
    const { PreTrainedTokenizer } = await import("@huggingface/transformers");
    let tokenizer: PreTrainedTokenizer;
    try {
      tokenizer = new PreTrainedTokenizer(json, settings);
    } catch (cause) {
      throw new Error(`Cannot use ${path}: ${(cause as Error).message}`, { cause });
    }
    const template = findTemplate(folder, settings);
    return new PromptEncoder(tokenizer, { folder, template, config });
  }

  /** Token ids of a text; names of special tokens in it become those tokens. */
  encodeText(text: string): number[] {
    return this.#tokenizer.encode(text, { add_special_tokens: false });
  }

  /** Text of token ids, special tokens left out. */
  decode(ids: ArrayLike<number>): string {
    if (ids.length === 0) return "";
    return this.#tokenizer.decode(Array.from(ids), {
      skip_special_tokens: true,
      clean_up_tokenization_spaces: false,
    });
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
      // Text, since nothing is tokenized.
      return this.#tokenizer.apply_chat_template(plain as Message[], {
        chat_template: this.#template,
        tokenize: false,
        add_generation_prompt: true,
      }) as string;
    } catch (cause) {
      const { message } = cause as Error;
      const what = `write a prompt with the chat template of ${this.#folder}`;
      throw new Error(`Cannot ${what}: ${message}`, { cause });
    }
  }

  /**
   * The prompt's tokens.
   *
   * @param imageTokens Number of tokens of each image, in the prompt's order.
   * @returns Token ids, each image a run of the image token; and the runs.
   * @throws {Error} as {@linkcode PromptEncoder.render}, and if the text itself names image or video
   * tokens, or a token is outside of the vocabulary.
   */
  encode(messages: readonly ChatMessage[], imageTokens: readonly number[] = []) {
    const { imageTokenId, videoTokenId, text: { vocabSize } } = this.#config;
    const tokens = this.encodeText(this.render(messages));
    const places = tokens.filter((id) => id === imageTokenId).length;
    if (places !== imageTokens.length) {
      refuse(
        `it has ${places} image places for ${imageTokens.length} images; a text may not contain ` +
          "the image token's name",
      );
    }
    const outside = tokens.find((id) => id < 0 || id >= vocabSize);
    if (outside !== undefined) {
      refuse(`token ${outside} is outside of the model's vocabulary of ${vocabSize}`);
    }
    if (tokens.includes(videoTokenId)) {
      refuse("its text names the video token; videos are not supported");
    }
    const images: { start: number; count: number }[] = [];
    const ids: number[] = [];
    for (const id of tokens) {
      const count = id === imageTokenId ? imageTokens[images.length] : 1;
      if (id === imageTokenId) images.push({ start: ids.length, count });
      for (let i = 0; i < count; i++) ids.push(id);
    }
    return { ids: Int32Array.from(ids), images };
  }
}
