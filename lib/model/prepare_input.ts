/**
 * Chats to what the language model is given: images decoded, cut and encoded, prompts written,
 * positions counted.
 *
 * @module
 */
import { checkKeys, type KeysOf, showValue } from "../check_keys.ts";
import type { Checkpoint } from "../checkpoint/mod.ts";
import { type ModelArchitecture, modelArchitectureOf } from "./architectures/known.ts";
import { concatenate } from "./tensors.ts";
import { decodeImage, type ImageSource, type RgbImage } from "./decode_image.ts";
import type { ImagePatches, ImageProcessorConfig } from "./image_processor.ts";
import type { ImageTokens, ModelInput } from "./model_input.ts";
import { chatImages, type ChatMessage, PromptEncoder } from "./prompt.ts";
import { type QwenConfig, qwenConfigOf } from "./qwen_config.ts";
import { VisionTower, type VisionTowerOptions } from "./vision_tower.ts";

export interface PrepareOptions {
  /** Stops between two images or two runs of a graph. */
  signal?: AbortSignal;
  onImages?: (done: number, total: number) => void;
}

const OPTIONS: KeysOf<PrepareOptions> = { signal: true, onImages: true };

interface EncodedImage {
  grid: [number, number, number];
  /** [tokens, hidden size]. */
  embeddings: Float32Array;
}

/** Values of hidden states that images encoded together have at most, to bound memory. */
const STATES_TOGETHER = 8_000_000;

/**
 * The input side of one checkpoint: tokenizer, chat template, image processor and, from the first
 * image on, the vision encoder. Release it with `await using`.
 */
export class InputPreparer implements AsyncDisposable {
  readonly config: QwenConfig;
  readonly prompts: PromptEncoder;
  readonly #family: ModelArchitecture;
  readonly #processor: ImageProcessorConfig;
  readonly #openTower: () => Promise<VisionTower>;
  #tower: Promise<VisionTower> | undefined;

  private constructor(parts: {
    config: QwenConfig;
    prompts: PromptEncoder;
    family: ModelArchitecture;
    processor: ImageProcessorConfig;
    openTower: () => Promise<VisionTower>;
  }) {
    this.config = parts.config;
    this.prompts = parts.prompts;
    this.#family = parts.family;
    this.#processor = parts.processor;
    this.#openTower = parts.openTower;
  }

  /**
   * Opens the input side of a checkpoint, which must stay open meanwhile.
   *
   * @throws {Error} if a file is missing or malformed, the config is of another architecture, or
   * tensors of the vision encoder are missing or of another shape (all are named).
   */
  static async open(
    checkpoint: Checkpoint,
    options: VisionTowerOptions = {},
  ): Promise<InputPreparer> {
    const config = qwenConfigOf(checkpoint);
    const family = modelArchitectureOf(checkpoint.config, checkpoint.config.path);
    return new InputPreparer({
      config,
      prompts: await PromptEncoder.open(checkpoint.folder, config),
      family,
      processor: family.images.read(checkpoint.folder, config.vision),
      openTower: () => VisionTower.open({ checkpoint, config: config.vision }, options),
    });
  }

  /**
   * Prepares chats. An image given more than once (by the same path or the same object) is encoded
   * once, and images are encoded together; inputs may share its embeddings, so do not write to them.
   *
   * @param chats One list of messages a prompt.
   * @returns One input a chat, in order.
   * @throws {Error} if an image or a message cannot be used, or a prompt is longer than the model's
   * context; says which prompt.
   */
  async prepare(
    chats: readonly (readonly ChatMessage[])[],
    options: PrepareOptions = {},
  ): Promise<ModelInput[]> {
    checkKeys(options, OPTIONS, "the options of prepare");
    if (!Array.isArray(chats)) {
      throw new TypeError(`Cannot prepare ${showValue(chats)}: a list of chats is needed`);
    }
    // Prompts are checked before images, which cost more.
    eachPrompt(chats, (messages) => this.prompts.render(messages));
    const sources = new Set(chats.flatMap(chatImages));
    const encoded = await this.#encodeImages([...sources], options);
    return eachPrompt(
      chats,
      (messages) => this.#assemble(messages, chatImages(messages).map((s) => encoded.get(s)!)),
    );
  }

  #assemble(messages: readonly ChatMessage[], images: readonly EncodedImage[]): ModelInput {
    const { text: { maxPositionEmbeddings }, vision } = this.config;
    const merge = vision.spatialMergeSize;
    const counts = images.map(({ grid }) => grid[0] * grid[1] * grid[2] / merge ** 2);
    const prompt = this.prompts.encode(messages, counts);
    const length = prompt.ids.length;
    if (length > maxPositionEmbeddings) {
      const visual = counts.reduce((a, b) => a + b, 0);
      throw new Error(
        `Cannot use a prompt of ${length} tokens (${visual} of images): the model's context is ` +
          `${maxPositionEmbeddings}; shorten the text or shrink the images`,
      );
    }
    const imageTokens: ImageTokens[] = prompt.images.map((run, i) => ({
      ...run,
      grid: images[i].grid,
    }));
    return {
      ids: prompt.ids,
      ...this.#family.positions(length, { images: imageTokens, mergeSize: merge }),
      imageTokens,
      imageEmbeddings: images.length === 0
        ? null
        : concatenate(images.map(({ embeddings }) => embeddings)),
    };
  }

  async #encodeImages(
    sources: readonly ImageSource[],
    { signal, onImages }: PrepareOptions,
  ): Promise<Map<ImageSource, EncodedImage>> {
    const encoded = new Map<ImageSource, EncodedImage>();
    let waiting: [ImageSource, ImagePatches][] = [];
    let patches = 0;
    const flush = async () => {
      if (waiting.length === 0) return;
      const tower = await this.#opened();
      const results = await tower.encode(waiting.map(([, image]) => image), { signal });
      waiting.forEach(([source, { grid }], i) => {
        encoded.set(source, { grid, embeddings: results[i] });
      });
      waiting = [];
      patches = 0;
      onImages?.(encoded.size, sources.length);
    };
    for (const source of sources) {
      signal?.throwIfAborted();
      const image = this.#process(source, await decodeImage(source));
      const count = image.grid[1] * image.grid[2];
      if ((patches + count) * this.config.vision.hiddenSize > STATES_TOGETHER) await flush();
      waiting.push([source, image]);
      patches += count;
    }
    await flush();
    return encoded;
  }

  #process(source: ImageSource, image: RgbImage): ImagePatches {
    try {
      return this.#family.images.process(image, this.#processor);
    } catch (cause) {
      if (typeof source !== "string") throw cause;
      throw new Error(`${(cause as Error).message} (${source})`, { cause });
    }
  }

  /** Opened at the first image; a failure is not remembered. */
  #opened(): Promise<VisionTower> {
    return this.#tower ??= this.#openTower().catch((error) => {
      this.#tower = undefined;
      throw error;
    });
  }

  /** Releases the vision encoder; the checkpoint stays open. */
  async [Symbol.asyncDispose](): Promise<void> {
    const tower = this.#tower;
    this.#tower = undefined;
    await (await tower)?.[Symbol.asyncDispose]();
  }
}

/** Adds the prompt's number to an error where there are several. */
function eachPrompt<Chat, T>(chats: readonly Chat[], work: (chat: Chat) => T): T[] {
  return chats.map((chat, i) => {
    try {
      return work(chat);
    } catch (cause) {
      if (chats.length === 1) throw cause;
      throw new Error(`Prompt ${i}: ${(cause as Error).message}`, { cause });
    }
  });
}
