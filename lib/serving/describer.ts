/**
 * A model, local or served, that says in words what images show.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import type { RgbImage } from "../model/mod.ts";
import type { ProgressListener } from "../progress.ts";
import { AnswerCache, cacheKey } from "./answer_cache.ts";
import type { EvaluatedModel, Evaluator } from "./evaluator.ts";

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
const TIMEOUT_SECONDS = 1200;

const keptSchema = z.object({ description: z.string().min(1) });

/** An image among others to describe. */
export interface ImageToDescribe {
  image: RgbImage;
  /** Names the image in messages. */
  key: string;
}

/** Says in words what images show. */
export type ImageDescriber = Pick<Describer, "model" | "identity" | "describe">;

export interface DescriberOptions {
  /** Folder of a run's caches, RUN/cache; descriptions are kept in a folder inside. */
  cacheFolder: string;
  /** Longest description in tokens; default 4096. */
  maxNewTokens?: number;
  /** Default: a model of this name always gives the same description. */
  identity?: EvaluatedModel["identity"];
}

/** SHA-256 of size and pixels. */
function imageHash({ width, height, data }: RgbImage): string {
  return createHash("sha256").update(`${width}x${height}\n`).update(data).digest("hex");
}

/**
 * Describes images, each once: descriptions are kept in RUN/cache/descriptions/KEY.json, KEY being a
 * hash of model, prompt and pixels. The model is shown the image in the size that the evaluated
 * models are shown it, and neither question nor answer.
 *
 * @example
 * ```ts ignore
 * const describer = new Describer(createServedEvaluator("gpt-4o"), { cacheFolder: "run/cache" });
 * const [description] = await describer.describe([{ key: "1", image: await decodeImage("a.png") }]);
 * ```
 */
export class Describer {
  /** How records name it. */
  readonly model: string;
  /** What decides its descriptions. */
  readonly identity: string;
  readonly #evaluator: Evaluator;
  readonly #cache: AnswerCache<z.infer<typeof keptSchema>>;
  readonly #maxNewTokens: number;

  /** @param evaluator Of one model; it stays the caller's to release. */
  constructor(evaluator: Evaluator, { cacheFolder, maxNewTokens, identity }: DescriberOptions) {
    this.#evaluator = evaluator;
    this.model = evaluator.models[0].name;
    this.#maxNewTokens = maxNewTokens ?? DESCRIPTION_TOKENS;
    const more = identity ? [JSON.stringify(identity), String(this.#maxNewTokens)] : [];
    this.identity = more.length > 0 ? `${this.model} ${cacheKey(more).slice(0, 16)}` : this.model;
    this.#cache = new AnswerCache(join(cacheFolder, "descriptions"), keptSchema);
  }

  /**
   * Describes images. A refusal is kept with its words ("[refused]" if it has none), so that a run
   * that is resumed shows the same; an empty description is asked for once more and then
   * {@linkcode NOT_DESCRIBED}, which is not kept.
   *
   * @returns The descriptions, in the order of the images.
   * @throws {Error} if the model cannot answer, or not in time; descriptions until then are kept.
   */
  async describe(
    images: readonly ImageToDescribe[],
    { onProgress, signal }: { onProgress?: ProgressListener; signal?: AbortSignal } = {},
  ): Promise<string[]> {
    const keys = images.map(({ image }) =>
      cacheKey(["description", this.identity, PROMPT, imageHash(image)])
    );
    const known = new Map<string, string>();
    for (const key of keys) {
      const kept = await this.#cache.read(key);
      if (kept) known.set(key, kept.description);
    }
    const all = new Map(keys.map((key, i) => [key, images[i]]));
    for (let attempt = 0; attempt < 2 && known.size < all.size; attempt++) {
      // All of them, so that those that are answered together are so again in a run that goes on.
      const requests = [...all].map(([key, { image }]) => ({
        model: this.model,
        key,
        question: { question: PROMPT, image },
        inputType: "image_to_describe" as const,
      }));
      await this.#evaluator.evaluate(requests, {
        maxNewTokens: this.#maxNewTokens,
        temperature: 0,
        timeoutSeconds: TIMEOUT_SECONDS,
        done: new Set(known.keys()),
        onProgress: (event) => onProgress?.({ ...event, label: "descriptions" }),
        signal,
        onResponse: async ({ key }, { text, timedOut }) => {
          const { key: name, image: { width, height } } = all.get(key)!;
          if (timedOut) {
            throw new Error(
              `Cannot describe image ${JSON.stringify(name)}: ${this.model} did not finish in ` +
                `${TIMEOUT_SECONDS} s`,
            );
          }
          const description = text.trim();
          if (description === "") return;
          known.set(key, description);
          await this.#cache.write(key, { model: this.model, width, height, description });
        },
      });
    }
    return keys.map((key) => known.get(key) ?? NOT_DESCRIBED);
  }
}
