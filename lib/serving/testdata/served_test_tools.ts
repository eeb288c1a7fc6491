/**
 * What the tests of served models share.
 *
 * @module
 */
import type { EvaluateOptions, EvaluationRequest, EvaluationResponse } from "../evaluator.ts";
import { createServedEvaluator, type ServedEvaluatorOptions } from "../served_evaluator.ts";
import type { FakeApi, FakedApi } from "./fake_api.ts";
import { TestClock } from "./test_clock.ts";

/** The key of the tests: nowhere may it show. */
export const KEY = "sk-secret/Key+0123456789abcdef";
/** Both APIs. */
export const APIS: readonly FakedApi[] = ["openai", "anthropic"];
/** A model of each. */
export const MODELS = { openai: "gpt-4o", anthropic: "claude-sonnet-4-5" } as const;

/** An environment with the key, and the fake's address where the SDKs expect it. */
export function environment({ origin }: FakeApi): (name: string) => string | undefined {
  const variables: Record<string, string> = {
    OPENAI_API_KEY: KEY + "\n",
    ANTHROPIC_API_KEY: KEY,
    OPENAI_BASE_URL: `${origin}/v1`,
    ANTHROPIC_BASE_URL: origin,
  };
  return (name) => variables[name];
}

/** An evaluator that asks the fake and does not wait. */
export function evaluatorOf(fake: FakeApi, api: FakedApi, options: ServedEvaluatorOptions = {}) {
  return createServedEvaluator(MODELS[api], {
    readVariable: environment(fake),
    ...options,
    schedule: options.schedule ?? { clock: new TestClock() },
  });
}

/** Questions of text only; the key is in the question. */
export function requestsOf(api: FakedApi, count: number): EvaluationRequest[] {
  return Array.from({ length: count }, (_, i) => ({
    model: MODELS[api],
    key: `q${i}`,
    question: { question: `Question ${i}?` },
    inputType: "question_only",
  }));
}

/** Responses by key, in the order of their arrival; a second one of a key throws. */
export class Collected extends Map<string, EvaluationResponse> {
  /** Options that collect. */
  options(options: Partial<EvaluateOptions> = {}): EvaluateOptions {
    return {
      maxNewTokens: 100,
      temperature: 0,
      timeoutSeconds: 30,
      onResponse: ({ key }, response) => {
        if (this.has(key)) throw new Error(`${key} was answered twice`);
        this.set(key, response);
      },
      ...options,
    };
  }

  /** Texts by key. */
  get texts(): Record<string, string> {
    return Object.fromEntries([...this].sort().map(([key, { text }]) => [key, text]));
  }
}
