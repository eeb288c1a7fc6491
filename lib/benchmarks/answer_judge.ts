/**
 * What is asked of a judge of answers and of a describer of images, whoever they are.
 *
 * @module
 */
import type { RgbImage } from "../model/mod.ts";

/** An answer to judge. */
export interface JudgedAnswer {
  /** Identifies it for the judge's cache. */
  key: string;
  /** With its choices. */
  question: string;
  gold: string;
  /** The answer as read out of the response. */
  response: string;
}

/** What a judge says. */
export interface JudgeVerdict {
  /** Null if it gave no verdict. */
  correct: boolean | null;
  /** Its words, as JSON; kept in the record. */
  grade: unknown;
}

/** Decides whether answers are right. */
export interface AnswerJudge {
  /** How records name it. */
  readonly model: string;
  judge(answer: JudgedAnswer, options?: { signal?: AbortSignal }): Promise<JudgeVerdict>;
}

/** Says in words what an image shows. */
export interface ImageDescriber {
  /** How records name it. */
  readonly model: string;
  /** @param options `key` identifies the image for the describer's cache. */
  describe(image: RgbImage, options: { key: string; signal?: AbortSignal }): Promise<string>;
}
