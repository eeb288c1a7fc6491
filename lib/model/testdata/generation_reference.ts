/**
 * Reads the tokens that training/reference/make_generation_fixtures.py wrote, for tests.
 *
 * @module
 */
import type { GenerationConfig } from "../generation_config.ts";
import { testdata } from "./reference.ts";

/** One greedy answer of transformers. */
export interface ReferenceRun {
  /** Name of a case of the reference. */
  case: string;
  generation: Partial<GenerationConfig>;
  /** Default: none stops it. */
  stop_tokens?: number[];
  /** Default: the reference's steps. */
  max_new_tokens?: number;
  /** Layer that is left out. */
  ablate?: number;
  /** Visual tokens of another image of the test data, from a layer on. */
  swap?: { from: number; image: string; text: string };
  /** Its end token included. */
  tokens: number[];
  /** Smallest lead of the chosen token's logit over the second's, after the rules. */
  lead: number;
}

/** The runs of one architecture. */
export function generationRuns(name: "tiny" | "random"): { steps: number; runs: ReferenceRun[] } {
  return JSON.parse(Deno.readTextFileSync(testdata(`reference/${name}_generation.json`)));
}
