/**
 * Chats to what the language model is given: images decoded, cut and encoded, prompts written,
 * positions counted.
 *
 * @module
 */
import { checkKeys, type KeysOf, showValue } from "../check_keys.ts";
import type { Checkpoint } from "../checkpoint/mod.ts";
import type { ModelArchitecture } from "./architectures/architecture.ts";
import { modelArchitectureOf } from "./architectures/known.ts";
import { concatenate } from "./concatenate.ts";
import { decodeImage, type ImageSource, type RgbImage } from "./decode_image.ts";
import type { ImagePatches, ImageProcessorConfig } from "./image_processor.ts";
import type { ImageTokens, ModelInput } from "./model_input.ts";
import { chatImages, type ChatMessage, PromptEncoder } from "./prompt.ts";
import { type QwenConfig, qwenConfigOf } from "./qwen_config.ts";
import type { QwenTokenizer } from "./tokenizer.ts";
import { VisionTower, type VisionTowerOptions } from "./vision_tower.ts";

/** Options of {@linkcode InputPreparer.prepare}. */
export interface PrepareOptions {
  /** Stops between two images or two runs of a graph. */
  signal?: AbortSignal;
  /** Called as images are encoded. */
  onImages?: (done: number, total: number) => void;
}

const OPTIONS: KeysOf<PrepareOptions> = { signal: true, onImages: true };

/** An image that has been through the vision encoder. */
interface EncodedImage {
  grid: [number, number, number];
  /** [tokens, hidden size]. */
  embeddings: Float32Array;
}

/** Values of hidden states that images encoded together have at most, to bound memory. */
const STATES_TOGETHER = 8_000_000;

/**
 * The input side of one checkpoint: tokenizer, chat template, image processor and, from the first
 * image on, the vision encoder. Release it with `await using` or
 * {@linkcode InputPreparer.dispose}.
 *
 * @example
 * ```ts ignore
 * using checkpoint = Checkpoint.open(folder);
 * await using preparer = await InputPreparer.open(checkpoint);
 * const [input] = await preparer.prepare([[
 *   { role: "user", content: [{ type: "image", image: "scene.png" }, { type: "text", text: "What?" }] },
 * ]]);
 * console.log(input.ids.length, input.imageTokens);
 * ```
 */
export class InputPreparer implements AsyncDisposable {
  /** The architecture. */
  readonly config: QwenConfig;
  /** Settings of the image processor. */
  readonly imageProcessor: ImageProcessorConfig;
  readonly #prompts: PromptEncoder;
  readonly #family: ModelArchitecture;
  readonly #checkpoint: Checkpoint;
  readonly #options: VisionTowerOptions;
  #tower: Promise<VisionTower> | undefined;

  private constructor(
    checkpoint: Checkpoint,
    options: VisionTowerOptions,
    parts: {
      config: QwenConfig;
      imageProcessor: ImageProcessorConfig;
      prompts: PromptEncoder;
      family: ModelArchitecture;
    },
  ) {
    this.#checkpoint = checkpoint;
    this.#options = options;
    this.config = parts.config;
    this.imageProcessor = parts.imageProcessor;
    this.#prompts = parts.prompts;
    this.#family = parts.family;
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
    const { folder, config: { path } } = checkpoint;
    const family = modelArchitectureOf(checkpoint.config, path);
    const imageProcessor = family.images.read(folder, config.vision);
    const prompts = await PromptEncoder.open(folder, config);
    return new InputPreparer(checkpoint, options, { config, imageProcessor, prompts, family });
  }

  /** The tokenizer. */
  get tokenizer(): QwenTokenizer {
    return this.#prompts.tokenizer;
  }

  /** The text of a prompt, one placeholder an image. */
  render(messages: readonly ChatMessage[]): string {
    return this.#prompts.render(messages);
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
    for (const [i, messages] of chats.entries()) {
      inPrompt(i, chats.length, () => this.render(messages));
    }
    const perChat = chats.map(chatImages);
    const encoded = await this.#encodeImages([...new Set(perChat.flat())], options);
    return chats.map((messages, i) =>
      inPrompt(
        i,
        chats.length,
        () => this.#assemble(messages, perChat[i].map((s) => encoded.get(s)!)),
      )
    );
  }

  #assemble(messages: readonly ChatMessage[], images: readonly EncodedImage[]): ModelInput {
    const { text: { maxPositionEmbeddings }, vision } = this.config;
    const merge = vision.spatialMergeSize;
    const counts = images.map(({ grid }) => grid[0] * grid[1] * grid[2] / merge ** 2);
    const prompt = this.#prompts.encode(messages, counts);
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
      const tower = await this.#openTower();
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
      return this.#family.images.process(image, this.imageProcessor);
    } catch (cause) {
      if (typeof source !== "string") throw cause;
      throw new Error(`${(cause as Error).message} (${source})`, { cause });
    }
  }

  /** Opened at the first image; a failure is not remembered. */
  #openTower(): Promise<VisionTower> {
    const place = { checkpoint: this.#checkpoint, config: this.config.vision };
    this.#tower ??= VisionTower.open(place, this.#options).catch((error) => {
      this.#tower = undefined;
      throw error;
    });
    return this.#tower;
  }

  /** Releases the vision encoder; the checkpoint stays open. */
  async dispose(): Promise<void> {
    const tower = this.#tower;
    this.#tower = undefined;
    await (await tower)?.dispose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }
}

/** Adds the prompt's number to an error where there are several. */
function inPrompt<T>(index: number, count: number, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (count === 1) throw cause;
    throw new Error(`Prompt ${index}: ${(cause as Error).message}`, { cause });
  }
}
