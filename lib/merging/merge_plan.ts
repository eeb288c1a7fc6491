/**
 * What a merge does to every layer of a model, as plain data, before anything runs.
 *
 * @module
 */
import { listText } from "../list_text.ts";
import { formatMergeExpression, modelsOfExpression } from "./format_merge_expression.ts";
import {
  type LayerSelection,
  type MergeComponent,
  type MergeExpression,
  parseMergeExpression,
} from "./merge_expression.ts";
import { defaultLayerCuts, type LayerCuts, thirdAt, THIRDS } from "../thirds.ts";

/**
 * What was given for a model that a plan names.
 *
 * @throws {Error} if nothing was; `what` says what is needed.
 */
export function given<T>(models: ReadonlyMap<string, T>, name: string, what: string): T {
  const found = models.get(name);
  if (found !== undefined) return found;
  const others = listText(models.keys()) || "none";
  throw new Error(`Cannot merge: no ${what} was given for ${name} (given are ${others})`);
}

/** What makes a layer. Models are named as in the expression. */
export type LayerStep =
  /** The layer of `model` as it is. */
  | { op: "take"; model: string }
  /** (1 - alpha) model + alpha donor, on the tensors of `component`. */
  | {
    op: "interpolate";
    model: string;
    donor: string;
    alpha: number;
    component: MergeComponent;
  }
  /** (1 - ratio) w + ratio n std(w) for every tensor w of `model`, n standard normal, seeded. */
  | { op: "noise"; model: string; ratio: number; seed: number };

/**
 * What a step has of another model than `rest`: a share of a component; what is taken is all of a
 * layer. Null for nothing, as of a blend at the near end of its range.
 */
export function donationOf(step: Exclude<LayerStep, { op: "noise" }>, rest: string) {
  const { donor, alpha, component } = step.op === "interpolate"
    ? step
    : { donor: step.model, alpha: 1, component: "all" as const };
  return donor === rest || alpha === 0 ? null : { donor, alpha, component };
}

/** A merge: plain data that can be stored, compared and shown. */
export interface MergePlan {
  /** Canonical text of the expression. */
  expression: string;
  /** Gives everything but the decoder layers: embeddings, vision, projector, head, tokenizer. */
  rest: string;
  /** All models, `rest` first. */
  models: string[];
  /** First middle and first late layer. */
  cuts: LayerCuts;
  layers: LayerStep[];
}

export interface PlanMergeOptions {
  numLayers: number;
  /** First middle and first late layer, default `defaultLayerCuts`. */
  cuts?: LayerCuts;
  /** Seed of noise, a whole number below 2^32, default 0. */
  seed?: number;
  /** Names of models besides the roles, e.g. a recipe's variants. */
  names?: readonly string[];
}

/**
 * Reads cuts out of a flag's text: two whole numbers with a comma or a space between.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseLayerCuts("8,20"), [8, 20]);
 * ```
 *
 * @throws {Error} if the text is something else.
 */
export function parseLayerCuts(text: string): LayerCuts {
  const match = /^\s*(\d{1,9})(?:\s*,\s*|\s+)(\d{1,9})\s*$/.exec(text);
  if (!match) {
    throw new Error(
      `Cannot read layer cuts from ${JSON.stringify(text)}: give two whole numbers, as 8,20`,
    );
  }
  return [Number(match[1]), Number(match[2])];
}

/** Checks cuts against a model: each of the three regions must have a layer. */
function checkLayerCuts([first, second]: LayerCuts, numLayers: number): void {
  const whole = Number.isInteger(first) && Number.isInteger(second);
  if (!whole || !(0 < first && first < second && second < numLayers)) {
    throw new RangeError(
      `Cannot cut ${numLayers} layers at ${first} and ${second}: whole numbers with ` +
        `0 < C1 < C2 < ${numLayers} are needed (the first middle and the first late layer)`,
    );
  }
}

/** [first, last] of a selection; last included. */
function selectedLayers(
  layers: LayerSelection,
  cuts: LayerCuts,
  numLayers: number,
): [number, number] {
  if ("region" in layers) {
    if (layers.region === "all") return [0, numLayers - 1];
    const bounds = [0, ...cuts, numLayers];
    const index = THIRDS.indexOf(layers.region);
    return [bounds[index], bounds[index + 1] - 1];
  }
  if (layers.last >= numLayers) {
    throw new RangeError(
      `Cannot merge layers ${layers.first}-${layers.last}: the models have layers 0 to ` +
        `${numLayers - 1}`,
    );
  }
  return [layers.first, layers.last];
}

/** Where the parts of a splice begin: the first k thirds end at the k-th cut. */
function spliceDonors(
  merge: MergeExpression & { kind: "splice" },
  cuts: LayerCuts,
  numLayers: number,
): string[] {
  const bounds = [0, ...cuts, numLayers];
  let thirds = 0;
  return merge.parts.flatMap((part) => {
    const from = bounds[thirds];
    thirds += part.thirds;
    return Array<string>(bounds[thirds] - from).fill(part.model);
  });
}

function editStep(merge: MergeExpression & { kind: "edit" }, seed: number): LayerStep {
  const { model, change } = merge;
  switch (change.kind) {
    case "noise":
      return { op: "noise", model, ratio: change.ratio, seed };
    case "replace":
      return { op: "take", model: change.donor };
    case "interpolate": {
      const { donor, alpha, component } = change;
      return { op: "interpolate", model, donor, alpha, component };
    }
  }
}

/**
 * Plans a merge; the room's door has an example.
 *
 * @param expression Text, or what `parseMergeExpression` made of it.
 * @throws {MergeExpressionError} if the text is no merge expression.
 * @throws {RangeError} if a layer, a cut or the seed is out of range.
 */
export function planMerge(
  expression: string | MergeExpression,
  { numLayers, cuts, seed = 0, names }: PlanMergeOptions,
): MergePlan {
  const merge = typeof expression === "string"
    ? parseMergeExpression(expression, { names })
    : expression;
  const own = cuts ?? defaultLayerCuts(numLayers);
  checkLayerCuts(own, numLayers);
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) {
    throw new RangeError(
      `Cannot plan a merge with seed ${seed}: a whole number from 0 to 4294967295 is needed`,
    );
  }
  const models = modelsOfExpression(merge);
  const shared = { expression: formatMergeExpression(merge), rest: models[0], models, cuts: own };
  if (merge.kind === "splice") {
    const donors = spliceDonors(merge, own, numLayers);
    return { ...shared, layers: donors.map((model) => ({ op: "take", model })) };
  }
  const [first, last] = selectedLayers(merge.layers, own, numLayers);
  const step = editStep(merge, seed);
  const layers = Array.from(
    { length: numLayers },
    (_, i): LayerStep => i >= first && i <= last ? { ...step } : { op: "take", model: merge.model },
  );
  return { ...shared, layers };
}

/** Consecutive layers of one region that are made alike. */
export interface LayerRun {
  first: number;
  /** Included. */
  last: number;
  region: ReturnType<typeof thirdAt>;
  step: LayerStep;
}

/** A plan's layers, consecutive ones of a region that are made alike taken together. */
export function layerRuns({ layers, cuts }: MergePlan): LayerRun[] {
  const runs: LayerRun[] = [];
  layers.forEach((step, layer) => {
    const run = runs.at(-1);
    const region = thirdAt(layer, cuts);
    if (run?.region === region && JSON.stringify(run.step) === JSON.stringify(step)) {
      run.last = layer;
    } else runs.push({ first: layer, last: layer, region, step });
  });
  return runs;
}
