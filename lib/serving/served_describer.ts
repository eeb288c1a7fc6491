/**
 * A served model that says in words what images show.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import type { RgbImage } from "../model/mod.ts";
import type { ImageDescriber } from "../benchmarks/answer_judge.ts";
import { promptImage } from "../benchmarks/prompt_image.ts";
import { AnswerCache, cacheKey } from "./answer_cache.ts";
import type { ChatTurn } from "./chat.ts";
import { connect, type Connection } from "./connect.ts";
import { pngText } from "./png_text.ts";
import type { RequestSignals } from "./request_schedule.ts";
import { DEFAULT_SERVED_MODEL, type ServedHelperOptions } from "./served_judge.ts";

/** What stands for a description without a word. */
export const NOT_DESCRIBED = "[no description]";

const PROMPT =
  "Describe this image for someone who cannot see it and will be asked about it later. Write down " +
  "everything a question could be about: every object with its number, colour, size and place; all " +
  "text, numbers, labels and units exactly as they stand; of charts and tables every axis, legend " +
  "and value; of geometric figures every point, line, angle, length and mark, and how they relate. " +
  "State only what is visible. Do not guess a question, solve anything or draw conclusions.";

/** Reasoning models count their thoughts too. */
const DESCRIPTION_TOKENS = 4096;

const keptSchema = z.object({ description: z.string().min(1), refused: z.boolean() });
type Kept = z.infer<typeof keptSchema>;

/** Options of {@linkcode ServedDescriber.describe}. */
export interface DescribeOptions extends RequestSignals {
  /** Names the image in messages. */
  key?: string;
}

/** An image among others to describe. */
export interface ImageToDescribe {
  image: RgbImage;
  /** Names the image in messages. */
  key?: string;
}

/** Options of {@linkcode ServedDescriber.describeAll}. */
export interface DescribeAllOptions<T> {
  /** Receives each description once, one call at a time. */
  onDescription: (item: T, description: string) => void | Promise<void>;
  signal?: AbortSignal;
}

/** SHA-256 of size and pixels. */
function imageHash({ width, height, data }: RgbImage): string {
  return createHash("sha256").update(`${width}x${height}\n`).update(data).digest("hex");
}

/**
 * Describes images by a served model, each once: descriptions are kept in
 * RUN/cache/descriptions/KEY.json, KEY being a hash of model, prompt and pixels. The model is shown
 * the image in the size that the evaluated models are shown it, and neither question nor answer.
 *
 * @example
 * ```ts ignore
 * const describer = new ServedDescriber({ cacheFolder: "results/run/cache" });
 * const description = await describer.describe(await decodeImage("chart.png"));
 * ```
 */
export class ServedDescriber implements ImageDescriber {
  readonly model: string;
  readonly #connection: Connection;
  readonly #cache: AnswerCache<Kept>;
  readonly #timeoutSeconds: number;

  /** @throws {Error} if the key is not set, the base URL is none, or no API is known for the model. */
  constructor(options: ServedHelperOptions) {
    const { model = DEFAULT_SERVED_MODEL, cacheFolder, timeoutSeconds = 120 } = options;
    this.model = model;
    this.#connection = connect(model, options);
    this.#cache = new AnswerCache(join(cacheFolder, "descriptions"), keptSchema);
    this.#timeoutSeconds = timeoutSeconds;
  }

  /**
   * Describes one image. A refusal is kept with its words ("[refused]" if it has none), so that a
   * run that is resumed shows the same; an empty answer is asked for once more and then
   * {@linkcode NOT_DESCRIBED}, which is not kept.
   *
   * @throws {ServedModelError} if the server refuses the request for good or all attempts failed.
   */
  async describe(image: RgbImage, options: DescribeOptions = {}): Promise<string> {
    const key = cacheKey(["description", this.model, PROMPT, imageHash(image)]);
    const { description } = await this.#cache.get(key, {
      about: { model: this.model, width: image.width, height: image.height },
      ask: () => this.#ask(image, options),
      keep: (answer) => answer.description !== NOT_DESCRIBED,
      signal: options.signal,
    });
    return description;
  }

  /**
   * Describes images, some at a time. The first failure ends it; descriptions until then are kept.
   *
   * @throws As {@linkcode describe}, or the signal's reason.
   */
  async describeAll<T extends ImageToDescribe>(
    items: readonly T[],
    { onDescription, signal }: DescribeAllOptions<T>,
  ): Promise<void> {
    const describe = ({ image, key }: T, signals: RequestSignals) =>
      this.describe(image, { ...signals, key });
    await this.#connection.schedule.each(items, describe, { deliver: onDescription, signal });
  }

  async #ask(image: RgbImage, { key, ...signals }: DescribeOptions): Promise<Kept> {
    const { chat, schedule } = this.#connection;
    const purpose = `describe ${key === undefined ? "an image" : `image ${JSON.stringify(key)}`}`;
    const options = { purpose, timeoutSeconds: this.#timeoutSeconds, cutOff: "failure" } as const;
    const turn: ChatTurn = {
      system: null,
      text: PROMPT,
      png: await pngText(promptImage(image)),
      maxTokens: DESCRIPTION_TOKENS,
      temperature: 0,
    };
    for (let attempt = 0; attempt < 2; attempt++) {
      const { text, refused } = await schedule.run(
        (signal) => chat.ask(turn, { ...options, signal }),
        signals,
      );
      if (text.trim() !== "") return { description: text.trim(), refused };
    }
    return { description: NOT_DESCRIBED, refused: false };
  }
}
