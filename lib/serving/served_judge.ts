/**
 * A served model that decides whether answers are right.
 *
 * @module
 */
import { join } from "node:path";
import { z } from "zod";
import type { AnswerJudge, JudgedAnswer } from "./answer_judge.ts";
import { AnswerCache, cacheKey } from "./answer_cache.ts";
import { connect, type Connection, type ConnectOptions } from "./connect.ts";
import { type AnswerInQuestion, judgePrompt, readVerdict } from "./judge_prompt.ts";
import type { RequestSignals } from "./request_schedule.ts";

/** The model that judges and describes unless another is named, as in the original. */
export const DEFAULT_SERVED_MODEL = "gpt-4o-mini";

/** Options of {@linkcode ServedJudge}, and of the describer. */
export interface ServedHelperOptions extends ConnectOptions {
  /** Default {@linkcode DEFAULT_SERVED_MODEL}. */
  model?: string;
  /** Folder of a run's caches, RUN/cache; answers are kept in a folder inside. */
  cacheFolder: string;
  /** Seconds after which an attempt is given up and repeated; default 120. */
  timeoutSeconds?: number;
}

/** A judge's verdict. */
export interface ServedVerdict {
  /** Null if its words say neither. */
  correct: boolean | null;
  /** Its words; recorded as gpt_grade. */
  grade: string;
}

/** Options of {@linkcode ServedJudge.judgeAll}. */
export interface JudgeAllOptions<T> {
  /** Receives each verdict once, one call at a time. */
  onVerdict: (answer: T, verdict: ServedVerdict) => void | Promise<void>;
  signal?: AbortSignal;
}

/** A word is enough, but reasoning models count their thoughts too. */
const VERDICT_TOKENS = 2048;

/** Verdicts that say neither are not kept. */
const keptSchema = z.object({ correct: z.boolean(), grade: z.string() });

/**
 * Judges answers by a served model, each once: verdicts are kept in RUN/cache/grading/KEY.json, KEY
 * being a hash of model, prompt, question, gold answer and response.
 *
 * @example
 * ```ts ignore
 * const judge = new ServedJudge({ cacheFolder: "results/run/cache" });
 * const { correct } = await judge.judge({ question: "3 + 4?", gold: "7", response: "seven" });
 * ```
 */
export class ServedJudge implements AnswerJudge {
  readonly model: string;
  readonly #connection: Connection;
  readonly #cache: AnswerCache<ServedVerdict>;
  readonly #timeoutSeconds: number;

  /** @throws {Error} if the key is not set, the base URL is none, or no API is known for the model. */
  constructor(options: ServedHelperOptions) {
    const { model = DEFAULT_SERVED_MODEL, cacheFolder, timeoutSeconds = 120 } = options;
    this.model = model;
    this.#connection = connect(model, options);
    this.#cache = new AnswerCache<ServedVerdict>(join(cacheFolder, "grading"), keptSchema);
    this.#timeoutSeconds = timeoutSeconds;
  }

  /**
   * Judges one answer. Words that say neither are asked for once more; if they say neither again,
   * the verdict is null and is not kept.
   *
   * @param answer Its `key`, if any, is for messages only.
   * @throws {ServedModelError} if the server refuses the request for good or all attempts failed.
   */
  async judge(
    answer: AnswerInQuestion & Partial<Pick<JudgedAnswer, "key">>,
    signals: RequestSignals = {},
  ): Promise<ServedVerdict> {
    const text = judgePrompt(answer);
    const key = cacheKey(["grading", this.model, text]);
    const { question, gold, response } = answer;
    return await this.#cache.get(key, {
      about: { model: this.model, question, gold_answer: gold, response },
      ask: async () => {
        const verdict = await this.#ask(text, answer.key, signals);
        return verdict.correct === null ? await this.#ask(text, answer.key, signals) : verdict;
      },
      keep: ({ correct }) => correct !== null,
      signal: signals.signal,
    });
  }

  /**
   * Judges answers, some at a time. The first failure ends it; verdicts until then are kept.
   *
   * @throws As {@linkcode judge}, or the signal's reason.
   */
  async judgeAll<T extends AnswerInQuestion & Partial<Pick<JudgedAnswer, "key">>>(
    answers: readonly T[],
    { onVerdict, signal }: JudgeAllOptions<T>,
  ): Promise<void> {
    const judge = (answer: T, signals: RequestSignals) => this.judge(answer, signals);
    await this.#connection.schedule.each(answers, judge, { deliver: onVerdict, signal });
  }

  async #ask(
    text: string,
    key: string | undefined,
    signals: RequestSignals,
  ): Promise<ServedVerdict> {
    const purpose = `judge ${key === undefined ? "an answer" : `answer ${JSON.stringify(key)}`}`;
    const turn = { system: null, text, png: null, maxTokens: VERDICT_TOKENS, temperature: 0 };
    const { chat, schedule } = this.#connection;
    const timeoutSeconds = this.#timeoutSeconds;
    const { text: words, refused } = await schedule.run(
      (signal) => chat.ask(turn, { purpose, timeoutSeconds, cutOff: "failure", signal }),
      signals,
    );
    return { correct: refused ? null : readVerdict(words), grade: words.trim() };
  }
}
