/**
 * What every generated question has in common.
 *
 * @module
 */
import type { Scene } from "./scene.ts";

/** A question about an image, or about text alone, with its answer and how to get there. */
export interface Problem {
  task: string;
  question: string;
  answer: string;
  /** The steps to the answer, as a model may write them. */
  thought: string;
  /** Content of a text-only or described problem, apart from its wording; equal means same item. */
  expression: string;
  /** Number of steps of a chain; 1 where there is none. */
  level: number;
  /** What the image shows, in words that are enough to answer; empty without an image. */
  description: string;
  scene?: Scene;
}

/** A problem that has an image. */
export type ImageProblem = Problem & { scene: Scene };
