/**
 * One small example of each hook, on one pair of images: what notebook 00 shows.
 *
 * @module
 */
import type pl from "nodejs-polars";
import { Checkpoint } from "../checkpoint/mod.ts";
import {
  findBenchmark,
  type ImageQuestionItem,
  loadImageQuestions,
  loadVisionPairs,
  type ModelKind,
  modelKind,
  type VisionPair,
  withChoices,
} from "../benchmarks/mod.ts";
import { LocalEvaluator } from "../serving/mod.ts";
import { withBasis } from "../basis.ts";
import { frameOf } from "../frame.ts";
import { mergedModel, PAPER_SPLICES, parseMergeExpression, planMerge } from "../merging/mod.ts";
import {
  decodeImage,
  type ModelInput,
  type ModelPlan,
  planOf,
  type RowRequest,
  tokenSwapSweep,
  VisionLanguageModel,
  zeroAblationSweep,
} from "../model/mod.ts";
import { attentionMass, TARGETS } from "../findings/mod.ts";
import { type ModelRun, modelRun, type RunSettings } from "./model_run.ts";
import type { Recipe } from "./recipe.ts";
import type { ResolvedTriple } from "./resolve_triple.ts";

/** Where the tour's models come from: a study. */
export interface TourPlace extends RunSettings {
  recipe: Recipe;
  triple(): Promise<ResolvedTriple>;
}

/** Options of {@linkcode HookTour.open}. */
export interface HookTourOptions {
  /** Longest answer in tokens; default 64. */
  maxNewTokens?: number;
  /** Which of the embedded OCR pairs to look at, from 0; default 0. */
  pair?: number;
}

/** A question and its image's bytes. */
export interface TourQuestion extends ImageQuestionItem {
  image: Uint8Array;
}

/** What the tour's tables rest on, whatever the recipe's data: it shows hooks and judges nothing. */
const TOUR_BASIS = "one embedded example, nothing graded";

/** Layers at which a sweep is shown: the first, the last and some between. */
const SHOWN_LAYERS = 6;

function tourFrame(...parts: Parameters<typeof frameOf>): pl.DataFrame {
  return withBasis(frameOf(...parts), TOUR_BASIS);
}

function shownLayers(numLayers: number): number[] {
  const count = Math.min(SHOWN_LAYERS, numLayers);
  const layers = Array.from(
    { length: count },
    (_, i) => Math.round(i * (numLayers - 1) / Math.max(1, count - 1)),
  );
  return [...new Set(layers)];
}

/** A few generations with the base model, and with splices of IN and RL. */
export class HookTour implements AsyncDisposable {
  /** The pair of images and its question. */
  readonly pair: VisionPair;
  /** A question that takes reasoning. */
  readonly question: TourQuestion;
  /** How IN and RL are asked. */
  readonly kind: ModelKind;
  readonly #triple: ResolvedTriple;
  readonly #model: VisionLanguageModel;
  readonly #target: ModelInput;
  readonly #source: ModelInput;
  readonly #maxNewTokens: number;
  readonly #run: ModelRun;

  private constructor(
    triple: ResolvedTriple,
    model: VisionLanguageModel,
    parts: {
      pair: VisionPair;
      question: TourQuestion;
      kind: ModelKind;
      target: ModelInput;
      source: ModelInput;
      maxNewTokens: number;
      run: ModelRun;
    },
  ) {
    this.#triple = triple;
    this.#model = model;
    this.pair = parts.pair;
    this.question = parts.question;
    this.kind = parts.kind;
    this.#target = parts.target;
    this.#source = parts.source;
    this.#maxNewTokens = parts.maxNewTokens;
    this.#run = parts.run;
  }

  /**
   * Opens the base model and prepares the pair.
   *
   * @throws {Error} if the model cannot be opened or there is no such pair.
   */
  static async open(
    place: TourPlace,
    { maxNewTokens = 64, pair: number = 0 }: HookTourOptions = {},
  ): Promise<HookTour> {
    const triple = await place.triple();
    const embedded = async (name: "ocr" | "mathvista") =>
      (await findBenchmark(name, "embedded")).path;
    const pairs = await loadVisionPairs(await embedded("ocr"), "ocr");
    const pair = pairs[number];
    if (!pair) {
      throw new Error(`Cannot show pair ${number}: there are 0 to ${pairs.length - 1}`);
    }
    const items = await loadImageQuestions(await embedded("mathvista"));
    const item = items.find(({ category }) => category === "math-targeted-vqa")!;
    const question = { ...item, image: await item.readImage() };
    const kind = modelKind(triple.modelNames.rl, place.recipe.kinds.rl);
    const run = modelRun(triple.folders.base, place);
    const model = await VisionLanguageModel.open(triple.folders.base, run);
    try {
      const [target, source] = await model.prepare(
        [pair.targetImage, pair.sourceImage].map((image) => [{
          role: "user" as const,
          content: [
            { type: "image" as const, image },
            { type: "text" as const, text: pair.prompt },
          ],
        }]),
      );
      return new HookTour(triple, model, {
        pair,
        question,
        kind,
        target,
        source,
        maxNewTokens,
        run,
      });
    } catch (error) {
      await model.dispose();
      throw error;
    }
  }

  async #answers(rows: readonly RowRequest[]) {
    const answers = await this.#model.generate(rows, { maxNewTokens: this.#maxNewTokens });
    return answers.map(({ tokens, receipts }) => ({
      answer: this.#model.decode(tokens),
      receipt: receipts[0] ?? { calls: 0, layers: [], tokens: 0 },
    }));
  }

  /** Both images' answers: image, answer, right. */
  async ask(): Promise<pl.DataFrame> {
    const [target, source] = await this.#answers([{ input: this.#target }, {
      input: this.#source,
    }]);
    const { targetAnswer, sourceAnswer } = this.pair;
    return tourFrame([
      { image: "target", answer: target.answer, published: targetAnswer },
      { image: "source", answer: source.answer, published: sourceAnswer },
    ], { image: "string", answer: "string", published: "string" });
  }

  /** Zero ablation: layer_left_out ("none" for the whole model), answer, calls_left_out. */
  async ablate(): Promise<pl.DataFrame> {
    const rows = zeroAblationSweep(this.#target, { layers: shownLayers(this.#model.numLayers) });
    const answers = await this.#answers(rows);
    return tourFrame(
      rows.map(({ layer }, i) => ({
        layer_left_out: layer < 0 ? "none" : String(layer),
        answer: answers[i].answer,
        calls_left_out: answers[i].receipt.calls,
      })),
      { layer_left_out: "string", answer: "string", calls_left_out: "int" },
    );
  }

  /** Token swapping: swapped_from ("none" for no swap), answer, layers and tokens swapped. */
  async swap(): Promise<pl.DataFrame> {
    const source = await this.#model.captureVisualTokens(this.#source);
    const layers = shownLayers(this.#model.numLayers);
    const rows = tokenSwapSweep(this.#target, source, { layers });
    const answers = await this.#answers(rows);
    return tourFrame(
      rows.map(({ layer }, i) => ({
        swapped_from: layer < 0 ? "none" : String(layer),
        answer: answers[i].answer,
        layers_swapped: answers[i].receipt.layers.length,
        tokens_swapped: answers[i].receipt.tokens,
      })),
      { swapped_from: "string", answer: "string", layers_swapped: "int", tokens_swapped: "int" },
    );
  }

  /** Attention of the answer's tokens, mean over heads: layer, visual, question, system. */
  async attend(): Promise<pl.DataFrame> {
    const rows = [{ input: this.#target }];
    const [{ tokens }] = await this.#model.generate(rows, { maxNewTokens: this.#maxNewTokens });
    const texts = [{ input: this.#target, tokens: [...tokens] }];
    const [{ layers, heads, generated }] = await attentionMass(this.#model, texts);
    const mean = (layer: number, target: number) => {
      if (generated === null) return null;
      let sum = 0;
      for (let head = 0; head < heads; head++) {
        sum += generated[(layer * heads + head) * TARGETS.length + target];
      }
      return sum / heads;
    };
    return tourFrame(
      Array.from({ length: layers }, (_, layer) => ({
        layer,
        ...Object.fromEntries(TARGETS.map((target, i) => [target, mean(layer, i)])),
      })),
      { layer: "int", visual: "float", question: "float", system: "float" },
    );
  }

  /** Merging: IN, RL and the paper's six splices side by side, on one question: model, response. */
  async merge(): Promise<pl.DataFrame> {
    const { sft, rl } = this.#triple.folders;
    using stack = new DisposableStack();
    const plans = new Map<string, ModelPlan>(
      Object.entries({ sft, rl }).map(([name, folder]) => [
        name,
        planOf(stack.use(Checkpoint.open(folder)), this.#run.generation),
      ]),
    );
    const numLayers = plans.get("sft")!.layers.length;
    const planned = [
      { name: "IN", plan: plans.get("sft")! },
      { name: "RL", plan: plans.get("rl")! },
      ...await Promise.all(PAPER_SPLICES.map(async ({ name, expression }) => ({
        name,
        plan: await mergedModel(planMerge(parseMergeExpression(expression), { numLayers }), plans),
      }))),
    ];
    const { kind, question } = this;
    const asked = {
      question: question.choices
        ? withChoices(question.question, question.choices)
        : question.question,
      image: await decodeImage(question.image),
    };
    const responses = new Map<string, string>();
    await using evaluator = new LocalEvaluator(
      planned.map((model) => ({ ...model, kind, identity: {} })),
      this.#run,
    );
    await evaluator.evaluate(
      planned.map(({ name }) => ({
        model: name,
        key: name,
        question: asked,
        inputType: "image_question",
      })),
      {
        maxNewTokens: this.#maxNewTokens,
        temperature: 0,
        timeoutSeconds: Infinity,
        onResponse: ({ model }, { text }) => void responses.set(model, text),
      },
    );
    return tourFrame(
      planned.map(({ name }) => ({ model: name, response: responses.get(name)! })),
      { model: "string", response: "string" },
    );
  }

  /** Releases the base model. */
  close(): Promise<void> {
    return this.#model.dispose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
