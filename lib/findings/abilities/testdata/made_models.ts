/**
 * Models that answer at once, right or wrong by a rule, for tests of what is kept of answers.
 *
 * @module
 */
import type {
  EvaluateOptions,
  EvaluationRequest,
  EvaluationResponse,
  Evaluator,
} from "../../../serving/evaluator.ts";
import { OTHER_STANDING } from "../model_standing.ts";
import type { SampledQuestion } from "../sampled_questions.ts";
import type { z } from "zod";
import type { AbilityReport } from "../report.ts";
import { runExperiment } from "../../../experiments/run_experiment.ts";
import { abilityExperiment, type abilityOptions, type AbilitySetting } from "../experiment.ts";
import type { AbilityModel } from "../model.ts";

/** A model that is made up. */
export interface MadeModel extends AbilityModel {
  evaluator: MadeEvaluator;
}

/** Answers with the right answer or with none, as `isRight` says. */
export class MadeEvaluator implements Evaluator {
  readonly models;
  /** Requests that were answered, by key. */
  readonly asked: EvaluationRequest[] = [];
  /** Answers after which it breaks down. */
  breakAfter = Infinity;
  /** Whether an answer comes too late. */
  isLate: (request: EvaluationRequest) => boolean = () => false;

  constructor(name: string) {
    this.models = [{ name, kind: "base", identity: {} }] as const;
  }

  /** A third of all answers is wrong, another third of a black image's. */
  isRight({ key, inputType }: EvaluationRequest): boolean {
    const sum = [...key].reduce((total, letter) => total + letter.charCodeAt(0), 0);
    return sum % 3 === 0 || sum % 3 === 1 && !inputType.startsWith("black");
  }

  async evaluate(
    requests: readonly EvaluationRequest[],
    { done, onResponse, signal }: EvaluateOptions,
  ): Promise<void> {
    for (const request of requests.filter(({ key }) => !done?.has(key))) {
      signal?.throwIfAborted();
      if (this.asked.length >= this.breakAfter) throw new Error("The model broke down");
      this.asked.push(request);
      await onResponse(request, this.#response(request));
    }
  }

  #response(request: EvaluationRequest): EvaluationResponse {
    const { gold } = request.question as SampledQuestion;
    const answer = this.isRight(request) ? gold : "none of these";
    const timedOut = this.isLate(request);
    const text = timedOut ? `<answer>${gold}` : `<answer>${answer}</answer>`;
    return { text, timedOut, seconds: 0.254, newTokens: 7 };
  }

  async [Symbol.asyncDispose]() {}
}

/** A made model; `weights` stands for what it is made of. */
export function madeModel(name: string, weights = "w"): MadeModel {
  return {
    name,
    label: name.toUpperCase(),
    kind: "base",
    ...OTHER_STANDING,
    identity: { weights },
    plan: null,
    evaluator: new MadeEvaluator(name),
    merge: null,
  };
}

/** How {@linkcode runAbilities} runs. */
export interface RunAbilitiesOptions
  extends z.input<typeof abilityOptions>, Partial<Omit<AbilitySetting, "groups">> {
  data?: string;
  keyed?: boolean;
  overwrite?: boolean;
}

/** The transferability experiments on made models, of the embedded data if nothing is said. */
export function runAbilities(
  output: string,
  models: readonly AbilityModel[],
  { data = "embedded", keyed, overwrite, judge, describer, reuseFrom, ...options }:
    RunAbilitiesOptions,
): Promise<AbilityReport> {
  const experiment = abilityExperiment({ groups: [models], judge, describer, reuseFrom });
  return runExperiment(experiment, { models: {}, output, data, keyed, overwrite, options });
}

/** Contents of all files in a folder that a test may compare, by path. */
export function filesIn(folder: string, part = "results"): Record<string, string> {
  const files: Record<string, string> = {};
  const walk = (path: string) => {
    for (const { name, isDirectory } of Deno.readDirSync(`${folder}/${path}`)) {
      if (isDirectory) walk(`${path}/${name}`);
      else files[`${path}/${name}`] = Deno.readTextFileSync(`${folder}/${path}/${name}`);
    }
  };
  walk(part);
  return Object.fromEntries(Object.entries(files).sort(([a], [b]) => a < b ? -1 : 1));
}
