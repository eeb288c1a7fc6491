/**
 * Reasoning localization: what accuracy remains when one layer is left out.
 *
 * @module
 */
import { type AnswerGrade, gradeResponse } from "../benchmarks/grading/mod.ts";
import { type ModelKind, questionMessages } from "../benchmarks/mod.ts";
import {
  BATCH_ROWS,
  checkLayers,
  type Generated,
  type ModelInput,
  planBatches,
  type VisionLanguageModel,
  zeroLayer,
} from "../model/mod.ts";
import type { ProgressListener } from "../progress.ts";
import { ablationName, reasoningKey, type ReasoningRecord } from "./reasoning_records.ts";

/** A problem in words. */
export interface ReasoningProblem {
  id: string;
  question: string;
  /** What is right. */
  answer: string;
  /** Difficulty; null where the data state none. */
  level: number | null;
}

/** Reads the answer out of a response and says whether it is right. */
export type ReasoningGrader = (response: string, problem: ReasoningProblem) => AnswerGrade;

/** Both gradings; the original's is the stricter one of its reasoning localization. */
const gradeBothWays: ReasoningGrader = (response, { answer: gold }) =>
  gradeResponse(response, { gold, choices: null }, { strict: true });

/** Options of {@linkcode reasoningLocalization}. */
export interface ReasoningLocalizationOptions {
  /** How the model was trained to be asked. */
  kind: ModelKind;
  /** How records name the model. */
  modelName: string;
  /** Layers to leave out, one at a time, 0-based; default every layer. */
  layers?: readonly number[];
  /** Tokens of a response at most, default 2048. */
  maxNewTokens?: number;
  /** Default: sound and original rules. */
  grade?: ReasoningGrader;
  /** Answers that need not be computed again, by `reasoningKey`. */
  done?: ReadonlyMap<string, ReasoningRecord>;
  /** Receives each new answer. */
  onRecord: (record: ReasoningRecord) => void;
  /** What progress is called; default "reasoning localization". */
  label?: string;
  onProgress?: ProgressListener;
  signal?: AbortSignal;
  /** Bytes of K, V and hidden states of one batch; default what the device has room for. */
  memoryBytes?: number;
  /** Most rows of one batch. */
  maxRows?: number;
}

interface AblatedRow {
  problem: ReasoningProblem;
  input: ModelInput;
  /** -1 for the baseline. */
  layer: number;
  touch: number;
}

/** Throws unless the receipt says that exactly this layer was left out, at every token. */
function checkAblation(
  { problem, layer }: AblatedRow,
  { receipts, tokens, finish }: Generated,
): void {
  // One call for the prompt and one for each token but the last, whose successor was not asked for.
  const calls = layer < 0 ? 0 : 1 + tokens.length - (finish === "stop" ? 0 : 1);
  const left = receipts[0] ?? { calls: 0, layers: [] };
  if (left.calls === calls && left.layers.join() === (layer < 0 ? "" : String(layer))) return;
  throw new Error(
    `The ablation of layer ${layer} for problem ${problem.id} left out ${left.calls} calls of ` +
      `layer ${left.layers.join() || "none"}, not ${calls}`,
  );
}

/** One run of {@linkcode reasoningLocalization}. */
class ReasoningSweep {
  readonly #layers: readonly number[];
  readonly #total: number;
  #progressed = 0;

  constructor(
    readonly model: VisionLanguageModel,
    readonly options: ReasoningLocalizationOptions,
    problems: readonly ReasoningProblem[],
  ) {
    const layers = options.layers ?? Array.from({ length: model.numLayers }, (_, layer) => layer);
    checkLayers(layers, model.numLayers, "ablate");
    this.#layers = [-1, ...layers];
    this.#total = problems.length * this.#layers.length;
  }

  #isDone({ problem: { id }, layer }: Pick<AblatedRow, "problem" | "layer">): boolean {
    return this.options.done?.has(reasoningKey({ id, ablated_layer: layer })) ?? false;
  }

  #progress(rows: number, detail?: string) {
    const { onProgress, label = "reasoning localization" } = this.options;
    const done = this.#progressed + rows;
    onProgress?.({ label, done, total: this.#total, unit: "samples", detail });
  }

  async run(problems: readonly ReasoningProblem[]) {
    const { kind, signal, maxNewTokens = 2048, maxRows = BATCH_ROWS } = this.options;
    const { memoryBytes = this.model.batchBytes } = this.options;
    const inputs = await this.model.prepare(
      problems.map(({ question }) =>
        questionMessages({ question }, { kind, inputType: "question_only" })
      ),
      { signal },
    );
    const rows = problems.flatMap((problem, i) =>
      this.#layers.map((layer): AblatedRow => ({
        problem,
        input: inputs[i],
        layer,
        touch: layer < 0 ? this.model.numLayers : layer,
      }))
    );
    const limits = { config: this.model.config.text, maxNewTokens, memoryBytes, maxRows };
    for (const batch of planBatches(rows, limits)) {
      signal?.throwIfAborted();
      this.#progress(0);
      // A batch is computed as it was planned or not at all, so that a resumed run is the same.
      if (!batch.every((row) => this.#isDone(row))) await this.#runBatch(batch, maxNewTokens);
      this.#progressed += batch.length;
    }
    this.#progress(0);
  }

  async #runBatch(batch: AblatedRow[], maxNewTokens: number) {
    const { signal } = this.options;
    const answers = await this.model.generate(
      batch.map(({ input, layer }) => layer < 0 ? { input } : { input, edits: [zeroLayer(layer)] }),
      {
        maxNewTokens,
        signal,
        onToken: ({ rowsLeft, step }) =>
          this.#progress(batch.length - rowsLeft, `token ${step + 1}`),
      },
    );
    for (const [i, row] of batch.entries()) {
      checkAblation(row, answers[i]);
      if (!this.#isDone(row)) this.#record(row, answers[i]);
    }
  }

  #record({ problem, layer }: AblatedRow, { tokens, finish, receipts }: Generated) {
    const { grade = gradeBothWays, kind, modelName, onRecord } = this.options;
    const response = this.model.decode(tokens);
    const { predicted, correct, ...graded } = grade(response, problem);
    onRecord({
      id: problem.id,
      question: problem.question,
      gold_answer: problem.answer,
      predicted,
      correct,
      full_response: response,
      model_type: kind,
      model: modelName,
      ablation: ablationName(layer),
      ablated_layer: layer,
      level: problem.level,
      new_tokens: tokens.length,
      finished: finish === "stop",
      calls_left_out: receipts[0]?.calls ?? 0,
      ...graded,
    });
  }
}

/**
 * Answers every problem greedily with the model as it is, and without each layer in turn (attention
 * and MLP left out, residual kept). Rows of a problem, and as many problems as memory allows, are
 * one batch.
 *
 * @throws {Error} if a layer is unknown, a prompt is too long, or an ablation did not leave out
 * exactly the calls it was to leave out; records told so far stand.
 */
export async function reasoningLocalization(
  model: VisionLanguageModel,
  problems: readonly ReasoningProblem[],
  options: ReasoningLocalizationOptions,
): Promise<void> {
  if (problems.length === 0) throw new Error("Cannot localize reasoning: there are no problems");
  await new ReasoningSweep(model, options, problems).run(problems);
}
