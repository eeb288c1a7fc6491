/**
 * Chains of additions and subtractions, the arithmetic of all the problems.
 *
 * @module
 */
import type { Random } from "./random.ts";
import { limits } from "./spec.ts";

/** One step: add or subtract `n`. */
export interface Step {
  op: "+" | "-";
  n: number;
}

/** A worked chain. */
export interface Worked {
  value: number;
  /** `3+5=8, 8-2=6.` */
  thought: string;
}

/**
 * Works a chain out, step by step.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const { value, thought } = chain(3, [{ op: "+", n: 5 }, { op: "-", n: 2 }]);
 * assertEquals([value, thought], [6, "3+5=8, 8-2=6."]);
 * ```
 */
export function chain(start: number, steps: readonly Step[]): Worked {
  let value = start;
  const lines = steps.map(({ op, n }) => {
    const before = value;
    value = op === "+" ? before + n : before - n;
    return `${before}${op}${n}=${value}`;
  });
  return { value, thought: `${lines.join(", ")}.` };
}

/** A random chain of `length` steps whose values stay between 0 and the limit. */
export function drawChain(random: Random, length: number): { start: number; steps: Step[] } {
  const start = random.integer(1, limits.operand);
  let value = start;
  const steps = Array.from({ length }, (): Step => {
    const n = random.integer(1, limits.operand);
    const fits = value + n <= limits.value;
    const op = value < n || (fits && random.chance(1, 2)) ? "+" : "-";
    value += op === "+" ? n : -n;
    return { op, n };
  });
  return { start, steps };
}

/** `12 + 7 - 5` */
export function writeChain(start: number | string, steps: readonly Step[]): string {
  return [start, ...steps.map(({ op, n }) => `${op} ${n}`)].join(" ");
}
