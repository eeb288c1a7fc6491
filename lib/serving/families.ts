/**
 * Families of models, which differ in decoder layers only, and their prompts: each prepared once, in
 * runs that fit into memory.
 *
 * @module
 */
import type { ChatMessage, LayerWeights } from "../model/mod.ts";
import type { EvaluationRequest } from "./evaluator.ts";
import type { LocalModel } from "./local_evaluator.ts";
import { type blackImage, promptImageSize, questionMessages } from "../benchmarks/mod.ts";

/** Values of image embeddings that are held at once, in numbers: 256 MB. */
const EMBEDDINGS_TOGETHER = 2 ** 26;
/** Prompts that are prepared together at most, so that there are parts to be spread over cores. */
const MOST_PROMPTS = 256;
/** Side of a visual token's square, in pixels. */
const TOKEN_SIDE = 28;

/** What is asked of a model to find its family: `batchGroup` as in {@linkcode LocalModel}. */
type Planned = Pick<LocalModel, "plan" | "batchGroup">;

/**
 * Models that have everything but the decoder layers from the same checkpoint: the same prompts
 * serve them all.
 */
export function familiesOf<M extends Planned>(models: readonly M[]): M[][] {
  return [...Map.groupBy(models, ({ batchGroup }) => batchGroup).values()].flatMap((
    group,
  ) => [...Map.groupBy(group, ({ plan }) => plan.checkpoint).values()]);
}

/**
 * Families that share layers, directly or through others: their layers are opened once.
 *
 * @param families From {@linkcode familiesOf}.
 * @returns Groups of families, in order of first appearance.
 */
export function relatedFamilies<M extends Planned>(families: readonly M[][]): M[][][] {
  let groups: { families: M[][]; layers: Set<LayerWeights> }[] = [];
  for (const family of families) {
    const own = { families: [family], layers: new Set(family.flatMap(({ plan }) => plan.layers)) };
    const [first, ...others] = groups.filter(({ layers }) => !layers.isDisjointFrom(own.layers));
    if (!first) groups.push(own);
    for (const { families, layers } of first ? [...others, own] : []) {
      first.families.push(...families);
      first.layers = first.layers.union(layers);
    }
    groups = groups.filter((group) => !others.includes(group));
  }
  return groups.map(({ families }) => families);
}

/** One prompt and the models that it is for. */
export interface FamilyPrompt {
  requests: EvaluationRequest[];
  /** @param black Makes black images: those that are one are encoded once. */
  messages: (black: typeof blackImage) => ChatMessage[];
  /** Values of its image embeddings, about. */
  values: number;
}

/** Groups a family's requests by what is shown. */
export function promptsOf(
  requests: readonly EvaluationRequest[],
  { models, hiddenSize }: { models: ReadonlyMap<string, LocalModel>; hiddenSize: number },
): FamilyPrompt[] {
  const numbers = new Map(requests.map(({ question }, i) => [question, i]));
  const kindOf = (model: string) => models.get(model)!.kind;
  const prompts = Map.groupBy(
    requests,
    ({ question, inputType, model }) => `${numbers.get(question)} ${inputType} ${kindOf(model)}`,
  );
  return [...prompts.values()].map((requests) => {
    const [{ question, inputType, model }] = requests;
    const { image } = question;
    const size = image && inputType !== "question_only" ? promptImageSize(image) : null;
    return {
      requests,
      messages: (black) => questionMessages(question, { kind: kindOf(model), inputType, black }),
      values: size ? size.width * size.height / TOKEN_SIDE ** 2 * hiddenSize : 0,
    };
  });
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
