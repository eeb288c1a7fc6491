/** @module */
/** Names of the benchmarks, as published. */
export const BENCHMARK_TITLES = {
  mathvista: "MathVista",
  math500: "MATH-500",
  gsm8k: "GSM8K",
  vision_pairs: "vision pairs",
} as const;
