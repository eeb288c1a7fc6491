/**
 * The prompts of a family of models: each prepared once, in runs that fit into memory.
 *
 * @module
 */
import type { ChatMessage, RgbImage } from "../model/mod.ts";
import type { EvaluationRequest } from "./evaluator.ts";
import type { LocalModel } from "./local_evaluator.ts";
import { promptImageSize, questionMessages } from "../benchmarks/mod.ts";

/** Values of image embeddings that are held at once, in numbers: 256 MB. */
const EMBEDDINGS_TOGETHER = 2 ** 26;
/** Prompts that are prepared together at most, so that there are parts to be spread over cores. */
const MOST_PROMPTS = 256;
/** Side of a visual token's square, in pixels. */
const TOKEN_SIDE = 28;

/** One prompt and the models that it is for. */
export interface FamilyPrompt {
  requests: EvaluationRequest[];
  messages: () => ChatMessage[];
  /** Values of its image embeddings, about. */
  values: number;
}

/** Groups a family's requests by what is shown. */
export function promptsOf(
  requests: readonly EvaluationRequest[],
  { models, hiddenSize }: { models: ReadonlyMap<string, LocalModel>; hiddenSize: number },
): FamilyPrompt[] {
  const prompts = new Map<object, Map<string, FamilyPrompt>>();
  const ordered: FamilyPrompt[] = [];
  for (const request of requests) {
    const { question, inputType, model } = request;
    const { kind } = models.get(model)!;
    const ways = prompts.get(question) ?? new Map<string, FamilyPrompt>();
    prompts.set(question, ways);
    const way = `${kind} ${inputType}`;
    const known = ways.get(way);
    if (known) {
      known.requests.push(request);
      continue;
    }
    const { image } = question;
    const size = image && inputType !== "question_only" ? promptImageSize(image) : null;
    const prompt: FamilyPrompt = {
      requests: [request],
      messages: () => questionMessages(question, { kind, inputType }),
      values: size ? size.width * size.height / TOKEN_SIDE ** 2 * hiddenSize : 0,
    };
    ways.set(way, prompt);
    ordered.push(prompt);
  }
  return ordered;
}

/**
 * Cuts prompts into runs whose image embeddings fit into memory together, and of which there are
 * enough to be spread over cores.
 */
export function windowsOf(prompts: readonly FamilyPrompt[]): FamilyPrompt[][] {
  const windows: FamilyPrompt[][] = [];
  let left = 0;
  for (const prompt of prompts) {
    if (windows.length === 0 || prompt.values > left || windows.at(-1)!.length === MOST_PROMPTS) {
      windows.push([]);
      left = EMBEDDINGS_TOGETHER;
    }
    windows.at(-1)!.push(prompt);
    left -= prompt.values;
  }
  return windows;
}

/** A family and some of what it is asked. */
export interface FamilyPart {
  models: readonly LocalModel[];
  requests: readonly EvaluationRequest[];
}

/** A family's requests, cut where its prompts are; an evaluation of one part cuts it no further. */
export function partsOf(
  family: readonly LocalModel[],
  requests: readonly EvaluationRequest[],
): FamilyPart[] {
  const models = new Map(family.map((model) => [model.name, model]));
  const own = requests.filter(({ model }) => models.has(model));
  const [{ plan: { config: { hiddenSize } } }] = family;
  return windowsOf(promptsOf(own, { models, hiddenSize })).map((window) => ({
    models: family,
    requests: window.flatMap(({ requests }) => requests),
  }));
}

/** Makes equal black images one, since an image is encoded once for each object that holds it. */
export class BlackImages {
  readonly #known = new Map<string, RgbImage>();

  share(messages: ChatMessage[]): ChatMessage[] {
    return messages.map((message) => {
      if (typeof message.content === "string") return message;
      const content = message.content.map((part) =>
        part.type === "image" && typeof part.image === "object" && "data" in part.image
          ? { ...part, image: this.#same(part.image) }
          : part
      );
      return { ...message, content };
    });
  }

  #same(image: RgbImage): RgbImage {
    const size = `${image.width}x${image.height}`;
    const known = this.#known.get(size);
    if (!known) this.#known.set(size, image);
    return known ?? image;
  }
}
