/**
 * A checkpoint's tokenizer.
 *
 * @module
 */
import { join } from "node:path";
import { readStrictJson } from "../strict_json.ts";
import type { Message, PreTrainedTokenizer } from "./hf_tokenizer.ts";

/** Options of {@linkcode QwenTokenizer.decode}. */
export interface DecodeOptions {
  /** Leave special tokens out, default true. */
  skipSpecialTokens?: boolean;
}

/**
 * Text to token ids and back, as tokenizer.json says.
 *
 * @example
 * ```ts
 * const tokenizer = await QwenTokenizer.open("lib/model/testdata/random-qwen");
 * console.log(tokenizer.decode(tokenizer.encode("2 + 2"))); // 2 + 2
 * ```
 */
export class QwenTokenizer {
  /** tokenizer_config.json; empty if there is none. */
  readonly config: Readonly<Record<string, unknown>>;
  /** The folder it was read from. */
  readonly folder: string;
  readonly #tokenizer: PreTrainedTokenizer;

  private constructor(
    folder: string,
    config: Record<string, unknown>,
    tokenizer: PreTrainedTokenizer,
  ) {
    this.folder = folder;
    this.config = config;
    this.#tokenizer = tokenizer;
  }

  /**
   * Opens the tokenizer of a checkpoint folder.
   *
   * @param folder Folder with tokenizer.json and, mostly, tokenizer_config.json.
   * @throws {Error} if tokenizer.json is missing or malformed; names the file.
   */
  static async open(folder: string): Promise<QwenTokenizer> {
    const path = join(folder, "tokenizer.json");
    const json = readStrictJson(path);
    if (json === undefined) {
      throw new Error(
        `Cannot read ${path}: it is not there; a checkpoint folder needs its tokenizer beside the ` +
          "weights",
      );
    }
    const config = readStrictJson(join(folder, "tokenizer_config.json")) ?? {};
    const { PreTrainedTokenizer } = await import("./hf_tokenizer.ts");
    try {
      const tokenizer = new PreTrainedTokenizer(json, config);
      return new QwenTokenizer(folder, config as Record<string, unknown>, tokenizer);
    } catch (cause) {
      throw new Error(`Cannot use ${path}: ${(cause as Error).message}`, { cause });
    }
  }

  /** Token ids of a text; names of special tokens in it become those tokens. */
  encode(text: string): number[] {
    return this.#tokenizer.encode(text, { add_special_tokens: false });
  }

  /** Text of token ids. */
  decode(ids: ArrayLike<number>, { skipSpecialTokens = true }: DecodeOptions = {}): string {
    if (ids.length === 0) return "";
    return this.#tokenizer.decode(Array.from(ids), {
      skip_special_tokens: skipSpecialTokens,
      clean_up_tokenization_spaces: false,
    });
  }

  /**
   * Renders a chat template.
   *
   * @param messages What the template calls `messages`.
   * @param template Jinja source.
   */
  render(messages: readonly unknown[], template: string): string {
    const rendered = this.#tokenizer.apply_chat_template(messages as Message[], {
      chat_template: template,
      tokenize: false,
      add_generation_prompt: true,
    });
    // Text, since nothing is tokenized.
    return rendered as string;
  }
}
