/**
 * A vision-language model, ready to run: the input side of a checkpoint and a decoder over a list
 * of layers.
 *
 * @module
 */
import { checkKeys, type KeysOf } from "../check_keys.ts";
import { Checkpoint } from "../checkpoint/mod.ts";
import { PRECISIONS_OF } from "./backend.ts";
import { Decoder, type DecoderOptions } from "./decoder.ts";
import { visualTokensOf } from "./edits/swap_visual_tokens.ts";
import type { VisualTokens } from "./edits/types.ts";
import { forward, type ForwardOptions, type ForwardResult } from "./forward.ts";
import { generate, type Generated, type GenerateOptions } from "./generate.ts";
import { type GenerationConfig, overrideGeneration } from "./generation_config.ts";
import { type ModelPlan, planOf } from "./layer_list.ts";
import { type ModelInput, textInput } from "./model_input.ts";
import { didYouMean } from "../nearest_name.ts";
import { InputPreparer, type PrepareOptions } from "./prepare_input.ts";
import type { ChatMessage } from "./prompt.ts";
import type { QwenConfig } from "./qwen_config.ts";
import { checkInput, type RowRequest } from "./row_plan.ts";
import { checkDevice, type DeviceCheck } from "./self_check.ts";
import { type Lens, lens, type LensOptions } from "./lens.ts";

export interface OpenModelOptions extends DecoderOptions {
  /** Rules of decoding in place of those that the checkpoint's generation_config.json has. */
  generation?: Partial<GenerationConfig>;
}

const OPTIONS: KeysOf<OpenModelOptions> = {
  precision: true,
  device: true,
  threads: true,
  tokensPerCall: true,
  layerSessions: true,
  generation: true,
};
const NAMES = {
  precision: Object.values(PRECISIONS_OF).flat(),
  device: Object.keys(PRECISIONS_OF),
};

function checkOptions(options: OpenModelOptions) {
  checkKeys(options, OPTIONS, "the options of open");
  for (const name of ["precision", "device"] as const) {
    const value = options[name];
    const known: readonly string[] = NAMES[name];
    if (value === undefined || known.includes(value)) continue;
    throw new Error(`Cannot open a model with ${name} ${didYouMean(String(value), known)}`);
  }
  for (const name of ["threads", "tokensPerCall"] as const) {
    const value = options[name];
    if (value === undefined || Number.isInteger(value) && value > 0) continue;
    throw new RangeError(`Cannot open a model with ${name} ${value}: it must be 1 or more`);
  }
}

/**
 * A model that runs. Release it with `await using` or {@linkcode VisionLanguageModel.dispose}.
 *
 * @example Ask a checkpoint a question, with and without layer 3
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { zeroLayer } from "./mod.ts";
 *
 * await using model = await VisionLanguageModel.open("lib/model/testdata/random-qwen");
 * const [input] = await model.prepare([[{ role: "user", content: "Compute 3 + 4." }]]);
 * const answers = await model.generate(
 *   [{ input }, { input, edits: [zeroLayer(3)] }],
 *   { maxNewTokens: 8 },
 * );
 * assertEquals(answers.map(({ tokens }) => tokens.length), [8, 8]);
 * assertEquals(answers[1].receipts[0].layers, [3]);
 * ```
 */
export class VisionLanguageModel implements AsyncDisposable {
  readonly plan: ModelPlan;
  /** How far the device is from the host; null where the host computes. */
  readonly deviceCheck: DeviceCheck | null;
  readonly #decoder: Decoder;
  readonly #inputs: InputPreparer;

  private constructor(
    { plan, deviceCheck }: { plan: ModelPlan; deviceCheck: DeviceCheck | null },
    decoder: Decoder,
    inputs: InputPreparer,
  ) {
    this.plan = plan;
    this.deviceCheck = deviceCheck;
    this.#decoder = decoder;
    this.#inputs = inputs;
  }

  /**
   * Opens a checkpoint folder, or a plan made of several checkpoints.
   *
   * @throws {Error} if a file, a config field or a tensor is missing or wrong, or the device is not
   * there; whatever was opened before is released.
   */
  static async open(
    source: string | ModelPlan,
    options: OpenModelOptions = {},
  ): Promise<VisionLanguageModel> {
    checkOptions(options);
    const given = typeof source === "string" ? planOf(Checkpoint.open(source)) : source;
    const { generation } = options;
    const plan = generation === undefined
      ? given
      : { ...given, generation: overrideGeneration(given.generation, generation) };
    await using opened = new AsyncDisposableStack();
    const inputs = opened.use(await InputPreparer.open(plan.checkpoint, options));
    const decoder = opened.use(await Decoder.open(plan, options));
    const deviceCheck = await checkDevice(decoder, plan);
    opened.move();
    return new VisionLanguageModel({ plan, deviceCheck }, decoder, inputs);
  }

  get config(): QwenConfig {
    return this.#inputs.config;
  }

  get numLayers(): number {
    return this.plan.layers.length;
  }

  /** Bytes of K, V and hidden states that a batch may take where the model computes. */
  get batchBytes(): number {
    return this.#decoder.backend.batchBytes;
  }

  /** Encodes chats and their images; see `InputPreparer.prepare`. */
  prepare(
    chats: readonly (readonly ChatMessage[])[],
    options?: PrepareOptions,
  ): Promise<ModelInput[]> {
    return this.#inputs.prepare(chats, options);
  }

  /** Token ids of a text, without a chat template. */
  encode(text: string): number[] {
    return this.#inputs.prompts.encodeText(text);
  }

  /** Text of token ids, special tokens left out. */
  decode(tokens: ArrayLike<number>): string {
    return this.#inputs.prompts.decode(tokens);
  }

  /**
   * A text prompt of token ids as they are.
   *
   * @throws {Error} if one is not of the vocabulary, or there are none.
   */
  inputOf(ids: ArrayLike<number>): ModelInput {
    const input = textInput(ids);
    const { text: config, imageTokenId } = this.config;
    checkInput(input, { config, imageTokenId });
    return input;
  }

  /** What each layer would say: see {@linkcode lens}. */
  lens(input: ModelInput, options?: LensOptions): Promise<Lens> {
    const edits = [...this.plan.edits ?? [], ...options?.edits ?? []];
    const decode = (token: number) => this.decode([token]);
    return lens(this.#decoder, input, { ...options, edits, decode });
  }

  /** Runs prompts without generating: logits and captures; see {@linkcode forward}. */
  forward(rows: readonly RowRequest[], options?: ForwardOptions): Promise<ForwardResult[]> {
    return forward(this.#decoder, this.#edited(rows), options);
  }

  /**
   * Generates answers; stops at the checkpoint's end tokens and decodes by the rules of its
   * generation_config.json, unless told otherwise.
   */
  async generate(rows: readonly RowRequest[], options: GenerateOptions): Promise<Generated[]> {
    return await generate(this.#decoder, this.#edited(rows), {
      stopTokens: this.config.eosTokenIds,
      ...options,
      generation: overrideGeneration(this.plan.generation, options.generation),
    });
  }

  /**
   * K and V of a prompt's visual tokens in every layer: the source of a swap.
   *
   * @throws {Error} if the prompt has no image.
   */
  async captureVisualTokens(input: ModelInput): Promise<VisualTokens> {
    const [{ captured }] = await this.forward(
      [{ input, capture: { keysValues: { tokens: "image" } } }],
      { logits: "none" },
    );
    return visualTokensOf(captured);
  }

  /** Rows with the plan's edits before their own. */
  #edited(rows: readonly RowRequest[]): readonly RowRequest[] {
    const { edits = [] } = this.plan;
    if (edits.length === 0) return rows;
    return rows.map((row) => ({ ...row, edits: [...edits, ...row.edits ?? []] }));
  }

  async dispose(): Promise<void> {
    await this.#decoder[Symbol.asyncDispose]();
    await this.#inputs[Symbol.asyncDispose]();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }
}
