/**
 * What is asked of a judge of answers and of a describer of images, whoever they are.
 *
 * @module
 */
import type { RgbImage } from "../model/mod.ts";
import type { ProgressListener } from "../progress.ts";

export interface JudgedAnswer {
  /** Names it in messages. */
  key: string;
  /** With its choices. */
  question: string;
  gold: string;
  /** The answer as read out of the response. */
  response: string;
}

export interface JudgeVerdict<Grade = unknown> {
  /** Null if it gave no verdict. */
  correct: boolean | null;
  /** Its words, as JSON; kept in the record as gpt_grade. */
  grade: Grade;
}

/** Decides whether answers are right. */
export interface AnswerJudge {
  /** How records name it. */
  readonly model: string;
  judge(answer: JudgedAnswer, options?: { signal?: AbortSignal }): Promise<JudgeVerdict>;
}

/** An image among others to describe. */
export interface ImageToDescribe {
  image: RgbImage;
  /** Names the image in messages. */
  key: string;
}

export interface DescribeOptions {
  onProgress?: ProgressListener;
  signal?: AbortSignal;
}

/** Says in words what images show. */
export interface ImageDescriber {
  /** How records name it. */
  readonly model: string;
  /** What decides its descriptions. */
  readonly identity: string;
  /** @returns The descriptions, in the order of the images. */
  describe(images: readonly ImageToDescribe[], options?: DescribeOptions): Promise<string[]>;
}
